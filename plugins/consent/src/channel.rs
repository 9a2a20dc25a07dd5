//! Whether the law of a channel asks for consent at all: the table of channels, read for one purpose.

use garant_plugin_sdk::prelude::*;

use crate::Consent;
use crate::evidence::Evidence;

/// One way to reach a person, for the purpose of the request.
pub(crate) struct Channel {
    /// What is on file.
    pub evidence: Evidence,
    /// Where consent is not needed.
    pub exemptions: Vec<Exemption>,
    /// Where the table knows no rule.
    pub unruled: Cond,
    /// Where the exception for own customers is used, and the person is none.
    pub strangers: Cond,
    /// Neither valid consent nor an exemption; a withdrawal or refusal beats every exemption.
    denied: Cond,
}

/// Where consent is not needed.
pub(crate) struct Exemption {
    /// Why, as a reason code.
    pub code: &'static str,
    /// Where.
    pub when: Cond,
    /// An opt-out list outside has to be looked at.
    pub list: bool,
}

impl Channel {
    pub(crate) fn new(evidence: Evidence, exemptions: Vec<Exemption>, unruled: Cond, strangers: Cond) -> Self {
        let denied = if exemptions.is_empty() {
            !evidence.valid()
        } else {
            let exempt = any(exemptions.iter().map(|exemption| exemption.when.clone()));
            !any([evidence.valid(), all([exempt, !evidence.opposed()])])
        };
        Self { evidence, exemptions, unruled, strangers, denied }
    }

    /// Neither valid consent nor an exemption.
    pub(crate) fn denied(&self) -> Cond {
        self.denied.clone()
    }
}

/// Where a marketing message through a channel needs no consent, where the table has no rule, and where
/// only the exception for own customers would help.
///
/// # Errors
/// When the host gave no table of channels.
pub(crate) fn exemptions(
    name: &str,
    purpose: &str,
    policy: &Consent,
    ctx: &Context,
) -> Result<(Vec<Exemption>, Cond, Cond), String> {
    let table = ctx.table("channel_rules")?;
    let rows: Vec<Row> = table.rows().filter(|row| row.text("channel") == Some(name)).collect();
    let scopes: Vec<(Row, Cond)> = rows.iter().filter_map(|row| Some((*row, scope(*row, &rows)?))).collect();
    let unruled = !any(scopes.iter().map(|(_, scope)| scope.clone()));
    let soft = scopes.iter().filter(|(row, _)| {
        row.text("exception") == Some("soft_opt_in")
            && policy.soft_opt_in
            && listed(&policy.soft_opt_in_purposes, purpose)
    });
    let own = || fact("subject.own_customer", []);
    let strangers = all([any(soft.map(|(_, scope)| scope.clone())), !own().is_null(), !own().is_true()]);
    let exemptions = scopes.into_iter().filter_map(|(row, scope)| exemption(row, scope, purpose, policy)).collect();
    Ok((exemptions, unruled, strangers))
}

/// The people that a row is about. `*` stands for every country without a row of its own.
fn scope(row: Row, rows: &[Row]) -> Option<Cond> {
    let (country, audience) = (row.text("country")?, row.text("audience")?);
    let lives = if country == "*" {
        let same = |other: &&Row| other.text("audience") == Some(audience);
        let own = rows.iter().filter(same).filter_map(|other| other.text("country")).filter(|country| *country != "*");
        !fact("subject.country", []).one_of(own)
    } else {
        fact("subject.country", []).eq(country)
    };
    Some(all([lives, fact("subject.audience", []).eq(audience)]))
}

fn exemption(row: Row, scope: Cond, purpose: &str, policy: &Consent) -> Option<Exemption> {
    let listed = |keys: &[String]| listed(keys, purpose);
    let exempt = |code, when| Some(Exemption { code, when, list: false });
    match (row.text("requirement")?, row.text("exception")) {
        ("free" | "opt_out", _) => exempt("CNS-20", scope),
        ("opt_out_list", _) if policy.opt_out_lists_checked => {
            Some(Exemption { code: "CNS-20", when: scope, list: true })
        }
        ("presumed_consent", _) if policy.presumed_consent => exempt("CNS-20", scope),
        (_, Some("soft_opt_in")) if policy.soft_opt_in && listed(&policy.soft_opt_in_purposes) => {
            exempt("CNS-17", all([scope, fact("subject.own_customer", []).is_true()]))
        }
        (_, Some("related_to_job")) if listed(&policy.professional_purposes) => exempt("CNS-25", scope),
        (_, Some("current_contract")) if listed(&policy.current_contract_purposes) => {
            exempt("CNS-10", all([scope, running_contract()]))
        }
        // Opt-in, forbidden, and whatever a later table may say: consent, or the strictest reading.
        _ => None,
    }
}

fn listed(keys: &[String], purpose: &str) -> bool {
    keys.iter().any(|key| covers(key, purpose))
}

/// A customer whose relation has not ended.
fn running_contract() -> Cond {
    let end = || fact("subject.relation_end_at", []);
    all([fact("subject.kind", []).eq("customer"), any([end().is_null(), end().gt(now())])])
}
