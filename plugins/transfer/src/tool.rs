//! The tool on which a transfer relies: safeguards of Art. 46 with their assessment and measures, or a
//! derogation of Art. 49.

use garant_plugin_sdk::prelude::*;

use crate::finding::{Finding, refuse, refuse_if};
use crate::party::Party;

/// On what a transfer relies.
pub(crate) enum Mechanism {
    /// Standard clauses or binding corporate rules.
    Safeguards(Safeguards),
    /// Art. 49(1).
    Derogation {
        /// Not repeated as a regime.
        occasional: bool,
        /// By explicit consent, point (a).
        by_consent: bool,
    },
    /// Nothing that would do here.
    None,
}

/// What the transfer impact assessment came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assessment {
    /// There is none.
    Missing,
    /// The law of the country defeats the tool, unless a measure keeps the data out of its reach.
    Negative,
    /// The tool is effective.
    Positive,
}

/// Art. 46, as the register has it. What is not on file is taken for the worse.
pub(crate) struct Safeguards {
    clauses: bool,
    module: Option<String>,
    complete: bool,
    review_at: Option<Date>,
    pub assessment: Assessment,
}

/// The mechanism for a party.
pub(crate) fn mechanism(party: &Party) -> Mechanism {
    let source = party.source;
    let name = source.text("mechanism").unwrap_or("none");
    match name {
        "scc" | "bcr" => Mechanism::Safeguards(Safeguards {
            clauses: name == "scc",
            module: source.text("mechanism_module").map(str::to_owned),
            complete: source.flag("mechanism_complete") == Some(true),
            review_at: source.date("assessment_review_at"),
            assessment: match source.text("assessment") {
                Some("positive") => Assessment::Positive,
                Some("negative") => Assessment::Negative,
                _ => Assessment::Missing,
            },
        }),
        "derogation_a" | "derogation_b" | "derogation_c" | "derogation_e" => Mechanism::Derogation {
            occasional: source.flag("occasional") == Some(true),
            by_consent: name == "derogation_a",
        },
        _ => Mechanism::None,
    }
}

/// The last day on which the sets of clauses of 2001, 2004 and 2010 could be relied on ((EU) 2021/914, 4).
const OLD_CLAUSES_UNTIL: Date = Date::ymd(2022, 12, 27);

impl Safeguards {
    /// What is wrong with the tool itself.
    pub(crate) fn defects(&self, role: &str) -> Vec<Finding> {
        let mut found = vec![];
        if !self.complete {
            found.push(refuse("TRF-19"));
        }
        if self.clauses {
            found.push(refuse_if(self.wrong_module(role), "TRF-19"));
        }
        found
    }

    /// Past the review of its assessment.
    pub(crate) fn stale(&self) -> Cond {
        self.review_at.map_or_else(Cond::always, |review_at| today().gt(review_at))
    }

    /// Whether the module of the clauses (EU) 2021/914 is one for the role: 1 between controllers, 2 to
    /// a processor, 3 from processor to processor.
    fn wrong_module(&self, role: &str) -> Cond {
        let module = self.module.as_deref().unwrap_or_default();
        if ["2001/497", "2004/915", "2010/87"].iter().any(|old| module.contains(old)) {
            return today().gt(OLD_CLAUSES_UNTIL);
        }
        let right: &[&str] = match role {
            "controller" | "joint_controller" => &["1"],
            "processor" => &["2"],
            "sub_processor" => &["2", "3"],
            _ => &[],
        };
        let lower = module.to_lowercase();
        let number = lower.trim().trim_start_matches("module").trim_start_matches('m').trim();
        if right.contains(&number) { Cond::never() } else { Cond::always() }
    }
}
