//! The tool on which a transfer relies: safeguards of Art. 46 with their assessment and measures, or a
//! derogation of Art. 49.

use garant_plugin_sdk::prelude::*;

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

/// Art. 46, as the register of recipients has it. What is not on file is taken for the worse.
pub(crate) struct Safeguards {
    clauses: bool,
    module: Option<String>,
    complete: bool,
    /// The transfer impact assessment leaves the tool effective.
    pub positive: bool,
    review_at: Option<Date>,
    /// The recipient needs no clear text and holds no key.
    pub ciphertext: bool,
}

/// The mechanism of the recipient of the request.
pub(crate) fn mechanism(ctx: &Context) -> Mechanism {
    let name = ctx.text("recipient.mechanism").unwrap_or("none");
    match name {
        "scc" | "bcr" => Mechanism::Safeguards(Safeguards {
            clauses: name == "scc",
            module: ctx.text("recipient.mechanism_module").map(str::to_owned),
            complete: ctx.flag("recipient.mechanism_complete") == Some(true),
            positive: ctx.text("recipient.assessment") == Some("positive"),
            review_at: ctx.date("recipient.assessment_review_at"),
            ciphertext: ctx.flag("recipient.plaintext_needed") == Some(false)
                && matches!(ctx.text("recipient.key_holder"), Some("customer" | "eu_third_party")),
        }),
        "derogation_a" | "derogation_b" | "derogation_c" | "derogation_e" => Mechanism::Derogation {
            occasional: ctx.flag("recipient.occasional") == Some(true),
            by_consent: name == "derogation_a",
        },
        _ => Mechanism::None,
    }
}

/// The last day on which the sets of clauses of 2001, 2004 and 2010 could be relied on ((EU) 2021/914, 4).
const OLD_CLAUSES_UNTIL: Date = Date::ymd(2022, 12, 27);

impl Safeguards {
    /// What is wrong with the tool itself, and an assessment past its review.
    pub(crate) fn defects(&self, role: &str) -> Vec<Rule> {
        let mut rules = vec![];
        if !self.complete {
            rules.push(Rule::refuse(Cond::always()).code("TRF-19"));
        }
        if self.clauses {
            rules.push(Rule::refuse(self.wrong_module(role)).code("TRF-19"));
        }
        if self.positive {
            let stale = self.review_at.map_or_else(Cond::always, |review_at| today().gt(review_at));
            rules.push(Rule::refuse(stale).code("TRF-20"));
        }
        rules
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
