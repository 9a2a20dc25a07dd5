//! Values on the wire: decimals and instants as text, exact both ways.

use std::borrow::Cow;

use async_graphql::dynamic::{Scalar, SchemaBuilder, TypeRef};
use async_graphql::{Name, Value as Wire};
use chrono::{DateTime, NaiveDate, SecondsFormat};
use garant_domain::catalog::chosen;
use garant_domain::problem::Problem;
use garant_domain::value::{DECIMAL_SCALE, Value};

use super::model::Kind;

const DECIMAL: &str = "Decimal";
const DATE: &str = "Date";
const DATE_TIME: &str = "DateTime";
/// Any JSON document.
pub const JSON: &str = "JSON";

/// Integers past this are not exact in JSON numbers.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// Days from 0001-01-01 to 1970-01-01.
const EPOCH_FROM_CE: i32 = 719_163;

/// Registers the scalars that GraphQL does not have.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let text = |value: &Wire| matches!(value, Wire::String(_));
    builder
        .register(
            Scalar::new(DECIMAL)
                .description("An exact decimal with at most four places, as text: \"12.5\".")
                .validator(|value| matches!(value, Wire::String(_) | Wire::Number(_))),
        )
        .register(Scalar::new(DATE).description("A civil date: \"2026-05-01\".").validator(text))
        .register(
            Scalar::new(DATE_TIME)
                .description("An instant with its offset (RFC 3339), answered in UTC: \"2026-05-01T10:00:00Z\".")
                .validator(text),
        )
        .register(Scalar::new(JSON).description("A JSON document."))
}

impl Kind {
    /// The GraphQL type of a field or input.
    pub fn type_ref(&self) -> TypeRef {
        match self {
            Self::MultiSelect(_) => TypeRef::named_nn_list(self.type_name()),
            _ => TypeRef::named(self.type_name()),
        }
    }

    /// The GraphQL type of a value, or of each of several.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Id => TypeRef::ID,
            Self::Text | Self::Select(_) | Self::MultiSelect(_) | Self::Country => TypeRef::STRING,
            Self::Integer => TypeRef::INT,
            Self::Decimal => DECIMAL,
            Self::Boolean => TypeRef::BOOLEAN,
            Self::Date => DATE,
            Self::Instant => DATE_TIME,
        }
    }
}

/// A shown value as an answer carries it.
pub fn to_wire(value: &Value) -> Wire {
    match value {
        Value::Null => Wire::Null,
        Value::Boolean(b) => Wire::Boolean(*b),
        Value::Integer(i) => Wire::Number((*i).into()),
        Value::Decimal(scaled) => Wire::String(decimal(*scaled)),
        Value::Text(text) => Wire::String(text.clone()),
        Value::Date(days) => days
            .checked_add(EPOCH_FROM_CE)
            .and_then(NaiveDate::from_num_days_from_ce_opt)
            .map_or(Wire::Null, |date| Wire::String(date.to_string())),
        Value::Instant(micros) => instant(*micros),
    }
}

/// A shown value as a field answers it; absent where it is null, which no scalar's check would pass.
pub fn shown(value: &Value) -> Option<Wire> {
    Some(to_wire(value)).filter(|wire| *wire != Wire::Null)
}

/// The keys of a choice of several, as a field answers them.
pub fn keys(value: &Value) -> Option<Wire> {
    let text = value.as_text()?;
    Some(Wire::List(text.split(' ').map(Wire::from).collect()))
}

/// An instant in microseconds as an answer carries it.
pub fn instant(micros: i64) -> Wire {
    DateTime::from_timestamp_micros(micros)
        .map_or(Wire::Null, |at| Wire::String(at.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
}

fn decimal(scaled: i64) -> String {
    let scale = DECIMAL_SCALE.unsigned_abs();
    let (whole, part) = (scaled.unsigned_abs() / scale, scaled.unsigned_abs() % scale);
    let sign = if scaled < 0 { "-" } else { "" };
    if part == 0 {
        return format!("{sign}{whole}");
    }
    let part = format!("{part:04}");
    format!("{sign}{whole}.{}", part.trim_end_matches('0'))
}

/// An input as a value of a kind; null stays null.
///
/// # Errors
/// The input is not of the kind; the problem names `path` and never the value.
pub fn from_wire(wire: &Wire, kind: &Kind, path: &str) -> Result<Value, Problem> {
    let wrong = |what: &str| Problem::input(path, format!("`{path}` must be {what}")).mend(format!("Give {what}."));
    Ok(match (kind, wire) {
        (_, Wire::Null) => Value::Null,
        (Kind::Text | Kind::Id, Wire::String(text)) => Value::Text(text.clone()),
        (Kind::Id, Wire::Number(number)) => Value::Text(number.to_string()),
        (Kind::Select(keys), Wire::String(_) | Wire::Enum(_)) => {
            let text = text(wire);
            if !keys.iter().any(|key| *key == text) {
                return Err(wrong(&format!("one of {}", keys.join(", "))));
            }
            Value::text(text)
        }
        (Kind::MultiSelect(keys), Wire::List(_) | Wire::String(_) | Wire::Enum(_)) => {
            let named: Vec<Cow<'_, str>> = match wire {
                Wire::List(items) => items.iter().map(text).collect(),
                one => vec![text(one)],
            };
            if named.is_empty() {
                return Ok(Value::Null);
            }
            let named: Vec<&str> = named.iter().map(AsRef::as_ref).collect();
            let chosen = chosen(keys, &named);
            Value::Text(chosen.ok_or_else(|| wrong(&format!("some of {}", keys.join(", "))))?)
        }
        (Kind::Country, Wire::String(code)) => {
            if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
                return Err(wrong("an ISO 3166-1 alpha-2 country code such as FR"));
            }
            Value::text(code)
        }
        (Kind::Integer, Wire::Number(number)) => {
            let int = number.as_i64().filter(|i| i32::try_from(*i).is_ok());
            Value::Integer(int.ok_or_else(|| wrong("an integer of 32 bits"))?)
        }
        (Kind::Decimal, Wire::String(_) | Wire::Number(_)) => parse_decimal(wire)
            .map(Value::Decimal)
            .ok_or_else(|| wrong("an exact decimal with at most four places, as text such as \"12.5\""))?,
        (Kind::Boolean, Wire::Boolean(b)) => Value::Boolean(*b),
        (Kind::Date, Wire::String(text)) => {
            let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong("a date such as 2026-05-01"))?;
            Value::Date(chrono::Datelike::num_days_from_ce(&date) - EPOCH_FROM_CE)
        }
        (Kind::Instant, Wire::String(text)) => {
            let at = DateTime::parse_from_rfc3339(text)
                .map_err(|_| wrong("an instant with its offset such as 2026-05-01T10:00:00Z"))?;
            Value::Instant(at.timestamp_micros())
        }
        _ => return Err(wrong(&format!("a value of type {}", kind.type_name()))),
    })
}

