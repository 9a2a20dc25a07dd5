//! Reach of foreign law (GDPR 24, 28, 32, 48).
//!
//! Not whether data goes abroad, but who in the chain of those who process it, up to the ultimate
//! parent, can be ordered to hand it over, wherever it lies, and whether they could read it. The host
//! resolves the chain as of the request; here each member gets a level, and the highest decides. Our
//! own hosting is judged like a recipient, also where our own people read.

mod chain;
mod decide;
mod law;
mod manifest;
mod member;
mod reasons;

use garant_plugin_sdk::prelude::*;

use decide::Decision;
use law::Laws;

/// The settings, which are the policy.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CloudAct {
    /// Highest level allowed for ordinary data.
    ordinary_allowed: Level,
    /// Highest level allowed for sensitive data.
    sensitive_allowed: Level,
    /// Categories that are sensitive besides special categories, offences and national ids.
    sensitive_categories: Vec<String>,
    /// One holder outside the Union above this is flagged.
    holder_percent: i64,
    /// All holders outside the Union together above this are flagged.
    holders_percent: i64,
    /// A holder outside the Union above this controls.
    majority_percent: i64,
    /// Months after which a check of the owners is stale.
    check_months: i32,
    /// Days for which a change of owners is flagged; 0: it is not.
    change_days: i32,
}

impl Default for CloudAct {
    fn default() -> Self {
        Self {
            ordinary_allowed: Level::Control,
            sensitive_allowed: Level::Indirect,
            sensitive_categories: ["user.health_and_medical", "user.biometric"].map(str::to_owned).to_vec(),
            holder_percent: 24,
            holders_percent: 39,
            majority_percent: 50,
            check_months: 12,
            change_days: 90,
        }
    }
}

/// How far a foreign law reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    /// Nobody is reached.
    None,
    /// Somebody is reached who does not hold the data: sales abroad, a branch without access.
    Indirect,
    /// Whoever holds the data is controlled by somebody who is reached.
    Control,
    /// Whoever holds the data is reached itself.
    Direct,
}

impl Policy for CloudAct {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = vec![];
        if self.sensitive_allowed > self.ordinary_allowed {
            let hint = "allow sensitive data at most what ordinary data is allowed";
            problems.push(Problem::new(
                "/sensitive_allowed",
                "sensitive data is allowed more than ordinary data",
                hint,
            ));
        }
        if self.majority_percent < self.holder_percent {
            let hint = "a majority is at least the share of one holder that is flagged";
            problems.push(Problem::new("/majority_percent", "the majority is below the share that is flagged", hint));
        }
        problems
    }

    fn plan(&self, ctx: &Context) -> Result<Plan, String> {
        let laws = Laws::of(ctx)?;
        let mut decision = Decision::new(self);
        for member in chain::members(ctx.table("recipient_chain")?, &judged(ctx)) {
            decision.add(member::judge(self, &laws, &member));
        }
        Ok(decision.plan(is_anonymous(ctx)))
    }
}

/// Whose chains are judged: our own hosting always, and the recipient of a transfer. People may have
/// their own data, our own people are no processor, and for authorities other law holds.
fn judged(ctx: &Context) -> Vec<&'static str> {
    let outside = !matches!(ctx.text("recipient.role"), Some("data_subject" | "same_controller" | "authority"));
    let disclosed = ctx.hook == Hook::Transfer && ctx.flag("recipient.present") != Some(false) && outside;
    if disclosed { vec!["hosting", "recipient"] } else { vec!["hosting"] }
}

/// Whether the purpose needs no field about a person, so that what is left once those are masked is
/// anonymous.
fn is_anonymous(ctx: &Context) -> bool {
    let needed = ctx.text("purpose.needed_categories");
    needed.is_some_and(|needed| !needed.split_whitespace().any(|key| covers("user", key)))
}

export_policy!(CloudAct);
