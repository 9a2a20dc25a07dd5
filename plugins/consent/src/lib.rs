//! Consent and the rules of channels (GDPR 6(1)(a), 7, 21(3); Directive 2002/58/EC 13).
//!
//! One positive condition decides: a person is shown where consent stands, or where the law of the
//! channel asks for none. Everything else is absent, and narrower rules beside it name the special
//! reasons. What stands here is law read off facts; how events become facts is the host's business.

mod channel;
mod child;
mod evidence;
mod hours;
mod manifest;
mod reasons;

use garant_plugin_sdk::prelude::*;

use channel::{Channel, Exemption};
use child::Children;
use evidence::{Covering, Evidence};

/// The settings, which are the policy.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Consent {
    /// Months after which a consent is no longer relied on, where the purpose sets none.
    validity_months: Option<i32>,
    /// Whether wording, time and notice version must be on file.
    require_proof: bool,
    /// Whether the exception for own customers and similar products is used.
    soft_opt_in: bool,
    /// Purposes, with all below them, whose offers are for similar products.
    soft_opt_in_purposes: Vec<String>,
    /// Purposes whose offers are related to the job of professionals, who were informed.
    professional_purposes: Vec<String>,
    /// Purposes whose offers are related to the object of a running contract.
    current_contract_purposes: Vec<String>,
    /// Whether opt-out lists that are kept elsewhere (Bloctel) are checked before each campaign.
    opt_out_lists_checked: bool,
    /// Whether presumed consent is relied on where the law knows it.
    presumed_consent: bool,
    /// Purposes whose consent people mistake for that of another one.
    other_purposes: Vec<String>,
}

impl Default for Consent {
    fn default() -> Self {
        let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        Self {
            validity_months: None,
            require_proof: true,
            soft_opt_in: false,
            soft_opt_in_purposes: owned(&["marketing"]),
            professional_purposes: vec![],
            current_contract_purposes: vec![],
            opt_out_lists_checked: false,
            presumed_consent: false,
            other_purposes: owned(&["newsletter", "marketing"]),
        }
    }
}

impl Policy for Consent {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn plan(&self, ctx: &Context) -> Result<Plan, String> {
        // Only what reaches a person is refused to be written (the host judges it by the purpose and channel
        // that it carries), and what somebody who was erased is said to have agreed to before.
        match (ctx.hook, ctx.entity.as_str()) {
            (Hook::Write, "activity") | (Hook::Read | Hook::Transfer | Hook::Retention, _) => {}
            (Hook::Write, "consent_event") => return Ok(Plan::new().rule(erased_since())),
            (Hook::Write, _) => return Ok(Plan::new()),
        }
        let Some(purpose) = ctx.text("purpose.key") else {
            if ctx.hook == Hook::Write {
                return Ok(Plan::new().rule(Rule::reject(outgoing(), row()).code("CNS-02")));
            }
            // The host asks for a purpose wherever people are concerned; without one nothing is consented to.
            return Ok(Plan::new().rule(Rule::hide(Cond::always()).code("CNS-02")));
        };
        let on_consent = !matches!(ctx.text("purpose.legal_basis"), Some(basis) if basis != "A6-1-a");
        // Unknown counts as marketing: that is the stricter reading.
        let marketing = ctx.flag("purpose.direct_marketing") != Some(false);
        if !on_consent && !marketing {
            return Ok(Plan::new().rule(Rule::allow(Cond::always()).code("CNS-20")));
        }
        let covering = Covering::of(purpose, ctx)?;
        let request = Request { policy: self, ctx, purpose, on_consent, marketing, covering };
        request.plan()
    }
}

/// A request for a purpose that this policy governs.
struct Request<'a> {
    policy: &'a Consent,
    ctx: &'a Context,
    purpose: &'a str,
    on_consent: bool,
    marketing: bool,
    /// The registered notices that cover the purpose.
    covering: Option<Covering>,
}

