//! Disclosure to recipients (GDPR 28, chapter V).
//!
//! Is there a contract? Is it a transfer at all? Then adequacy, in scope and in time; then a tool of
//! Art. 46 with a live assessment and effective measures; then Art. 49, which is for the occasional.
//! Everything is known from the recipient, so the request is allowed or refused as a whole. The reach
//! of foreign law (who could be ordered to hand data over) is another question and not decided here.

mod manifest;
mod place;
mod reasons;
mod tool;

use garant_plugin_sdk::prelude::*;

use place::Place;
use tool::{Mechanism, Safeguards};

/// The settings, which are the policy.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Transfer {
    /// Whether a positive assessment lets an importer that needs clear text in a problematic country
    /// receive data.
    accept_positive_assessment: bool,
    /// Whether derogations for single occasions (Art. 49) may be relied on.
    accept_derogations: bool,
    /// Countries whose law lets authorities reach data in the clear beyond what is necessary.
    problematic_countries: Vec<String>,
    /// Ids of recipients that get pseudonyms only, the mapping staying in the Union.
    pseudonymised_recipients: Vec<String>,
    /// Ids of recipients whom their law exempts from access by authorities.
    protected_recipients: Vec<String>,
    /// Purpose key under which explicit consents to transfers are recorded.
    transfer_purpose: String,
}

impl Default for Transfer {
    fn default() -> Self {
        Self {
            accept_positive_assessment: true,
            accept_derogations: true,
            problematic_countries: ["US", "CN", "HK", "RU", "IN"].map(str::to_owned).to_vec(),
            pseudonymised_recipients: vec![],
            protected_recipients: vec![],
            transfer_purpose: "transfer".to_owned(),
        }
    }
}

impl Policy for Transfer {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn problems(&self) -> Vec<Problem> {
        let wrong = |code: &&String| code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase());
        let say = |code: &String| {
            let hint = "use two capital letters (ISO 3166), such as US";
            Problem::new("/problematic_countries", format!("`{code}` is no country code"), hint)
        };
        self.problematic_countries.iter().filter(wrong).map(say).collect()
    }

    fn plan(&self, ctx: &Context) -> Result<Plan, String> {
        if ctx.flag("recipient.present") == Some(false) {
            return Ok(Plan::new().rule(allow("TRF-01")));
        }
        let place = place::of(ctx)?;
        let Some(role) = ctx.text("recipient.role") else {
            // Nothing can be said for a recipient that is no entry of the register.
            return Ok(Plan::new().rule(refuse("TRF-11")));
        };
        Ok(Plan::new().rules(contract(role, ctx)).rules(self.disclosure(role, &place, ctx)))
    }
}

impl Transfer {
    fn disclosure(&self, role: &str, place: &Place, ctx: &Context) -> Vec<Rule> {
        match (role, place) {
            // People may have their own data wherever they are: nobody else imports it.
            ("data_subject", _) => vec![allow("TRF-05")],
            ("same_controller", Place::Union) => vec![allow("TRF-03")],
            // An employee on a trip is no importer (EDPB 05/2021), but security stays due.
            ("same_controller", _) => {
                vec![allow("TRF-03"), Rule::flag(Cond::always()).code("TRF-03").task("remote-access-security")]
            }
            (_, Place::Union) => vec![allow("TRF-01")],
            ("authority", _) => vec![refuse("TRF-25").alarm("third-country-order").task("art-48")],
            (_, Place::Unknown) => vec![refuse("TRF-11")],
            (_, Place::Adequate { until_known_date: true }) => vec![allow("TRF-07"), allow("TRF-09")],
            (_, Place::Adequate { .. }) => vec![allow("TRF-07")],
            (_, Place::AdequateInScope) => vec![allow("TRF-07"), allow("TRF-08")],
            (_, Place::Framework) => {
                vec![allow("TRF-12"), Rule::flag(Cond::always()).code("TRF-12").task("fallback-tool")]
            }
            (_, Place::Third { country, why }) => self.third_country(role, country, why, ctx),
        }
    }

    /// `why` is the code of what keeps adequacy from helping.
    fn third_country(&self, role: &str, country: &str, why: &str, ctx: &Context) -> Vec<Rule> {
        match tool::mechanism(ctx) {
            Mechanism::Safeguards(safeguards) => self.safeguarded(&safeguards, role, country),
            Mechanism::Derogation { occasional, .. } if !occasional || !self.accept_derogations => {
                vec![refuse("TRF-22")]
            }
            Mechanism::Derogation { by_consent: true, .. } => {
                vec![Rule::hide(!self.consented()).code("TRF-04"), Rule::allow(self.consented()).code("TRF-23")]
            }
            Mechanism::Derogation { .. } => vec![allow("TRF-23")],
            // Where no decision was ever taken a processor lacks a tool, and anybody else a ground.
            Mechanism::None if why == "TRF-11" && is_processor(role) => vec![refuse("TRF-04")],
            Mechanism::None => vec![refuse(why)],
        }
    }

    /// Explicit consent of the person to the transfer (Art. 49(1)(a)).
    fn consented(&self) -> Cond {
        let on_file = |name| fact(name, [self.transfer_purpose.as_str(), "any"]);
        let standing = on_file("consent.status").one_of(["given", "renewed"]);
        all([standing, on_file("consent.explicit").is_true()])
    }

    /// Supplementary measures (EDPB 01/2020): a tool stands only on an assessment that is positive and
    /// not past its review, and is beyond doubt where the importer cannot read what authorities reach.
    fn safeguarded(&self, safeguards: &Safeguards, role: &str, country: &str) -> Vec<Rule> {
        let mut rules = safeguards.defects(role);
        if !safeguards.positive {
            rules.push(refuse("TRF-17"));
            return rules;
        }
        let pseudonymised = one_of_recipients(&self.pseudonymised_recipients);
        let protected = one_of_recipients(&self.protected_recipients);
        let readable = !any([pseudonymised.clone(), protected.clone()]);
        let problematic = self.problematic_countries.iter().any(|one| one == country);
        rules.push(match (problematic && !safeguards.ciphertext, self.accept_positive_assessment) {
            (false, _) => allow("TRF-15"),
            (true, true) => Rule::flag(readable).code("TRF-17"),
            (true, false) => Rule::refuse(readable).code("TRF-17"),
        });
        rules.push(Rule::mask(pseudonymised.clone(), direct_identifiers()).code("TRF-16"));
        rules.push(Rule::allow(pseudonymised).code("TRF-16"));
        rules.push(Rule::allow(protected).code("TRF-28"));
        rules
    }
}

fn is_processor(role: &str) -> bool {
    role == "processor" || role == "sub_processor"
}

/// A processor works under a contract that is alive (Art. 28(3)), inside the EEA too.
fn contract(role: &str, ctx: &Context) -> Option<Rule> {
    let ended = || ctx.date("recipient.contract_until").map_or_else(Cond::always, |last| today().gt(last));
    is_processor(role).then(|| Rule::refuse(ended()).code("TRF-29"))
}

fn allow(code: &str) -> Rule {
    Rule::allow(Cond::always()).code(code)
}

fn refuse(code: &str) -> Rule {
    Rule::refuse(Cond::always()).code(code)
}

fn one_of_recipients(ids: &[String]) -> Cond {
    // Without a list the condition is false, not unknown, should the host know no id.
    if ids.is_empty() { Cond::never() } else { context("ctx.recipient.id").one_of(ids) }
}

export_policy!(Transfer);
