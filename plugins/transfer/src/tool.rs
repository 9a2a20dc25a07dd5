//! The tool that a flow stands on: standard clauses, binding rules, or an occasion of Art. 49.

use garant_plugin_sdk::prelude::*;

use crate::{Transfer, allow, refuse};

/// The rules of the registered mechanism; `None` when there is none.
pub(crate) fn rules(policy: &Transfer, ctx: &Context) -> Option<Vec<Rule>> {
    match ctx.text("recipient.mechanism")? {
        "scc" if !module_fits(ctx) => Some(refuse("TRF-19")),
        "scc" | "bcr" if ctx.flag("recipient.mechanism_complete") != Some(true) => Some(refuse("TRF-19")),
        "scc" | "bcr" => Some(measures(policy, ctx)),
        "derogation_a" | "derogation_b" | "derogation_c" | "derogation_e" => Some(derogation(policy, ctx)),
        _ => None,
    }
}

/// Whether the module of the clauses (EU) 2021/914 is the one for the recipient's role: 1 between
/// controllers, 2 to a processor, 3 from processor to processor.
fn module_fits(ctx: &Context) -> bool {
    let module = ctx.text("recipient.mechanism_module").unwrap_or_default();
    match ctx.text("recipient.role") {
        Some("controller" | "joint_controller") => module == "1",
        Some("processor") => module == "2",
        Some("sub_processor") => module == "2" || module == "3",
        _ => false,
    }
}

/// Supplementary measures (EDPB 01/2020): a tool stands only on an assessment that is positive and not
/// past its review, and is beyond doubt where the importer holds ciphertext without keys.
fn measures(policy: &Transfer, ctx: &Context) -> Vec<Rule> {
    if ctx.text("recipient.assessment") != Some("positive") {
        return refuse("TRF-17");
    }
    let stale = match ctx.date("recipient.assessment_review_at") {
        Some(review) => literal(review).lt(today()),
        None => Cond::always(),
    };
    let mut rules = vec![Rule::refuse(stale).code("TRF-20")];
    let keys_in_eu = matches!(ctx.text("recipient.key_holder"), Some("customer" | "eu_third_party"));
    let ciphertext_only = keys_in_eu && ctx.flag("recipient.plaintext_needed") == Some(false);
    if ciphertext_only {
        rules.extend(allow("TRF-15"));
    } else if policy.accept_positive_assessment {
        rules.push(Rule::flag(Cond::always()).code("TRF-17"));
    } else {
        rules.extend(refuse("TRF-17"));
    }
    rules
}

/// Art. 49 is an exception, not a regime (EDPB 2/2018).
fn derogation(policy: &Transfer, ctx: &Context) -> Vec<Rule> {
    let occasional = ctx.flag("recipient.occasional") == Some(true);
    if occasional && policy.accept_derogations { allow("TRF-23") } else { refuse("TRF-22") }
}
