use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::value::covers;

#[test]
fn decimals_are_exact() {
    for (text, scaled, shown) in [
        ("12.5", 125_000, "12.5"),
        ("-12.5", -125_000, "-12.5"),
        ("0", 0, "0"),
        ("-0", 0, "0"),
        ("+7", 70_000, "7"),
        ("0.0001", 1, "0.0001"),
        ("-0.0001", -1, "-0.0001"),
        ("1100.04", 11_000_400, "1100.04"),
        ("1.50000000", 15_000, "1.5"),
        ("922337203685477.5807", i64::MAX, "922337203685477.5807"),
        ("-922337203685477.5808", i64::MIN, "-922337203685477.5808"),
    ] {
        assert_eq!(parse_decimal(text), Ok(scaled), "{text}");
        assert_eq!(Value::Decimal(scaled).display(), shown);
    }
    for (text, error) in [
        ("1.00001", ValueError::DecimalPlaces),
        ("922337203685477.5808", ValueError::DecimalRange),
        ("99999999999999999999999999999999999999999999", ValueError::DecimalRange),
        ("", ValueError::Decimal),
        ("-", ValueError::Decimal),
        (".5", ValueError::Decimal),
        ("5.", ValueError::Decimal),
        ("1e3", ValueError::Decimal),
        ("1,000", ValueError::Decimal),
        ("--1", ValueError::Decimal),
        (" 1", ValueError::Decimal),
        ("NaN", ValueError::Decimal),
        ("٣", ValueError::Decimal),
    ] {
        assert_eq!(parse_decimal(text), Err(error), "{text}");
    }
}

#[test]
fn dates_and_instants_are_iso_8601() {
    assert_eq!(Value::parse(Type::Date, "1970-01-02"), Ok(Value::Date(1)));
    assert_eq!(Value::parse(Type::Date, "2024-02-29"), Ok(Value::Date(19_782)));
    for text in ["2023-02-29", "2024-2-1", "01/02/2024", "2024-02-01T00:00:00Z", "", " 2024-02-01", "20240201"] {
        assert_eq!(Value::parse(Type::Date, text), Err(ValueError::Date), "{text}");
    }
    let micros = 1_000_000;
    assert_eq!(Value::parse(Type::Instant, "1970-01-01T01:00:01+01:00"), Ok(Value::Instant(micros)));
    assert_eq!(Value::Instant(micros).display(), "1970-01-01T00:00:01Z");
    assert_eq!(Value::Instant(-1).display(), "1969-12-31T23:59:59.999999Z");
    // Without an offset it is no instant: whose clock?
    for text in ["1970-01-01T00:00:01", "1970-01-01", "yesterday", ""] {
        assert_eq!(Value::parse(Type::Instant, text), Err(ValueError::Instant), "{text}");
    }
}

#[test]
fn other_types_read_what_they_say() {
    assert_eq!(Value::parse(Type::Boolean, "true"), Ok(Value::Boolean(true)));
    assert_eq!(Value::parse(Type::Boolean, "yes"), Err(ValueError::Boolean));
    assert_eq!(Value::parse(Type::Integer, "-9223372036854775808"), Ok(Value::Integer(i64::MIN)));
    assert_eq!(Value::parse(Type::Integer, "9223372036854775808"), Err(ValueError::Integer));
    assert_eq!(Value::parse(Type::Integer, "1.0"), Err(ValueError::Integer));
    assert_eq!(Value::parse(Type::Text, ""), Ok(Value::text("")));
    assert_eq!(Value::parse(Type::Text, "a\0b"), Err(ValueError::Text));
}

#[test]
fn json_keeps_exactness() {
    assert_eq!(Value::Decimal(1).to_json(), json!("0.0001"));
    assert_eq!(Value::Integer(3).to_json(), json!(3));
    assert_eq!(Value::Boolean(false).to_json(), json!(false));
    assert_eq!(Value::Null.to_json(), json!(null));
    assert_eq!(Value::Date(0).to_json(), json!("1970-01-01"));
    assert_eq!(Value::from_json(Type::Decimal, &json!(12.5)), Ok(Value::Decimal(125_000)));
    assert_eq!(Value::from_json(Type::Decimal, &json!(7)), Ok(Value::Decimal(70_000)));
    assert_eq!(Value::from_json(Type::Integer, &json!(1.5)), Err(ValueError::Integer));
    assert_eq!(Value::from_json(Type::Text, &json!(1)), Err(ValueError::Type));
    assert_eq!(Value::from_json(Type::Boolean, &json!("true")), Err(ValueError::Type));
    assert_eq!(Value::from_json(Type::Text, &json!("a\u{0}")), Err(ValueError::Text));
}

#[test]
fn errors_never_quote_the_text() {
    for ty in [Type::Boolean, Type::Integer, Type::Decimal, Type::Date, Type::Instant, Type::Text] {
        let error = Value::parse(ty, "marieyates\0").unwrap_err();
        assert!(!error.to_string().contains("marie"), "{error}");
    }
}

#[test]
fn keys_cover_on_dots_only() {
    for (a, b, covered) in [
        ("user.contact", "user.contact", true),
        ("user.contact", "user.contact.email", true),
        ("user.contact.email", "user.contact", false),
        ("user.contact", "user.contacts", false),
        ("user.contact", "user", false),
        ("", "user", false),
        ("user", "", false),
        ("", "", true),
        ("user.", "user.contact", false),
    ] {
        assert_eq!(covers(a, b), covered, "{a} {b}");
    }
}

fn values() -> impl Strategy<Value = (Type, Value)> {
    prop_oneof![
        any::<bool>().prop_map(|value| (Type::Boolean, Value::Boolean(value))),
        any::<i64>().prop_map(|value| (Type::Integer, Value::Integer(value))),
        any::<i64>().prop_map(|value| (Type::Decimal, Value::Decimal(value))),
        "[^\\x00]{0,12}".prop_map(|value| (Type::Text, Value::Text(value))),
        (-719_162..2_932_896i32).prop_map(|value| (Type::Date, Value::Date(value))),
        (-62_135_596_800_000_000..253_402_300_799_999_999i64).prop_map(|value| (Type::Instant, Value::Instant(value))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_is_written_is_read_back((ty, value) in values()) {
        prop_assert_eq!(value.value_type(), Some(ty));
        prop_assert_eq!(Value::parse(ty, &value.display()), Ok(value.clone()));
        prop_assert_eq!(Value::from_json(ty, &value.to_json()), Ok(value));
    }

    #[test]
    fn order_is_total_within_a_type((ty, a) in values(), (other, b) in values()) {
        prop_assert_eq!(a.compare(&b).is_some(), ty == other);
        prop_assert_eq!(a.compare(&b), b.compare(&a).map(std::cmp::Ordering::reverse));
        prop_assert_eq!(a.compare(&Value::Null), None);
    }
}
