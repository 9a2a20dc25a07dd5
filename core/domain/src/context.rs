//! Who asks, for what, on whose behalf and when: a request's context, the only source of what a
//! policy may know about it.

use std::sync::Arc;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::calendar;
use crate::chain::Hosting;
use crate::value::{Type, Value};

/// What a person or a client may do. The core knows these three only to tell who works with
/// records and who administers policies; purposes say the rest.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    /// Opaque id of the user or API key.
    pub id: String,
    /// Role key: `sales`, `marketing`, `dpo`, `admin`, ...
    pub role: String,
    /// ISO 3166 country where the actor works, if known.
    pub country: Option<String>,
}

impl Actor {
    /// Whether the actor is the data protection officer, who administers the policies.
    #[must_use]
    pub fn is_dpo(&self) -> bool {
        self.role == "dpo"
    }

    /// Whether the actor answers for the controller, and may confirm what a DPO asked for.
    #[must_use]
    pub fn is_controller(&self) -> bool {
        self.role == "controller"
    }
}

/// A registered purpose as the request sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Purpose {
    /// Dotted key: `marketing.communications.email`.
    pub key: String,
    /// GDPR 6(1) letter as DPV writes it: `A6-1-a` ... `A6-1-f`.
    pub legal_basis: String,
    /// Direct marketing, to which Art. 21(2)-(3) applies.
    pub direct_marketing: bool,
    /// Consent counts only once confirmed (double opt-in).
    pub double_opt_in: bool,
    /// Months after which a consent is no longer relied on, if the DPO set any.
    pub consent_validity_months: Option<i32>,
    /// Everything else in the register, by field name.
    pub attributes: Vec<(String, Value)>,
}

/// A registered recipient on whose behalf the request is made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Recipient {
    /// Record id in the register.
    pub id: String,
    /// Name of the legal entity.
    pub name: String,
    /// Everything else in the register, by field name.
    pub attributes: Vec<(String, Value)>,
    /// The code, with the plugin's id, of the rule that had all flows to it stopped, until the DPO lifts that.
    #[serde(default)]
    pub frozen: Option<String>,
}

/// Rows of a register that policies of the set declared: about purposes and recipients, never about
/// people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterTable {
    /// The entity.
    pub name: String,
    /// Its fields.
    pub columns: Vec<String>,
    /// Its records, in a fixed order.
    pub rows: Vec<Vec<Value>>,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// A list or a single record.
    Read,
    /// A new record.
    Create,
    /// A change.
    Update,
    /// Into the trash.
    Delete,
    /// Out of the trash.
    Restore,
    /// Many records from a file.
    Import,
    /// Many records to a recipient.
    Export,
    /// A record to a subscriber.
    Webhook,
    /// What is due is archived, made anonymous or erased.
    Sweep,
    /// What slept is active again.
    Wake,
}

/// How records leave for a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The way.
    pub kind: TransferKind,
    /// The most records that the recipient holds once this unit of work has ended: a page for a client,
    /// what has been written and the next batch for a file.
    pub rows: u32,
}

/// The way in which records leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferKind {
    /// The recipient's own client reads.
    Client,
    /// A file.
    Export,
    /// A subscriber is told of a change.
    Webhook,
}

impl TransferKind {
    /// The name that rules compare with.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Export => "export",
            Self::Webhook => "webhook",
        }
    }
}

/// One run of an operation, as approvals know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationRun {
    /// Keyed digest of all that was asked: text, variables, actor, purposes, channel, recipient.
    pub digest: String,
    /// What it does, in names of the schema alone; `None` where it is too long for a person to judge.
    pub outline: Option<String>,
    /// Id of this run. What is told again under its idempotency key is the same run.
    pub run: String,
}

/// The context of one unit of work. It is made once, by the gate, and never changes.
#[derive(Clone, Debug)]
pub struct Context {
    /// The tenant; every key starts with it.
    pub tenant: String,
    /// Who asks.
    pub actor: Actor,
    /// For what; several mean the intersection of what each permits. Never empty where personal
    /// data is touched.
    pub purposes: Vec<Purpose>,
    /// Through which channel a person would be reached: `email`, `sms`, `call`, `post`.
    pub channel: Option<String>,
    /// For whom, when the client belongs to a registered recipient.
    pub recipient: Option<Recipient>,
    /// How records leave, when they do.
    pub transfer: Option<Transfer>,
    /// Microseconds UTC.
    pub now: i64,
    /// The tenant's zone, for calendar arithmetic.
    pub zone: Tz,
    /// The policy set that decides this unit of work.
    pub set_version: i64,
    /// Registers that the set's policies declared, as of now, and what follows from them.
    pub registers: Arc<Vec<Arc<RegisterTable>>>,
    /// Where our own records lie.
    pub hosting: Arc<Hosting>,
    /// Id of the break-glass that runs for the actor. It lifts nothing by itself.
    pub break_glass: Option<String>,
    /// The operation that is carried out; `None` for what nobody can approve, such as a delivery.
    pub operation: Option<OperationRun>,
    /// Whether it is asked about an instant that has passed: nothing is done, somebody wants to know.
    pub of_past: bool,
}

