//! Values as rules, records and facts see them: few types, each with one order, so that SQL and
//! the native evaluator cannot disagree.

mod text;

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

pub use text::{ValueError, parse_decimal};

/// The scale of decimals: `12.5` is stored as `125_000`.
pub const DECIMAL_SCALE: i64 = 10_000;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    /// True or false.
    Boolean,
    /// A signed 64-bit integer.
    Integer,
    /// A scaled integer, see [`DECIMAL_SCALE`].
    Decimal,
    /// UTF-8, compared by bytes.
    Text,
    /// A civil date: days since 1970-01-01.
    Date,
    /// Microseconds since 1970-01-01T00:00:00Z.
    Instant,
}

/// A value, or its absence.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Value {
    /// Absent.
    #[default]
    Null,
    /// See [`Type::Boolean`].
    Boolean(bool),
    /// See [`Type::Integer`].
    Integer(i64),
    /// See [`Type::Decimal`].
    Decimal(i64),
    /// See [`Type::Text`].
    Text(String),
    /// See [`Type::Date`].
    Date(i32),
    /// See [`Type::Instant`].
    Instant(i64),
}

impl Value {
    /// The value's type; `None` for null, which has every type.
    #[must_use]
    pub fn value_type(&self) -> Option<Type> {
        match self {
            Self::Null => None,
            Self::Boolean(_) => Some(Type::Boolean),
            Self::Integer(_) => Some(Type::Integer),
            Self::Decimal(_) => Some(Type::Decimal),
            Self::Text(_) => Some(Type::Text),
            Self::Date(_) => Some(Type::Date),
            Self::Instant(_) => Some(Type::Instant),
        }
    }

    /// Whether the value is absent.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The order of two values of one type: false before true, text by bytes. `None` when either is
    /// null or the types differ.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Boolean(a), Self::Boolean(b)) => Some(a.cmp(b)),
            (Self::Integer(a), Self::Integer(b))
            | (Self::Decimal(a), Self::Decimal(b))
            | (Self::Instant(a), Self::Instant(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// A text value.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// Whether dotted key `a` equals `b` or is an ancestor of it: `user.contact` covers
/// `user.contact.email`, never `user.contacts` and never `user`.
#[must_use]
pub fn covers(a: &str, b: &str) -> bool {
    b.strip_prefix(a).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
