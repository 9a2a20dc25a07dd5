//! Dormant data and restricted processing (GDPR 5(1)(e), 15, 17, 18, 34).
//!
//! Dormant data lies in another store; a record that was read from there carries the fact
//! `subject.dormant`. Who may have it follows from what the purpose is for. Restricted data stays where
//! it is and serves only what Art. 18(2) lists. Moving data to sleep and waking it is the host's.

mod manifest;
mod reasons;

use garant_plugin_sdk::prelude::*;

/// The settings, which are the policy.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dormancy {
    /// Roles that may open dormant data for a claim or an archive.
    archive_roles: Vec<String>,
    /// Data categories that they get to see of it.
    archive_categories: Vec<String>,
}

impl Default for Dormancy {
    fn default() -> Self {
        let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        Self {
            archive_roles: owned(&manifest::ARCHIVE_ROLES),
            archive_categories: owned(&manifest::ARCHIVE_CATEGORIES),
        }
    }
}

const CHANNELS: [&str; 4] = ["email", "sms", "call", "post"];

impl Policy for Dormancy {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn plan(&self, ctx: &Context) -> Result<Plan, String> {
        match ctx.hook {
            Hook::Write => return Ok(Plan::new().rules((ctx.entity == "contact").then(untold_lift))),
            // Restricted data is stored and nothing else: it is not destroyed either, the person may need it
            // for a claim (Art. 18(1)(b), (c), 18(2)).
            Hook::Retention => {
                let restricted = fact("subject.restricted", []).is_true();
                return Ok(Plan::new().rule(Rule::hold(restricted).code("DOR-11")));
            }
            Hook::Read | Hook::Transfer => {}
        }
        let nature = ctx.text("purpose.nature").unwrap_or("ordinary");
        Ok(Plan::new().rules(self.dormant(nature, ctx)).rules(restricted(nature, ctx)))
    }
}

impl Dormancy {
    /// To everybody but a few, dormant data does not exist.
    fn dormant(&self, nature: &str, ctx: &Context) -> Vec<Rule> {
        let role = ctx.text("actor.role").unwrap_or_default();
        let archivist = self.archive_roles.iter().any(|allowed| allowed == role);
        match nature {
            "access_request" => vec![Rule::allow(dormant()).code("DOR-05")],
            "erasure" => vec![Rule::allow(dormant()).code("DOR-06")],
            "breach_notice" => {
                let asleep = || any([dormant(), fact("subject.restricted", []).is_true()]);
                let address = category("system") | category("user.name") | category("user.contact");
                vec![Rule::allow(asleep()).code("DOR-15"), Rule::mask(asleep(), !address).code("DOR-15")]
            }
            "supervision" if role == "dpo" => {
                vec![Rule::flag(dormant()).code("DOR-03").alarm("dormant-access")]
            }
            "legal_claim" | "archive" if archivist => {
                let kept = self.archive_categories.iter().fold(category("system"), |kept, key| kept | category(key));
                vec![Rule::allow(dormant()).code("DOR-04"), Rule::mask(dormant(), !kept).code("DOR-04")]
            }
            _ => vec![Rule::hide(dormant()).code("DOR-01")],
        }
    }
}

fn dormant() -> Cond {
    fact("subject.dormant", []).is_true()
}

/// Restricted data serves its storage, claims, the rights of others, an important public interest, the
/// person's own rights, and what the person consented to since (Art. 18(2)).
fn restricted(nature: &str, ctx: &Context) -> Vec<Rule> {
    let restricted = || fact("subject.restricted", []).is_true();
    match nature {
        "ordinary" => {}
        // Supervision lifts restrictions and tells people, so it must see them.
        _ => return vec![Rule::allow(restricted()).code("DOR-11")],
    }
    let Some(key) = ctx.text("purpose.key") else {
        return vec![Rule::hide(restricted()).code("DOR-11")];
    };
    let since = |channel: &str| {
        let standing = fact("consent.status", [key, channel]).one_of(["given", "renewed"]);
        all([standing, fact("consent.given_at", [key, channel]).ge(fact("subject.restricted_at", []))])
    };
    let consented = match ctx.text("channel") {
        Some(channel) => since(channel),
        None => any(CHANNELS.map(since)),
    };
    vec![
        Rule::hide(all([restricted(), !consented.clone()])).code("DOR-11"),
        Rule::allow(all([restricted(), consented])).code("DOR-11"),
    ]
}

/// Who had a restriction set is told before it is lifted (Art. 18(3)). The fact is what is on file, the
/// field what shall be; a record that is not on file yet has no restriction to lift.
fn untold_lift() -> Rule {
    let on_file = || fact("subject.restricted", []);
    let lifted = all([!on_file().is_null(), on_file().is_true(), !field("restricted")]);
    Rule::reject(all([lifted, field("restriction_lift_told_at").is_null()]), row()).code("DOR-12")
}

export_policy!(Dormancy);
