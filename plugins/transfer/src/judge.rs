//! What is to be said of one party: is there a contract, is it a transfer at all, what carries it.

use garant_plugin_sdk::prelude::*;

use crate::Transfer;
use crate::finding::{Finding, Weight, allow, flag, refuse, refuse_if};
use crate::party::Party;
use crate::place::{Place, Places};
use crate::tool::{self, Assessment, Mechanism, Safeguards};

/// The findings on a party, and rules that no finding says.
#[derive(Default)]
pub(crate) struct Judgement {
    pub findings: Vec<Finding>,
    /// Rules that look at the people, or mask fields.
    pub rules: Vec<Rule>,
}

/// Judges a party.
pub(crate) fn judge(policy: &Transfer, places: Places<'_>, party: &Party<'_>) -> Judgement {
    let mut found = Judgement::default();
    if let Some(sends_home) = party.licence() {
        // Whoever only licenses holds nothing, but for what the software sends home.
        found.findings.extend(sends_home.then(|| flag("TRF-21")));
        return found;
    }
    if party.only_carries() {
        found.findings.push(allow("TRF-27"));
        return found;
    }
    found.findings.extend(contract(party));
    let mut transferred = false;
    for country in &party.countries {
        let place = places.place(country, party.source);
        transferred |= !matches!(place, Place::Union);
        disclosure(policy, party, &place, &mut found);
    }
    if party.countries.is_empty() {
        transferred = true;
        disclosure(policy, party, &Place::Unknown, &mut found);
    }
    if party.onward {
        // Beside what is wrong stands that it is wrong further down.
        let refused = found.findings.iter().filter(|one| one.weight == Weight::Refuse);
        let onward: Vec<Finding> = refused.map(|one| one.also("TRF-21")).collect();
        found.findings.extend(onward);
    }
    if transferred && party.group {
        let told: Vec<Finding> = found.findings.iter().map(|one| one.also("TRF-06")).collect();
        found.findings.extend(told);
    }
    found
}

/// A processor works under a contract that is alive (Art. 28(3)), inside the EEA too. Whose contract it is
/// further down, the processor must know (28(4)); we refuse where we know that it has ended.
fn contract(party: &Party<'_>) -> Option<Finding> {
    if !party.is_processor() {
        return None;
    }
    Some(match party.source.date("contract_until") {
        Some(last) => refuse_if(today().gt(last), "TRF-29"),
        None if party.onward => flag("TRF-29"),
        None => refuse("TRF-29"),
    })
}

fn disclosure(policy: &Transfer, party: &Party<'_>, place: &Place<'_>, found: &mut Judgement) {
    let findings = match (party.role, place) {
        // People may have their own data wherever they are: nobody else imports it.
        ("data_subject", _) => vec![allow("TRF-05")],
        ("same_controller", Place::Union) => vec![allow("TRF-03")],
        // An employee on a trip is no importer (EDPB 05/2021), but security stays due.
        ("same_controller", _) => vec![allow("TRF-03"), flag("TRF-03")],
        (_, Place::Union) => vec![allow("TRF-01")],
        // An agreement that counsel put on file carries the order, and counsel still looks at it.
        ("authority", _) if party.source.text("agreement").is_some() => vec![flag("TRF-25")],
        ("authority", _) => vec![refuse("TRF-25")],
        (_, Place::Unknown) => vec![refuse("TRF-11")],
        (_, Place::Adequate { until_known_date: true }) => vec![allow("TRF-07"), allow("TRF-09")],
        (_, Place::Adequate { .. }) => vec![allow("TRF-07")],
        (_, Place::AdequateInScope) => vec![allow("TRF-07"), allow("TRF-08")],
        (_, Place::Framework) => vec![allow("TRF-12"), flag("TRF-12")],
        (_, Place::Third { country, why }) => return third_country(policy, party, country, why, found),
    };
    found.findings.extend(findings);
}

/// `why` is the code of what keeps adequacy from helping.
fn third_country(policy: &Transfer, party: &Party<'_>, country: &str, why: &'static str, found: &mut Judgement) {
    match tool::mechanism(party) {
        Mechanism::Safeguards(safeguards) => safeguarded(policy, party, &safeguards, country, found),
        Mechanism::Derogation { occasional, .. } if !occasional || !policy.accept_derogations => {
            found.findings.push(refuse("TRF-22"));
        }
        Mechanism::Derogation { by_consent, .. } => {
            // A subscriber is told whenever something changes: that is a regime, whatever the register says.
            let kind = || context("ctx.transfer.kind");
            found.findings.push(refuse_if(all([!kind().is_null(), kind().eq("webhook")]), "TRF-22"));
            if by_consent {
                found.rules.push(Rule::hide(!policy.consented()).code("TRF-04"));
                found.rules.push(Rule::allow(policy.consented()).code("TRF-23"));
            } else {
                found.findings.push(allow("TRF-23"));
            }
        }
        // Where no decision was ever taken a processor lacks a tool, and anybody else a ground.
        Mechanism::None if why == "TRF-11" && party.is_processor() => found.findings.push(refuse("TRF-04")),
        Mechanism::None => found.findings.push(refuse(why)),
    }
}

/// Supplementary measures (EDPB 01/2020): a tool stands on an assessment that is not past its review, and
/// that is positive or healed by a measure which keeps what authorities reach unreadable to them.
fn safeguarded(policy: &Transfer, party: &Party<'_>, safeguards: &Safeguards, country: &str, found: &mut Judgement) {
    found.findings.extend(safeguards.defects(party.role));
    if safeguards.assessment == Assessment::Missing {
        found.findings.push(refuse("TRF-17"));
        return;
    }
    found.findings.push(refuse_if(safeguards.stale(), "TRF-20"));
    let listed = |ids: &[String]| if party.of_recipient { one_of_recipients(ids) } else { Cond::never() };
    let pseudonymised = listed(&policy.pseudonymised_recipients);
    // The law that protects a recipient does not protect those whom it engages.
    let protected = if party.onward { Cond::never() } else { listed(&policy.protected_recipients) };
    let readable = !any([pseudonymised.clone(), protected.clone()]);
    let problematic = policy.problematic_countries.iter().any(|one| one == country);
    let bears = safeguards.assessment == Assessment::Positive && policy.accept_positive_assessment;
    found.findings.push(match (party.has_ciphertext_alone(), safeguards.assessment) {
        (true, _) => allow("TRF-15"),
        (false, Assessment::Positive) if !problematic => allow("TRF-15"),
        _ if bears => Finding { weight: Weight::Flag, when: readable, code: "TRF-17" },
        _ => refuse_if(readable, "TRF-17"),
    });
    found.rules.push(Rule::mask(pseudonymised.clone(), direct_identifiers()).code("TRF-16"));
    found.rules.push(Rule::allow(pseudonymised).code("TRF-16"));
    found.rules.push(Rule::allow(protected).code("TRF-28"));
}

fn one_of_recipients(ids: &[String]) -> Cond {
    // Without a list the condition is false, not unknown, should the host know no id.
    if ids.is_empty() { Cond::never() } else { context("ctx.recipient.id").one_of(ids) }
}