/// The text of a string or an enum name.
pub fn text(wire: &Wire) -> Cow<'_, str> {
    match wire {
        Wire::String(text) => Cow::Borrowed(text),
        Wire::Enum(name) => Cow::Borrowed(Name::as_str(name)),
        other => Cow::Owned(other.to_string()),
    }
}

fn parse_decimal(wire: &Wire) -> Option<i64> {
    let text = match wire {
        Wire::String(text) => text.clone(),
        // A float is read as it was written; past 2^53 its digits are not what was written.
        Wire::Number(number) if number.is_f64() => {
            let float = number.as_f64().filter(|f| f.abs() < EXACT)?;
            float.to_string()
        }
        Wire::Number(number) => number.to_string(),
        _ => return None,
    };
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.as_str()),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(part) || part.len() > 4 {
        return None;
    }
    let part = format!("{part:0<4}").parse::<i64>().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(DECIMAL_SCALE)?.checked_add(part)?.checked_mul(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(wire: Wire, kind: Kind) -> Result<Value, Problem> {
        from_wire(&wire, &kind, "input.x")
    }

    #[test]
    fn decimals_are_exact_both_ways() {
        for (text, scaled) in
            [("12.5", 125_000), ("-0.0001", -1), ("0", 0), ("922337203685477", 9_223_372_036_854_770_000)]
        {
            assert_eq!(read(Wire::from(text), Kind::Decimal).unwrap(), Value::Decimal(scaled));
            assert_eq!(to_wire(&Value::Decimal(scaled)), Wire::from(text));
        }
        assert_eq!(read(Wire::from(12.5), Kind::Decimal).unwrap(), Value::Decimal(125_000));
        assert_eq!(read(Wire::from(7), Kind::Decimal).unwrap(), Value::Decimal(70_000));
        for bad in ["", "1.", ".5", "1e3", "1.00001", "1,5", "--1", "+1", "9223372036854775807"] {
            assert!(read(Wire::from(bad), Kind::Decimal).is_err(), "{bad}");
        }
    }

    #[test]
    fn dates_and_instants_round_trip() {
        assert_eq!(read(Wire::from("1970-01-02"), Kind::Date).unwrap(), Value::Date(1));
        assert_eq!(to_wire(&Value::Date(-1)), Wire::from("1969-12-31"));
        let noon = read(Wire::from("2026-05-01T12:00:00+02:00"), Kind::Instant).unwrap();
        assert_eq!(to_wire(&noon), Wire::from("2026-05-01T10:00:00Z"));
        assert!(read(Wire::from("2026-05-01T12:00:00"), Kind::Instant).is_err());
        assert!(read(Wire::from("2026-02-30"), Kind::Date).is_err());
        assert_eq!(to_wire(&Value::Date(i32::MAX)), Wire::Null);
    }

    #[test]
    fn a_wrong_value_is_named_by_its_path_and_never_shown() {
        let secret = "jane@example.org";
        for kind in
            [Kind::Select(vec!["won".into()]), Kind::Country, Kind::Decimal, Kind::Date, Kind::Instant, Kind::Boolean]
        {
            let problem = read(Wire::from(secret), kind).unwrap_err();
            assert_eq!(problem.field.as_deref(), Some("input.x"));
            assert!(!problem.message.contains(secret));
        }
        let problem = read(Wire::from("lost"), Kind::Select(vec!["won".into()])).unwrap_err();
        assert_eq!(problem.message, "`input.x` must be one of won");
        assert!(read(Wire::from(i64::MAX), Kind::Integer).is_err());
    }
}
