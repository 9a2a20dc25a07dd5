//! Text of a cell to the value of a field. Reasons name the column and the expected form, never the
//! text itself: it may be personal, and the rejects file has it anyway.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use garant_domain::catalog::{Field, FieldType};
use garant_domain::value::{DECIMAL_SCALE, Value};

use super::mapping::{Collected, FieldMapping, iso_date};

/// The cells of one row by column.
pub(super) type Cells<'a> = BTreeMap<&'a str, &'a str>;

/// The text of a field, from its column, constant or template, trimmed and put right by `map`;
/// `None` if there is none.
pub(super) fn text_of(mapping: &FieldMapping, cells: &Cells<'_>) -> Option<String> {
    let text = match (&mapping.column, &mapping.constant, &mapping.template) {
        (Some(column), _, _) => cells.get(column.as_str()).map(|cell| cell.trim().to_owned()),
        (None, Some(constant), _) => Some(constant.clone()),
        (None, None, Some(template)) => Some(fill(template, cells)),
        (None, None, None) => None,
    }?;
    let text = mapping.map.get(&text).cloned().unwrap_or(text);
    (!text.is_empty()).then_some(text)
}

/// A template with the cells in place; blanks around an empty cell collapse.
fn fill(template: &str, cells: &Cells<'_>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) => {
                out.push_str(cells.get(name).map_or("", |cell| cell.trim()));
                rest = tail;
            }
            None => rest = after,
        }
    }
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A value of the field's type; `Err` says what is expected. Texts of references stay text: the
/// caller looks the record up.
pub(super) fn convert(text: &str, field: &Field, mapping: &FieldMapping, zone: Tz) -> Result<Value, String> {
    match &field.ty {
        FieldType::Text | FieldType::Reference(_) => Ok(Value::text(text)),
        FieldType::Integer => text.parse().map(Value::Integer).map_err(|_| "expected a whole number".to_owned()),
        FieldType::Decimal => decimal(text, mapping.decimal_mark.unwrap_or('.')).map(Value::Decimal),
        FieldType::Boolean => boolean(text).map(Value::Boolean),
        FieldType::Date => {
            date(text, mapping.format.as_deref().unwrap_or(&iso_date())).map(|date| Value::Date(days(date)))
        }
        FieldType::Instant => instant(text, mapping.format.as_deref(), zone).map(Value::Instant),
        FieldType::Select(keys) if keys.iter().any(|key| key == text) => Ok(Value::text(text)),
        FieldType::MultiSelect(keys) => {
            field.parse(text).map_err(|_| format!("expected some of {}, with blanks between", keys.join(", ")))
        }
        FieldType::Select(keys) => Err(format!("expected one of {}; add the value to `map`", keys.join(", "))),
        FieldType::Country => garant_domain::country::from_name(text)
            .map(Value::text)
            .ok_or_else(|| "expected a country (ISO 3166 code or English name); add the value to `map`".to_owned()),
    }
}

/// When the row's data was collected, in microseconds: the start of that day in the tenant's zone.
pub(super) fn collected_at(at: &Collected, cells: &Cells<'_>, zone: Tz) -> Result<Option<i64>, String> {
    match cells.get(at.column.as_str()).map(|cell| cell.trim()) {
        None | Some("") => Ok(None),
        Some(text) => start_of_day(date(text, &at.format)?, zone).map(Some),
    }
}

fn decimal(text: &str, mark: char) -> Result<i64, String> {
    let wrong = || format!("expected a number with `{mark}` before at most four decimal places");
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, places) = digits.split_once(mark).unwrap_or((digits, ""));
    let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !numeric(whole) || !numeric(places) || places.len() > 4 {
        return Err(wrong());
    }
    let fraction: i64 = format!("{places:0<4}").parse().map_err(|_| wrong())?;
    let whole: i64 = whole.parse().map_err(|_| wrong())?;
    whole
        .checked_mul(DECIMAL_SCALE)
        .and_then(|scaled| scaled.checked_add(fraction))
        .map(|value| sign * value)
        .ok_or_else(wrong)
}

fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "1" => Ok(true),
        "false" | "no" | "n" | "0" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

fn date(text: &str, format: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, format).map_err(|_| format!("expected a date written as {format}"))
}

fn days(date: NaiveDate) -> i32 {
    date.to_epoch_days()
}

