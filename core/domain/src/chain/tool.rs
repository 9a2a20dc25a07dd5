//! On what a member of a chain may hold the data: its contract, and the tool of the transfer to it.

use serde::{Deserialize, Serialize};

/// A contract and a tool, as the register or the operator has them; what is not said is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tool {
    /// Last day of its contract (Art. 28(3), 28(4)).
    #[serde(with = "day")]
    pub contract_until: Option<i32>,
    /// `none`, `adequacy`, `dpf`, `scc` or `bcr`.
    pub mechanism: Option<String>,
    /// Module of the clauses.
    pub mechanism_module: Option<String>,
    /// Annexes complete.
    pub mechanism_complete: Option<bool>,
    /// Inside the scope of the adequacy decision.
    pub adequacy_scope_ok: Option<bool>,
    /// Active in the Data Privacy Framework.
    pub dpf_active: Option<bool>,
    /// Transfer impact assessment: `none`, `positive` or `negative`.
    pub assessment: Option<String>,
    /// Last day before its review.
    #[serde(with = "day")]
    pub assessment_review_at: Option<i32>,
}

/// Tools that the operator may name.
pub const MECHANISMS: [&str; 5] = ["none", "adequacy", "dpf", "scc", "bcr"];

/// Outcomes of an assessment.
pub const ASSESSMENTS: [&str; 3] = ["none", "positive", "negative"];

/// A day as `2027-01-31`.
mod day {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::value::{Type, Value};

    pub(super) fn serialize<S: Serializer>(day: &Option<i32>, serializer: S) -> Result<S::Ok, S::Error> {
        day.map(|day| Value::Date(day).display()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
        let text: Option<String> = Option::deserialize(deserializer)?;
        text.map_or(Ok(None), |text| match Value::parse(Type::Date, &text) {
            Ok(Value::Date(day)) => Ok(Some(day)),
            _ => Err(Error::custom(format!("`{text}` is no date; write it as 2027-01-31"))),
        })
    }
}
