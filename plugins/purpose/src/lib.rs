//! Purpose limitation (GDPR 5(1)(b), 5(1)(c), 6(4), 26, 28, 30).
//!
//! Who may act for the purpose and for whom is known from the request, so it is allowed or refused as
//! a whole. Whether a person's data may serve the purpose depends on what it was collected for: the
//! purpose itself or one above it, a purpose from which an approved assessment leads here, fresh
//! consent, or a duty by law. What is mapped to nothing is refused.

mod admission;
mod manifest;
mod reasons;
mod reuse;

use garant_plugin_sdk::prelude::*;

use reuse::Reuse;

/// The settings, which are the policy.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Purpose {
    /// Whether a purpose under legitimate interest needs a balancing test that was passed.
    balancing_test_required: bool,
    /// Whether a duty by law lets data be used whatever it was collected for.
    legal_duty_reuse: bool,
    /// Whether statistics with the safeguards of Art. 89 count as compatible.
    statistics_reuse: bool,
}

impl Default for Purpose {
    fn default() -> Self {
        Self { balancing_test_required: true, legal_duty_reuse: true, statistics_reuse: true }
    }
}

impl Policy for Purpose {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn plan(&self, ctx: &Context) -> Result<Plan, String> {
        let Some(key) = ctx.text("purpose.key") else {
            // The host asks for a purpose wherever people are concerned; without one there is nothing to serve.
            return Ok(Plan::new().rule(Rule::hide(Cond::always()).code("PUR-02")));
        };
        let Some(basis) = ctx.text("purpose.legal_basis") else {
            return Ok(Plan::new().rule(refuse("PUR-03")));
        };
        Ok(Plan::new()
            .rules(admission::purpose(self, basis, ctx))
            .rules(admission::recipient(key, ctx))
            .rules(automated(key, ctx))
            .rules(objected(key, basis, ctx))
            .rules(Reuse::new(self, key, basis, ctx)?.rules())
            .rule(minimised(ctx))
            .rules(statistics(self, ctx)))
    }
}

/// Only what the purpose needs is shown; where that was never said, no personal field is.
fn minimised(ctx: &Context) -> Rule {
    let Some(needed) = ctx.text("purpose.needed_categories") else {
        return Rule::mask(Cond::always(), personal()).code("SYS-01");
    };
    // Categories are `user` and below, or `system` and below: the rest of both is what is not needed.
    let wanted = needed.split_whitespace().fold(category("system"), |wanted, key| wanted | category(key));
    Rule::mask(Cond::always(), !wanted).code("PUR-08")
}

/// Statistics need nobody's name.
fn statistics(policy: &Purpose, ctx: &Context) -> Option<Rule> {
    is_statistics(policy, ctx).then(|| Rule::mask(Cond::always(), direct_identifiers()).code("PUR-06"))
}

fn is_statistics(policy: &Purpose, ctx: &Context) -> bool {
    let set = |key| ctx.flag(key) == Some(true);
    policy.statistics_reuse && set("purpose.statistics") && set("purpose.safeguards")
}

/// Decisions by machine alone (Art. 22): a ground is needed, and another for special categories.
fn automated(key: &str, ctx: &Context) -> Vec<Rule> {
    if ctx.flag("purpose.automated_decision") == Some(false) {
        return vec![];
    }
    let explicit = reuse::on_some_channel(ctx, |channel| fact("consent.explicit", [key, channel]).is_true());
    let condition = ctx.text("purpose.special_condition");
    let mut rules = vec![match ctx.text("purpose.automated_ground") {
        Some("contract" | "law") => Rule::flag(Cond::always()).code("PUR-15").task("human-intervention"),
        Some("consent") => Rule::hide(!all([reuse::consented(key, ctx), explicit.clone()])).code("PUR-15"),
        _ => refuse("PUR-15"),
    }];
    rules.push(match condition {
        Some("A9-2-g") => Rule::allow(Cond::always()).code("PUR-15"),
        Some("A9-2-a") => Rule::mask(!explicit, special("art9")).code("PUR-15"),
        _ => Rule::mask(Cond::always(), special("art9")).code("PUR-15"),
    });
    rules
}

/// An objection under Art. 21(1) stops a purpose under public or legitimate interest until compelling
/// grounds are on file, and direct marketing whatever is on file.
fn objected(key: &str, basis: &str, ctx: &Context) -> Option<Rule> {
    let active = fact("objection.active", [key]).is_true();
    // Unknown counts as marketing: that is the stricter reading.
    if ctx.flag("purpose.direct_marketing") != Some(false) {
        return Some(Rule::hide(active).code("PUR-13"));
    }
    let pending = all([active, !fact("objection.overridden", [key])]);
    matches!(basis, "A6-1-e" | "A6-1-f").then(|| Rule::hide(pending).code("PUR-13"))
}

pub(crate) fn refuse(code: &str) -> Rule {
    Rule::refuse(Cond::always()).code(code)
}

export_policy!(Purpose);