/// ISO 8601 with an offset, or the given format; without an offset in the tenant's zone, without a
/// time the start of the day.
fn instant(text: &str, format: Option<&str>, zone: Tz) -> Result<i64, String> {
    if format.is_none()
        && let Ok(at) = chrono::DateTime::parse_from_rfc3339(text)
    {
        return Ok(at.timestamp_micros());
    }
    let shown = format.unwrap_or("%Y-%m-%dT%H:%M:%S");
    match NaiveDateTime::parse_from_str(text, shown) {
        Ok(local) => in_zone(local, zone),
        Err(_) => start_of_day(
            date(text, format.unwrap_or(&iso_date())).map_err(|_| format!("expected a time written as {shown}"))?,
            zone,
        ),
    }
}

fn start_of_day(date: NaiveDate, zone: Tz) -> Result<i64, String> {
    in_zone(date.and_time(NaiveTime::MIN), zone)
}

/// The earlier of two readings where a clock is put back; an hour later where it is put forward and
/// the time does not exist.
fn in_zone(local: NaiveDateTime, zone: Tz) -> Result<i64, String> {
    let later = || zone.from_local_datetime(&(local + chrono::TimeDelta::hours(1))).earliest();
    zone.from_local_datetime(&local)
        .earliest()
        .or_else(later)
        .map(|at| at.timestamp_micros())
        .ok_or_else(|| "expected a time that exists in the tenant's zone".to_owned())
}

#[cfg(test)]
mod tests {
    use garant_domain::catalog::Catalog;

    use super::*;

    const PARIS: Tz = chrono_tz::Europe::Paris;

    fn value(entity: &str, field: &str, text: &str, mapping: &FieldMapping) -> Result<Value, String> {
        let catalog = Catalog::standard().expect("the catalogue");
        let field = catalog.entity(entity).and_then(|entity| entity.field(field)).expect("a field of the catalogue");
        convert(text, field, mapping, PARIS)
    }

    #[test]
    fn decimals_are_scaled_and_strict() {
        assert_eq!(decimal("1100.04", '.'), Ok(11_000_400));
        assert_eq!(decimal("-0,5", ','), Ok(-5_000));
        assert_eq!(decimal("0", '.'), Ok(0));
        for bad in ["", ".", "1.00001", "1,5", "1e3", "99999999999999999999", "922337203685478", "--1", "1.-5"] {
            assert!(decimal(bad, '.').is_err(), "{bad} must be refused");
        }
        assert_eq!(decimal("922337203685477.5807", '.'), Ok(i64::MAX));
    }

    #[test]
    fn dates_follow_their_format() {
        let us = FieldMapping { format: Some("%m/%d/%Y".to_owned()), ..FieldMapping::default() };
        assert_eq!(value("deal", "engaged_on", "3/1/2017", &us), Ok(Value::Date(17_226)));
        assert!(value("deal", "engaged_on", "13/1/2017", &us).is_err_and(|reason| reason.contains("%m/%d/%Y")));
        assert_eq!(value("deal", "engaged_on", "1970-01-02", &FieldMapping::default()), Ok(Value::Date(1)));
    }

    #[test]
    fn instants_without_offset_are_local_to_the_tenant() {
        let midnight = instant("2024-07-01", None, PARIS);
        assert_eq!(midnight, instant("2024-06-30T22:00:00Z", None, PARIS));
        assert_eq!(midnight, instant("2024-07-01T00:00:00", None, PARIS));
        // 2:30 does not exist on the day the clocks go forward.
        assert_eq!(instant("2024-03-31T02:30:00", None, PARIS), instant("2024-03-31T01:30:00Z", None, PARIS));
    }

    #[test]
    fn select_and_country_say_what_to_do() {
        let plain = FieldMapping::default();
        assert_eq!(value("deal", "stage", "won", &plain), Ok(Value::text("won")));
        assert!(value("deal", "stage", "Won", &plain).is_err_and(|reason| reason.contains("prospecting")));
        assert_eq!(value("contact", "country", "Germany", &plain), Ok(Value::text("DE")));
        assert!(value("contact", "country", "Atlantis", &plain).is_err_and(|reason| !reason.contains("Atlantis")));
    }

    #[test]
    fn texts_are_trimmed_mapped_and_composed() {
        let cells = Cells::from([("product", " GTXPro "), ("account", "")]);
        let column = FieldMapping {
            column: Some("product".to_owned()),
            map: BTreeMap::from([("GTXPro".to_owned(), "GTX Pro".to_owned())]),
            ..FieldMapping::default()
        };
        assert_eq!(text_of(&column, &cells).as_deref(), Some("GTX Pro"));
        let template = FieldMapping { template: Some("{product} {account} x".to_owned()), ..FieldMapping::default() };
        assert_eq!(text_of(&template, &cells).as_deref(), Some("GTXPro x"));
        let blank = FieldMapping { column: Some("account".to_owned()), ..FieldMapping::default() };
        assert_eq!(text_of(&blank, &cells), None);
    }
}
