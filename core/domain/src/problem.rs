//! What a caller is told when something is wrong: a stable code, which input, what is wrong and how
//! to mend it. Never a personal value.

use serde::{Deserialize, Serialize};

use crate::policy_set::Needs;
use crate::reason::Reason;

/// Stable error codes, in `extensions.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// No token, or a wrong one.
    Unauthenticated,
    /// The role may not do it.
    Forbidden,
    /// The input is wrong.
    BadUserInput,
    /// No such record, or one that the caller cannot see.
    NotFound,
    /// The version or a key does not match.
    Conflict,
    /// The query that a digest stands for is not known here.
    PersistedQueryNotFound,
    /// Personal data needs a purpose.
    PurposeRequired,
    /// A plugin asks for more than the DPO granted it.
    GrantRequired,
    /// A policy refused.
    PolicyRefused,
    /// A policy could not decide; nothing is shown.
    PolicyUnavailable,
    /// Too many requests.
    RateLimited,
    /// The query is too deep or too expensive.
    QueryTooComplex,
    /// Our fault; the log has the chain.
    Internal,
}

/// A problem as the caller sees it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct Problem {
    /// Stable code.
    pub code: ErrorCode,
    /// What is wrong, without personal values.
    pub message: String,
    /// Which input, as a path: `input.email`, `filter.country`.
    pub field: Option<String>,
    /// How to mend it.
    pub remedy: Option<String>,
    /// The policy reasons, when a policy decided.
    pub reasons: Vec<Reason>,
    /// Purposes that the caller may name, with `PURPOSE_REQUIRED`.
    pub purposes: Vec<String>,
    /// Problems of settings: path, message, hint.
    pub settings: Vec<SettingProblem>,
    /// What is asked for and not granted, with `GRANT_REQUIRED`.
    pub grant: Option<Box<Needs>>,
    /// How other people could lift it for this one operation, with `POLICY_REFUSED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Box<ApprovalHint>>,
    /// When it is worth trying again, with `RATE_LIMITED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
}

/// What would lift a refusal: approvals of this very operation by other people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalHint {
    /// Keyed digest of the operation.
    pub digest: String,
    /// What is missing.
    pub wanted: Vec<WantedApproval>,
}

/// Approvals of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedApproval {
    /// As the policy names it.
    pub kind: String,
    /// How many people must approve.
    pub needed: i64,
    /// How many have.
    pub given: i64,
    /// Sealed; whoever was refused asks for the approval with it.
    pub request: String,
}

/// What is wrong with one setting of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingProblem {
    /// JSON pointer.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub hint: String,
}

impl Problem {
    /// A problem with a code and a message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: None,
            remedy: None,
            reasons: vec![],
            purposes: vec![],
            settings: vec![],
            grant: None,
            approval: None,
            retry_after_seconds: None,
        }
    }

    /// Wrong input in a field.
    pub fn input(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadUserInput, message).at(field)
    }

    /// Names the input.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says how to mend it.
    #[must_use]
    pub fn mend(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Says when it is worth trying again.
    #[must_use]
    pub fn after_seconds(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// Adds the policy reasons.
    #[must_use]
    pub fn because(mut self, reasons: Vec<Reason>) -> Self {
        self.reasons = reasons;
        self
    }
}
