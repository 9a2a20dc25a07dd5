//! What is to be said of a party, before it becomes a rule: kept so that the same can be said under a second
//! code, of a party further down the chain or of our own group.

use garant_plugin_sdk::prelude::*;

/// How strong a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Allow,
    Flag,
    Refuse,
}

/// Something that holds of a party where a condition holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    pub weight: Weight,
    pub when: Cond,
    pub code: &'static str,
}

pub(crate) fn allow(code: &'static str) -> Finding {
    Finding { weight: Weight::Allow, when: Cond::always(), code }
}

pub(crate) fn flag(code: &'static str) -> Finding {
    Finding { weight: Weight::Flag, when: Cond::always(), code }
}

pub(crate) fn refuse(code: &'static str) -> Finding {
    refuse_if(Cond::always(), code)
}

pub(crate) fn refuse_if(when: Cond, code: &'static str) -> Finding {
    Finding { weight: Weight::Refuse, when, code }
}

impl Finding {
    /// The same under another code.
    pub(crate) fn also(&self, code: &'static str) -> Self {
        Self { code, ..self.clone() }
    }

    /// The rule, with what somebody has to do about it.
    pub(crate) fn into_rule(self) -> Rule {
        let rule = match self.weight {
            Weight::Allow => Rule::allow(self.when).code(self.code),
            Weight::Flag => Rule::flag(self.when).code(self.code),
            Weight::Refuse => Rule::refuse(self.when).code(self.code),
        };
        match (self.weight, self.code) {
            (Weight::Flag | Weight::Refuse, "TRF-25") => rule.alarm("third-country-order").task("art-48"),
            (Weight::Flag, "TRF-03") => rule.task("remote-access-security"),
            (Weight::Flag, "TRF-11") => rule.task("name-hosting"),
            (Weight::Flag, "TRF-12") => rule.task("fallback-tool"),
            (Weight::Flag, "TRF-21") => rule.task("check-telemetry"),
            (Weight::Flag, "TRF-29") => rule.task("sub-processor-contract"),
            _ => rule,
        }
    }
}