impl Request<'_> {
    fn plan(&self) -> Result<Plan, String> {
        let named = self.ctx.text("channel");
        let names = named.map_or_else(|| vec!["email", "sms", "call", "post"], |name| vec![name]);
        let channels = names.into_iter().map(|name| self.channel(name)).collect::<Result<Vec<_>, _>>()?;
        let denied = all(channels.iter().map(Channel::denied));
        let evidence: Vec<&Evidence> = channels.iter().map(|one| &one.evidence).collect();
        let children = if self.on_consent && self.ctx.flag("purpose.online_service") != Some(false) {
            Some(Children::of(self.ctx)?)
        } else {
            None
        };
        let alone = children.as_ref().map_or_else(Cond::never, |children| children.alone(&evidence));
        let mut denials = vec![(fact("objection.active", [self.purpose]).is_true(), "CNS-19")];
        denials.extend(self.special_reasons(&channels, &denied));
        denials.push((alone.clone(), "CNS-14"));
        // The rule that decides. It comes last, so that a special reason is named before it.
        denials.push((denied, if self.on_consent { "CNS-02" } else { "CNS-09" }));
        if self.ctx.hook == Hook::Write {
            // A person who may not be reached is not called or written to.
            if self.marketing {
                denials.insert(0, (hours::forbidden(self.ctx)?, "CNS-26"));
            }
            let reject = |(cond, code): (Cond, &str)| Rule::reject(all([outgoing(), cond]), row()).code(code);
            return Ok(Plan::new().rules(denials.into_iter().map(reject)));
        }
        let mut plan = Plan::new()
            .rules(denials.into_iter().map(|(cond, code)| Rule::hide(cond).code(code)))
            .rule(Rule::mask(!any(channels.iter().map(|one| one.evidence.explicit())), special("art9")).code("CNS-16"))
            .rules(self.masks(named)?)
            .rules(self.allowances(&channels, &alone))
            .rule(Rule::flag(all([employee(), any(evidence.iter().map(|one| one.valid()))])).code("CNS-13"));
        if let Some(children) = &children {
            plan = plan.rule(Rule::flag(children.unruled()).code("CNS-14").task("add-child-age"));
        }
        if let (Some(channel), [only]) = (named, channels.as_slice()) {
            plan = plan.rules(self.flags(channel, only));
        }
        Ok(plan)
    }

    fn channel(&self, name: &str) -> Result<Channel, String> {
        let evidence = Evidence::new(self.purpose, name, self.covering.as_ref(), self.policy, self.ctx);
        let (exemptions, unruled, strangers) = if self.marketing {
            channel::exemptions(name, self.purpose, self.policy, self.ctx)?
        } else {
            (vec![], Cond::never(), Cond::never())
        };
        Ok(Channel::new(evidence, exemptions, unruled, strangers))
    }

    /// Rules narrower than the one that decides, each with what is the case in particular.
    fn special_reasons(&self, channels: &[Channel], denied: &Cond) -> Vec<(Cond, &'static str)> {
        let on_some = |code: &'static str, cond: &dyn Fn(&Evidence) -> Cond| {
            let certain = |one: &Channel| all([!one.evidence.status().is_null(), cond(&one.evidence)]);
            (all([denied.clone(), any(channels.iter().map(certain))]), code)
        };
        let mut rules = vec![
            on_some("CNS-05", &|evidence| evidence.is(["withdrawn"])),
            on_some("CNS-04", &|evidence| evidence.is(["refused"])),
            on_some("CNS-03", &Evidence::pending),
            on_some("CNS-07", &Evidence::past_validity),
            on_some("CNS-12", &Evidence::ambiguous),
            on_some("CNS-11", &Evidence::unproven),
            on_some("CNS-13", &Evidence::conditional),
            on_some("CNS-15", &Evidence::stale),
        ];
        let unknown = any(channels.iter().map(|one| one.evidence.unknown()));
        rules.push((all([denied.clone(), unknown]), "CNS-23"));
        let nothing = all(channels.iter().map(|one| one.evidence.nothing()));
        let elsewhere = any(self.policy.other_purposes.iter().flat_map(|other| {
            let standing = |one: &Channel| one.evidence.standing_for(other);
            let related = covers(other, self.purpose);
            channels.iter().filter(move |_| !related).map(standing).collect::<Vec<_>>()
        }));
        rules.push((all([denied.clone(), nothing.clone(), elsewhere]), "CNS-08"));
        let strangers = any(channels.iter().map(|one| all([one.evidence.nothing(), one.strangers.clone()])));
        rules.push((all([denied.clone(), strangers]), "CNS-18"));
        if let (true, [only]) = (self.on_consent, channels) {
            rules.push((all([denied.clone(), nothing, only.evidence.on_other_channel()]), "CNS-09"));
        }
        rules
    }

    /// Fields that a channel needs, each by its own, unless the channel is the one named: then the
    /// row itself is absent.
    fn masks(&self, named: Option<&str>) -> Result<Vec<Rule>, String> {
        let mut masks = vec![];
        for (field, channels) in [("email", vec!["email"]), ("phone", vec!["sms", "call"]), ("post", vec!["post"])] {
            if named.is_some_and(|named| channels.contains(&named)) {
                continue;
            }
            let channels = channels.into_iter().map(|name| self.channel(name)).collect::<Result<Vec<_>, _>>()?;
            masks.push(Rule::mask(all(channels.iter().map(Channel::denied)), channel(field)).code("CNS-09"));
        }
        Ok(masks)
    }

    /// Why a person is shown, for explanations.
    fn allowances(&self, channels: &[Channel], alone: &Cond) -> Vec<Rule> {
        let valid = any(channels.iter().map(|one| one.evidence.valid()));
        // Asked about the past, it is told that the answer is of then.
        let code = if self.ctx.flag("request.of_past") == Some(true) { "CNS-06" } else { "CNS-01" };
        let mut rules = vec![Rule::allow(all([valid, !alone.clone()])).code(code)];
        for channel in channels {
            let exempt = |Exemption { code, when, .. }: &Exemption| {
                Rule::allow(all([when.clone(), !channel.evidence.opposed()])).code(code)
            };
            rules.extend(channel.exemptions.iter().map(exempt));
        }
        rules
    }

    /// Where the table of channels knows no rule, the strictest one holds and it is noted; so is an
    /// opt-out list that is kept outside.
    fn flags(&self, name: &str, channel: &Channel) -> Vec<Rule> {
        let mut flags = vec![];
        if self.marketing {
            flags.push(Rule::flag(channel.unruled.clone()).code("CNS-09").task("add-channel-rule"));
        }
        for exemption in channel.exemptions.iter().filter(|exemption| exemption.list) {
            flags.push(Rule::flag(exemption.when.clone()).code("CNS-09").task(&format!("check-opt-out-list-{name}")));
        }
        flags
    }
}

/// Somebody who depends on us. A flag is for what is known, so unknown is not enough.
fn employee() -> Cond {
    let kind = || fact("subject.kind", []);
    all([!kind().is_null(), kind().eq("employee")])
}

/// After an erasure nothing comes back that was agreed to before it or at the same instant; the person's own
/// later consent does, and a withdrawal or an objection always.
fn erased_since() -> Rule {
    let erased = || fact("subject.erased_at", []);
    let agreed = field("state").one_of(["requested", "given", "renewed", "confirmed", "objection_lifted"]);
    let earlier = any([field("happened_at").is_null(), field("happened_at").le(erased())]);
    Rule::reject(all([!erased().is_null(), agreed, earlier]), row()).code("CNS-22")
}

/// An activity that reaches the person.
fn outgoing() -> Cond {
    let outbound = all([!field("direction").is_null(), field("direction").eq("outbound")]);
    all([outbound, !field("kind").is_null(), field("kind").one_of(["call", "email", "campaign"])])
}

export_policy!(Consent);
