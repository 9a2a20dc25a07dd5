//! Values as text and as JSON: ISO 8601 dates and instants, decimals as exact strings. What is
//! written here is read back here as the same value.

use chrono::{DateTime, NaiveDate, SecondsFormat};

use super::{DECIMAL_SCALE, Type, Value};

/// Why a text is no value of a type. It never quotes the text, which may be personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Not `true` or `false`.
    #[error("expected true or false")]
    Boolean,
    /// Not an integer of 64 bits.
    #[error("expected an integer of at most 64 bits")]
    Integer,
    /// Not a decimal.
    #[error("expected a decimal such as 12.5")]
    Decimal,
    /// More places than are kept.
    #[error("a decimal has at most four places")]
    DecimalPlaces,
    /// More digits than are kept.
    #[error("the decimal is too large")]
    DecimalRange,
    /// Not a date.
    #[error("expected a date such as 2026-05-31")]
    Date,
    /// Not an instant.
    #[error("expected an instant with its offset such as 2026-05-31T10:00:00Z")]
    Instant,
    /// A character that the databases cannot hold.
    #[error("text may not hold the character U+0000")]
    Text,
    /// Not one of the keys of a selection.
    #[error("expected one of the keys of the selection")]
    Select,
    /// Not written as the field demands.
    #[error("the text is not written as the field demands")]
    Format,
    /// Not a country.
    #[error("expected an ISO 3166-1 alpha-2 country code or a country's English name")]
    Country,
    /// A value of another type.
    #[error("the value has another type than the field")]
    Type,
}

impl Value {
    /// Reads a value of a type: `true`, `42`, `12.5`, any text, `2026-05-31`, `2026-05-31T10:00:00Z`.
    ///
    /// # Errors
    /// When the text is no value of the type. Empty text is a text, and no value of any other type.
    pub fn parse(ty: Type, text: &str) -> Result<Self, ValueError> {
        match ty {
            Type::Boolean => match text {
                "true" => Ok(Self::Boolean(true)),
                "false" => Ok(Self::Boolean(false)),
                _ => Err(ValueError::Boolean),
            },
            Type::Integer => text.parse().map(Self::Integer).map_err(|_| ValueError::Integer),
            Type::Decimal => parse_decimal(text).map(Self::Decimal),
            Type::Text if text.contains('\0') => Err(ValueError::Text),
            Type::Text => Ok(Self::Text(text.to_owned())),
            Type::Date => parse_date(text).map(Self::Date),
            Type::Instant => parse_instant(text).map(Self::Instant),
        }
    }

    /// The value as text, such that [`Value::parse`] reads it back; null is empty.
    #[must_use]
    pub fn display(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Boolean(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Decimal(scaled) => format_decimal(*scaled),
            Self::Text(text) => text.clone(),
            Self::Date(days) => format_date(*days),
            Self::Instant(micros) => format_instant(*micros),
        }
    }

    /// The value as JSON: booleans and integers as such, everything else as text.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Boolean(value) => (*value).into(),
            Self::Integer(value) => (*value).into(),
            other => other.display().into(),
        }
    }

    /// Reads what [`Value::to_json`] writes; a decimal may also be a JSON number.
    ///
    /// # Errors
    /// When the JSON is no value of the type.
    pub fn from_json(ty: Type, json: &serde_json::Value) -> Result<Self, ValueError> {
        match (ty, json) {
            (_, serde_json::Value::Null) => Ok(Self::Null),
            (Type::Boolean, serde_json::Value::Bool(value)) => Ok(Self::Boolean(*value)),
            (Type::Integer, serde_json::Value::Number(number)) => {
                number.as_i64().map(Self::Integer).ok_or(ValueError::Integer)
            }
            (Type::Decimal, serde_json::Value::Number(number)) => parse_decimal(&number.to_string()).map(Self::Decimal),
            (Type::Decimal | Type::Text | Type::Date | Type::Instant, serde_json::Value::String(text)) => {
                Self::parse(ty, text)
            }
            _ => Err(ValueError::Type),
        }
    }
}

/// Reads `-12.5` as the scaled integer `-125_000`, exactly.
///
/// # Errors
/// When it is no plain decimal, has more than four places or is too large.
pub fn parse_decimal(text: &str) -> Result<i64, ValueError> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(places) {
        return Err(ValueError::Decimal);
    }
    let places = places.trim_end_matches('0');
    if places.len() > 4 {
        return Err(ValueError::DecimalPlaces);
    }
    // At most four digits, so neither step can fail.
    let fraction: i128 = format!("{places:0<4}").parse().map_err(|_| ValueError::Decimal)?;
    let whole: i128 = whole.parse().map_err(|_| ValueError::DecimalRange)?;
    let scaled = whole.checked_mul(i128::from(DECIMAL_SCALE)).and_then(|whole| whole.checked_add(fraction));
    let scaled = scaled.map(|scaled| if negative { -scaled } else { scaled });
    scaled.and_then(|scaled| i64::try_from(scaled).ok()).ok_or(ValueError::DecimalRange)
}

fn format_decimal(scaled: i64) -> String {
    let sign = if scaled < 0 { "-" } else { "" };
    let magnitude = scaled.unsigned_abs();
    let (whole, fraction) = (magnitude / DECIMAL_SCALE.unsigned_abs(), magnitude % DECIMAL_SCALE.unsigned_abs());
    if fraction == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{}", format!("{fraction:04}").trim_end_matches('0'))
}

fn parse_date(text: &str) -> Result<i32, ValueError> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| ValueError::Date)?;
    let days = date.to_epoch_days();
    // The parser takes `2024-2-1` and blanks too.
    if format_date(days) == text { Ok(days) } else { Err(ValueError::Date) }
}

fn format_date(days: i32) -> String {
    NaiveDate::from_epoch_days(days).map_or_else(|| format!("day {days}"), |date| date.format("%Y-%m-%d").to_string())
}

fn parse_instant(text: &str) -> Result<i64, ValueError> {
    DateTime::parse_from_rfc3339(text).map(|instant| instant.timestamp_micros()).map_err(|_| ValueError::Instant)
}

fn format_instant(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros).map_or_else(
        || format!("microsecond {micros}"),
        |instant| {
            instant.to_rfc3339_opts(
                if micros % 1_000_000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Micros },
                true,
            )
        },
    )
}

#[cfg(test)]
mod tests;