/// Context attributes that a plugin may declare, with their types. `plan` receives them and they
/// are part of the plan's cache key; the ones marked as bound are also usable inside rules.
pub const ATTRIBUTES: &[(&str, Type)] = &[
    ("purpose.key", Type::Text),
    ("purpose.legal_basis", Type::Text),
    ("purpose.direct_marketing", Type::Boolean),
    ("purpose.double_opt_in", Type::Boolean),
    ("purpose.consent_validity_months", Type::Integer),
    ("purpose.roles", Type::Text),
    ("purpose.needed_categories", Type::Text),
    ("purpose.nature", Type::Text),
    ("purpose.online_service", Type::Boolean),
    ("purpose.balancing_test", Type::Text),
    ("purpose.law_reference", Type::Text),
    ("purpose.statistics", Type::Boolean),
    ("purpose.safeguards", Type::Boolean),
    ("purpose.automated_decision", Type::Boolean),
    ("purpose.automated_ground", Type::Text),
    ("purpose.special_condition", Type::Text),
    ("purpose.offence_authority", Type::Text),
    ("purpose.national_id_use", Type::Text),
    ("purpose.valid_from", Type::Date),
    ("purpose.valid_until", Type::Date),
    ("channel", Type::Text),
    ("actor.role", Type::Text),
    ("actor.country", Type::Text),
    ("actor.break_glass", Type::Boolean),
    ("request.of_past", Type::Boolean),
    ("hosting.external", Type::Boolean),
    ("hosting.hds", Type::Boolean),
    ("recipient.present", Type::Boolean),
    ("recipient.country", Type::Text),
    ("recipient.role", Type::Text),
    ("recipient.contract_until", Type::Date),
    ("recipient.mechanism", Type::Text),
    ("recipient.mechanism_module", Type::Text),
    ("recipient.mechanism_complete", Type::Boolean),
    ("recipient.adequacy_scope_ok", Type::Boolean),
    ("recipient.dpf_active", Type::Boolean),
    ("recipient.assessment", Type::Text),
    ("recipient.assessment_review_at", Type::Date),
    ("recipient.plaintext_needed", Type::Boolean),
    ("recipient.key_holder", Type::Text),
    ("recipient.occasional", Type::Boolean),
    ("recipient.agreement", Type::Text),
    ("recipient.purposes", Type::Text),
    ("recipient.own_basis", Type::Text),
    ("recipient.arrangement_until", Type::Date),
    ("recipient.hds", Type::Boolean),
];

/// Context attributes that rules may use as terms: bound per request, never part of a cache key.
/// Those of `local` are what the tenant's wall shows; `local.holiday` takes a country, as in
/// `local.holiday(FR)`.
pub const BOUND_ATTRIBUTES: &[(&str, Type)] = &[
    ("ctx.actor.id", Type::Text),
    ("ctx.recipient.id", Type::Text),
    ("ctx.recipient.present", Type::Boolean),
    ("ctx.recipient.country", Type::Text),
    ("ctx.recipient.role", Type::Text),
    ("ctx.recipient.contract_until", Type::Date),
    ("ctx.recipient.mechanism", Type::Text),
    ("ctx.recipient.mechanism_module", Type::Text),
    ("ctx.recipient.mechanism_complete", Type::Boolean),
    ("ctx.recipient.adequacy_scope_ok", Type::Boolean),
    ("ctx.recipient.dpf_active", Type::Boolean),
    ("ctx.recipient.assessment", Type::Text),
    ("ctx.recipient.assessment_review_at", Type::Date),
    ("ctx.recipient.plaintext_needed", Type::Boolean),
    ("ctx.recipient.key_holder", Type::Text),
    ("ctx.recipient.occasional", Type::Boolean),
    ("ctx.recipient.agreement", Type::Text),
    ("ctx.recipient.purposes", Type::Text),
    ("ctx.recipient.own_basis", Type::Text),
    ("ctx.recipient.arrangement_until", Type::Date),
    ("ctx.recipient.hds", Type::Boolean),
    ("ctx.transfer.kind", Type::Text),
    ("ctx.transfer.rows", Type::Integer),
    ("local.weekday", Type::Integer),
    ("local.hour", Type::Integer),
    (HOLIDAY, Type::Boolean),
];

/// The one bound attribute with an argument.
const HOLIDAY: &str = "local.holiday";

/// The name that a manifest declares for a bound attribute, and its type; `None` for one that does
/// not exist, or whose argument is missing, superfluous or no country.
#[must_use]
pub fn bound_attribute(name: &str) -> Option<(&'static str, Type)> {
    let (base, argument) = match name.split_once('(') {
        Some((base, rest)) => (base, Some(rest.strip_suffix(')')?)),
        None => (name, None),
    };
    let known = BOUND_ATTRIBUTES.iter().find(|(known, _)| *known == base)?;
    let fits = match argument {
        Some(country) => base == HOLIDAY && crate::country::is_code(country),
        None => base != HOLIDAY,
    };
    fits.then_some(*known)
}

/// What the tenant's wall shows: the value of a `local` attribute, `None` for any other.
#[must_use]
pub fn local_attribute(name: &str, now: i64, zone: Tz) -> Option<Value> {
    Some(match name {
        "local.weekday" => Value::Integer(calendar::weekday(now, zone)),
        "local.hour" => Value::Integer(calendar::hour(now, zone)),
        _ => {
            let country = name.strip_prefix(HOLIDAY)?.strip_prefix('(')?.strip_suffix(')')?;
            // Holidays that are not on file are unknown, and what is unknown restricts.
            calendar::is_holiday(now, zone, country).map_or(Value::Null, Value::Boolean)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_plans_see_of_a_recipient_rules_can_bind() {
        for (name, ty) in ATTRIBUTES.iter().filter(|(name, _)| name.starts_with("recipient.")) {
            assert_eq!(bound_attribute(&format!("ctx.{name}")).map(|(_, ty)| ty), Some(*ty), "{name}");
        }
    }

    #[test]
    fn a_holiday_is_of_a_country() {
        assert_eq!(bound_attribute("local.holiday(FR)"), Some(("local.holiday", Type::Boolean)));
        for wrong in ["local.holiday", "local.holiday(", "local.holiday()", "local.holiday(Mars)", "local.hour(FR)"] {
            assert_eq!(bound_attribute(wrong), None, "{wrong}");
        }
    }
}
