//! The conditions of Art. 9(2): which one the purpose names, and for whom it holds.

use garant_plugin_sdk::prelude::*;

use crate::{SpecialCategory, has_law};

const CHANNELS: [&str; 4] = ["email", "sms", "call", "post"];

/// For whom the condition of the purpose holds.
pub(crate) enum Condition {
    /// For everybody, with the code that says why, where there is one.
    Everybody(Option<&'static str>),
    /// For nobody, and why.
    Nobody(&'static str),
    /// Where the condition holds, with what says why it does not.
    Where {
        /// Holds.
        holds: Cond,
        /// Why it holds.
        code: &'static str,
        /// Does not hold, and why; together they are everything else.
        fails: Vec<(Cond, &'static str)>,
    },
}

/// The condition that the purpose names.
pub(crate) fn of(policy: &SpecialCategory, ctx: &Context) -> Condition {
    let by_law = |code| if has_law(ctx) { Condition::Everybody(code) } else { Condition::Nobody("SPE-03") };
    match ctx.text("purpose.special_condition") {
        Some("A9-2-a") => by_consent(ctx),
        Some("A9-2-b") => by_law(Some("SPE-04")),
        Some("A9-2-c") => Condition::Everybody(Some("SPE-05")),
        Some("A9-2-e") => {
            let by_person = || fact("subject.special_source", []).eq("public_by_person");
            Condition::Where { holds: by_person(), code: "SPE-06", fails: vec![(!by_person(), "SPE-06")] }
        }
        Some("A9-2-f") => Condition::Everybody(Some("SPE-07")),
        Some("A9-2-h") => {
            let role = ctx.text("actor.role").unwrap_or_default();
            let bound = policy.secrecy_roles.iter().any(|bound| bound == role);
            if bound { Condition::Everybody(Some("SPE-08")) } else { Condition::Nobody("SPE-08") }
        }
        Some("A9-2-g" | "A9-2-i" | "A9-2-j") => by_law(None),
        // Members of a foundation (point d) cannot be told from others here; none is none.
        _ => Condition::Nobody("SPE-03"),
    }
}

/// Explicit consent to this purpose, through the channel named or through any.
fn by_consent(ctx: &Context) -> Condition {
    let key = ctx.text("purpose.key").unwrap_or_default();
    let standing = |channel: &str| fact("consent.status", [key, channel]).one_of(["given", "renewed"]);
    let explicit = |channel: &str| all([standing(channel), fact("consent.explicit", [key, channel]).is_true()]);
    let channels = ctx.text("channel").map_or_else(|| CHANNELS.to_vec(), |channel| vec![channel]);
    let standing = any(channels.iter().map(|channel| standing(channel)));
    let explicit = any(channels.iter().map(|channel| explicit(channel)));
    Condition::Where {
        holds: explicit.clone(),
        code: "SPE-02",
        fails: vec![(all([standing.clone(), !explicit]), "CNS-16"), (!standing, "SPE-03")],
    }
}

impl Condition {
    /// Where it does not hold.
    pub(crate) fn denied(&self) -> Cond {
        match self {
            Self::Everybody(_) => Cond::never(),
            Self::Nobody(_) => Cond::always(),
            Self::Where { holds, .. } => !holds.clone(),
        }
    }

    /// Where to mask, and why.
    pub(crate) fn masks(&self) -> Vec<(Cond, &'static str)> {
        match self {
            Self::Everybody(_) => vec![],
            Self::Nobody(code) => vec![(Cond::always(), code)],
            Self::Where { fails, .. } => fails.clone(),
        }
    }

    /// Why it holds, for explanations. Vital interests are noted: they are for those who cannot consent.
    pub(crate) fn allowance(&self) -> Vec<Rule> {
        match self {
            Self::Everybody(Some("SPE-05")) => {
                vec![Rule::flag(Cond::always()).code("SPE-05").task("vital-interest-review")]
            }
            Self::Everybody(Some(code)) => vec![Rule::allow(Cond::always()).code(code)],
            Self::Where { holds, code, .. } => vec![Rule::allow(holds.clone()).code(code)],
            Self::Everybody(None) | Self::Nobody(_) => vec![],
        }
    }

    pub(crate) fn always_holds(&self) -> bool {
        matches!(self, Self::Everybody(_))
    }

    pub(crate) fn never_holds(&self) -> bool {
        matches!(self, Self::Nobody(_))
    }
}
