//! Disclosure to recipients (GDPR 28, chapter V).
//!
//! Is there a contract? Is it a transfer at all? Then adequacy, in scope and in time; then a tool of
//! Art. 46 with a live assessment and effective measures; then Art. 49, which is for the occasional.
//! Asked of the recipient, of everybody whom it engages, and of our own hosting; all is known from the
//! registers, so the request is allowed or refused as a whole. The reach of foreign law (who could be
//! ordered to hand data over) is another question and not decided here.

mod finding;
mod judge;
mod manifest;
mod party;
mod place;
mod reasons;
mod tool;

use garant_plugin_sdk::prelude::*;

use finding::{Finding, allow, flag, refuse};
use judge::Judgement;
use party::Party;
use place::Places;

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
        let places = Places::of(ctx)?;
        let chain = ctx.table("recipient_chain")?;
        let mut said = Judgement::default();
        let mut parties: Vec<Party> = vec![];
        let mut cut = false;
        // Our own hosting gets every record there is, so it is judged also where our own people read.
        if !is_owed(ctx) {
            let unsaid = ctx.flag("hosting.external").is_none();
            said.findings.extend(unsaid.then(|| flag("TRF-11")));
            parties.extend(Party::hosting(chain).filter(|party| party.onward || !unsaid));
            cut = party::is_cut(chain, "hosting");
        }
        if ctx.hook == Hook::Transfer {
            if ctx.flag("recipient.present") == Some(false) {
                said.findings.push(allow("TRF-01"));
            } else if let Some(recipient) = Party::recipient(ctx, chain) {
                if !matches!(recipient.role, "data_subject" | "same_controller" | "authority") {
                    parties.extend(Party::engaged(chain));
                    cut |= party::is_cut(chain, "recipient");
                }
                parties.push(recipient);
            } else {
                // Nothing can be said for a recipient that is no entry of the register.
                said.findings.push(refuse("TRF-11"));
            }
        }
        if cut {
            // Nobody knows who else is there.
            said.findings.push(refuse("TRF-21"));
        }
        for party in &parties {
            let found = judge::judge(self, places, party);
            said.findings.extend(found.findings);
            said.rules.extend(found.rules);
        }
        let mut findings: Vec<Finding> = vec![];
        for finding in said.findings {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        Ok(Plan::new().rules(findings.into_iter().map(Finding::into_rule)).rules(said.rules))
    }
}

impl Transfer {
    /// Explicit consent of the person to the transfer (Art. 49(1)(a)).
    fn consented(&self) -> Cond {
        let on_file = |name| fact(name, [self.transfer_purpose.as_str(), "any"]);
        let standing = on_file("consent.status").one_of(["given", "renewed"]);
        all([standing, on_file("consent.explicit").is_true()])
    }
}

/// Whether the person has a right to it, against which it is no argument where we put the data.
fn is_owed(ctx: &Context) -> bool {
    let right = matches!(ctx.text("purpose.nature"), Some("access_request" | "erasure" | "breach_notice"));
    right || ctx.text("recipient.role") == Some("data_subject")
}

export_policy!(Transfer);
