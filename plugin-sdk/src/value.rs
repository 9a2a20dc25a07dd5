//! Values of records, facts, the context and reference tables, and how Rust values become them.

pub use crate::wit::types::Value;

/// A civil date: days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub i32);

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub i64);

/// Whether a dotted key equals another or is an ancestor of it, and only on a dot: `marketing` covers
/// `marketing.email`, never `marketings`.
#[must_use]
pub fn covers(ancestor: &str, key: &str) -> bool {
    key.strip_prefix(ancestor).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl Date {
    /// The date of a year, month (1-12) and day (1-31) of the Gregorian calendar; the day is taken
    /// as it is, so `ymd(2023, 2, 29)` is 1 March.
    #[must_use]
    pub const fn ymd(year: i32, month: i32, day: i32) -> Self {
        // Years counted from March, so that the leap day is the last of its year.
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }
}

impl Value {
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

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if it is one.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The date, if it is one.
    #[must_use]
    pub fn as_date(&self) -> Option<Date> {
        match self {
            Self::Date(days) => Some(Date(*days)),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Self::Date(date.0)
    }
}

impl From<Instant> for Value {
    fn from(instant: Instant) -> Self {
        Self::Instant(instant.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn dates_count_from_1970() {
        assert_eq!(Date::ymd(1970, 1, 1), Date(0));
        assert_eq!(Date::ymd(1969, 12, 31), Date(-1));
        assert_eq!(Date::ymd(2000, 2, 29), Date(11_016));
        assert_eq!(Date::ymd(2022, 12, 27), Date(19_353));
        assert_eq!(Date::ymd(2023, 2, 29), Date::ymd(2023, 3, 1));
    }
}
