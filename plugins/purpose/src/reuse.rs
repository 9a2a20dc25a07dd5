//! Whether data collected for one purpose may serve another (GDPR 5(1)(b), 6(4)).

use garant_plugin_sdk::prelude::*;

use crate::{Purpose, is_statistics};

const CHANNELS: [&str; 4] = ["email", "sms", "call", "post"];

/// A purpose, and what lets data collected for others serve it.
pub(crate) struct Reuse<'a> {
    key: &'a str,
    /// Whatever it was collected for, and why.
    freely: Option<&'static str>,
    assessments: Vec<Assessment>,
    consented: Cond,
}

struct Assessment {
    source: String,
    approved: bool,
    alive: Cond,
}

impl<'a> Reuse<'a> {
    /// # Errors
    /// When the host gave no register of assessments.
    pub(crate) fn new(policy: &Purpose, key: &'a str, basis: &str, ctx: &Context) -> Result<Self, String> {
        let has_law = ctx.text("purpose.law_reference").is_some_and(|law| !law.trim().is_empty());
        let duty = policy.legal_duty_reuse && matches!(basis, "A6-1-c" | "A6-1-e") && has_law;
        let freely = match (duty, is_statistics(policy, ctx)) {
            (true, _) => Some("PUR-11"),
            (false, true) => Some("PUR-06"),
            (false, false) => None,
        };
        let register = ctx.table("compatibility_assessment")?;
        let assessments = register.rows().filter_map(|row| assessment(row, key)).collect();
        Ok(Self { key, freely, assessments, consented: consented(key, ctx) })
    }

    pub(crate) fn rules(&self) -> Vec<Rule> {
        let own = collected_for().covers(self.key);
        let mut rules =
            vec![Rule::allow(own.clone()).code("PUR-01"), Rule::allow(self.consented.clone()).code("CNS-01")];
        if let Some(code) = self.freely {
            rules.push(Rule::allow(Cond::always()).code(code));
            return rules;
        }
        let compatible = any(self.assessments.iter().map(Assessment::carries));
        let denied = !any([own, self.consented.clone(), compatible.clone()]);
        let known = || !collected_for().is_null();
        let broader = literal(self.key).covers(collected_for());
        let unfinished = any(self.assessments.iter().map(|one| all([one.concerns(), !one.carries()])));
        rules.extend([
            Rule::hide(all([denied.clone(), collected_for().is_null()])).code("SYS-01"),
            Rule::hide(all([denied.clone(), known(), broader])).code("PUR-04"),
            Rule::hide(all([denied.clone(), known(), unfinished])).code("PUR-07"),
            Rule::hide(denied).code("PUR-05"),
            Rule::allow(compatible).code("PUR-07"),
        ]);
        rules
    }
}

impl Assessment {
    /// The data was collected for the assessment's source.
    fn concerns(&self) -> Cond {
        literal(self.source.as_str()).covers(collected_for())
    }

    /// And the assessment is approved and not past its review.
    fn carries(&self) -> Cond {
        if self.approved { all([self.alive.clone(), self.concerns()]) } else { Cond::never() }
    }
}

/// An assessment that leads to the purpose or one above it.
fn assessment(row: Row, key: &str) -> Option<Assessment> {
    let (source, target) = (row.text("source_purpose")?, row.text("target_purpose")?);
    if !covers(target, key) {
        return None;
    }
    Some(Assessment {
        source: source.to_owned(),
        approved: row.text("status") == Some("approved"),
        // Without a day of review nobody knows whether it still holds.
        alive: row.value("valid_until").as_date().map_or_else(Cond::never, |until| today().le(until)),
    })
}

fn collected_for() -> Term {
    fact("subject.collected_for", [])
}

/// Consent of the person to this very purpose; what it is worth is another policy's business.
pub(crate) fn consented(key: &str, ctx: &Context) -> Cond {
    on_some_channel(ctx, |channel| fact("consent.status", [key, channel]).one_of(["given", "renewed"]))
}

/// Through the channel named, or through any.
pub(crate) fn on_some_channel(ctx: &Context, cond: impl Fn(&str) -> Cond) -> Cond {
    match ctx.text("channel") {
        Some(channel) => cond(channel),
        None => any(CHANNELS.map(cond)),
    }
}
