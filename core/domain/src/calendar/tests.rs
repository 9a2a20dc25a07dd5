//! Moves in the calendar: months that end, clocks that change, years at the edge; bounds against brute force.

use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::value::{Type, Value};

const PARIS: Tz = Tz::Europe__Paris;
const UTC: Tz = Tz::UTC;

/// Zones with ordinary changes, changes at midnight, changes over midnight, a skipped day and a
/// half-hour change.
const ZONES: &[Tz] = &[
    UTC,
    PARIS,
    Tz::America__New_York,
    Tz::America__Sao_Paulo,
    Tz::America__St_Johns,
    Tz::Asia__Beirut,
    Tz::Pacific__Apia,
    Tz::Australia__Lord_Howe,
    Tz::Africa__Casablanca,
    Tz::Asia__Kolkata,
];

fn instant(text: &str) -> i64 {
    match Value::parse(Type::Instant, text) {
        Ok(Value::Instant(at)) => at,
        other => panic!("{text}: {other:?}"),
    }
}

fn date(text: &str) -> i32 {
    match Value::parse(Type::Date, text) {
        Ok(Value::Date(days)) => days,
        other => panic!("{text}: {other:?}"),
    }
}

fn period(months: i32, days: i32) -> Period {
    Period { months, days }
}

#[test]
fn dates_move_by_months_then_days_and_stop_at_the_months_end() {
    for (from, months, days, to) in [
        ("2024-01-31", 1, 0, "2024-02-29"),
        ("2023-01-31", 1, 0, "2023-02-28"),
        ("2024-02-29", 12, 0, "2025-02-28"),
        ("2024-02-29", 48, 0, "2028-02-29"),
        ("2024-08-31", 1, 0, "2024-09-30"),
        ("2024-03-05", 1, 0, "2024-04-05"),
        ("2024-03-31", -1, 0, "2024-02-29"),
        ("2024-01-31", 1, 1, "2024-03-01"),
        ("2021-05-01", 36, 0, "2024-05-01"),
        ("2024-12-31", 0, 1, "2025-01-01"),
        ("9999-12-31", 1, 0, "9999-12-31"),
        ("0001-01-01", 0, -1, "0001-01-01"),
    ] {
        assert_eq!(shift_date(date(from), period(months, days)), date(to), "{from} {months} {days}");
    }
    assert_eq!(shift_date(i32::MAX, period(i32::MAX, i32::MAX)), date("9999-12-31"));
    assert_eq!(shift_date(i32::MIN, period(i32::MIN, i32::MIN)), date("0001-01-01"));
}

#[test]
fn the_edges_of_the_calendar_keep_the_order() {
    let day = |days: i64, hour: i64| FIRST_INSTANT + (days * 24 + hour) * 3_600_000_000;
    let (earlier, later) = (day(5, 10), day(6, 8));
    let back = Period { months: -1, days: -22 };
    // Both fall before the first day; neither may keep its time of day there.
    assert_eq!(shift_instant(earlier, back, Tz::UTC), FIRST_INSTANT);
    assert_eq!(shift_instant(later, back, Tz::UTC), FIRST_INSTANT);
    let forth = Period { months: 1, days: 22 };
    assert_eq!(shift_instant(LAST_INSTANT - day(5, 10) + FIRST_INSTANT, forth, Tz::UTC), LAST_INSTANT);
}

#[test]
fn days_begin_when_the_zone_says() {
    assert_eq!(start_of_day(date("2026-01-01"), PARIS), instant("2025-12-31T23:00:00Z"));
    assert_eq!(start_of_day(date("2026-07-01"), PARIS), instant("2026-06-30T22:00:00Z"));
    assert_eq!(end_of_day(date("2026-03-29"), PARIS), instant("2026-03-29T21:59:59.999999Z"));
    // The clock skipped midnight: the day began at one.
    assert_eq!(start_of_day(date("2018-11-04"), Tz::America__Sao_Paulo), instant("2018-11-04T03:00:00Z"));
    // Samoa never had 30 December 2011.
    let apia = Tz::Pacific__Apia;
    assert_eq!(start_of_day(date("2011-12-30"), apia), start_of_day(date("2011-12-31"), apia));
    assert_eq!(local_date(instant("2011-12-30T09:59:59Z"), apia), date("2011-12-29"));
    assert_eq!(local_date(instant("2011-12-30T10:00:00Z"), apia), date("2011-12-31"));
}

#[test]
fn a_day_that_began_stays_begun() {
    // In 2006 St John's went back at 00:01 to 23:01 of the day before.
    let zone = Tz::America__St_Johns;
    let first_midnight = instant("2006-10-29T02:30:00Z");
    assert_eq!(local_date(first_midnight - 1, zone), date("2006-10-28"));
    assert_eq!(local_date(first_midnight, zone), date("2006-10-29"));
    let after_going_back = instant("2006-10-29T02:45:00Z");
    assert_eq!(wall(after_going_back, zone).to_string(), "2006-10-28 23:15:00");
    assert_eq!(local_date(after_going_back, zone), date("2006-10-29"));
}

#[test]
fn instants_keep_their_wall_clock_time() {
    for (from, months, days, to) in [
        // Ten in winter is ten in summer.
        ("2026-01-15T09:00:00Z", 6, 0, "2026-07-15T08:00:00Z"),
        ("2026-03-28T12:00:00Z", 0, 1, "2026-03-29T11:00:00Z"),
        // 02:30 is skipped on 29 March 2026: the gap ends at 03:00.
        ("2026-03-28T01:30:00Z", 0, 1, "2026-03-29T01:00:00Z"),
        // 02:30 comes twice on 25 October 2026: the first pass.
        ("2026-10-24T00:30:00Z", 0, 1, "2026-10-25T00:30:00Z"),
        // From the second pass of 02:30: the hour counts as over.
        ("2026-10-25T01:30:00Z", 0, 1, "2026-10-26T01:59:59.999999Z"),
        ("2026-10-25T02:00:00Z", 0, 1, "2026-10-26T02:00:00Z"),
        // No 31st in the target month: the end of the last day.
        ("2026-01-31T09:00:00Z", 1, 0, "2026-02-28T22:59:59.999999Z"),
        ("2026-01-28T09:00:00Z", 1, 0, "2026-02-28T09:00:00Z"),
    ] {
        assert_eq!(shift_instant(instant(from), period(months, days), PARIS), instant(to), "{from} {months} {days}");
    }
    let second_pass = instant("2026-10-25T01:30:00Z");
    assert_eq!(shift_instant(second_pass, period(0, 0), PARIS), second_pass, "no period moves nothing");
}

#[test]
fn bounds_are_exact_where_civil_time_is_not() {
    let bound = |text: &str, months, days| least_instant_reaching(instant(text), period(months, days), PARIS);
    assert_eq!(bound("2026-07-15T08:00:00Z", 6, 0), Some(instant("2026-01-15T09:00:00Z")));
    // Nothing lands inside the last hours of 28 February but what left on the 28th at that time.
    assert_eq!(bound("2026-02-28T20:00:00Z", 1, 0), Some(instant("2026-01-28T20:00:00Z")));
    assert_eq!(bound("2026-02-28T22:59:59.999999Z", 1, 0), Some(instant("2026-01-28T22:59:59.999999Z")));
    assert_eq!(bound("2026-02-28T23:00:00Z", 1, 0), Some(instant("2026-01-31T23:00:00Z")));
    assert_eq!(least_date_reaching(date("2026-02-28"), period(1, 0)), Some(date("2026-01-28")));
    assert_eq!(least_date_reaching(date("2026-03-01"), period(1, 0)), Some(date("2026-02-01")));
    assert_eq!(least_instant_on(date("2026-07-01"), PARIS), Some(instant("2026-06-30T22:00:00Z")));
    // Beyond the calendar.
    assert_eq!(least_date_reaching(i32::MAX, period(1, 0)), None);
    assert_eq!(least_date_reaching(i32::MIN, period(1, 0)), Some(i32::MIN));
    assert_eq!(least_instant_reaching(i64::MAX, period(1, 0), PARIS), None);
    assert_eq!(least_instant_on(i32::MAX, PARIS), None);
    assert_eq!(least_instant_on(i32::MIN, PARIS), Some(i64::MIN));
}

fn zone() -> impl Strategy<Value = Tz> {
    prop::sample::select(ZONES)
}

/// Instants of recent years, often close to a change of the clock or to midnight.
fn instants() -> impl Strategy<Value = i64> {
    let near = prop::sample::select(
        [
            "2026-03-29T01:00:00Z",
            "2026-10-25T01:00:00Z",
            "2026-03-08T07:00:00Z",
            "2026-11-01T06:00:00Z",
            "2018-11-04T03:00:00Z",
            "2006-10-29T02:31:00Z",
            "2011-12-30T10:00:00Z",
            "2026-04-04T15:00:00Z",
            "2024-02-29T12:00:00Z",
            "2026-01-31T12:00:00Z",
            "2026-02-28T12:00:00Z",
        ]
        .map(instant)
        .to_vec(),
    );
    let hours = 3_600_000_000i64;
    prop_oneof![
        instant("1995-01-01T00:00:00Z")..instant("2037-01-01T00:00:00Z"),
        (near, -50 * hours..50 * hours).prop_map(|(near, off)| near + off),
    ]
}

fn periods() -> impl Strategy<Value = Period> {
    (prop_oneof![Just(0), -40..40i32], prop_oneof![Just(0), -40..40i32])
        .prop_map(|(months, days)| Period { months, days })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn everything_keeps_the_order(a in instants(), gap in 0..200_000_000_000i64, zone in zone(), period in periods()) {
        let b = a + gap;
        prop_assert!(local_date(a, zone) <= local_date(b, zone));
        prop_assert!(shift_instant(a, period, zone) <= shift_instant(b, period, zone));
        let (a, b) = (local_date(a, zone), local_date(b, zone));
        prop_assert!(shift_date(a, period) <= shift_date(b, period));
        prop_assert!(start_of_day(a, zone) <= start_of_day(b, zone));
    }

    #[test]
    fn a_date_holds_its_instants(at in instants(), zone in zone()) {
        let date = local_date(at, zone);
        prop_assert!(start_of_day(date, zone) <= at && at <= end_of_day(date, zone));
        let shown = to_days(wall(at, zone).date());
        prop_assert!(date == shown || date == shown + 1);
    }

    #[test]
    fn instant_bounds_are_least(bound in instants(), zone in zone(), period in periods()) {
        let least = least_instant_reaching(bound, period, zone).unwrap();
        prop_assert!(shift_instant(least, period, zone) >= bound);
        prop_assert!(shift_instant(least - 1, period, zone) < bound);
    }

    #[test]
    fn date_bounds_are_least(bound in 0..40_000i32, zone in zone(), period in periods()) {
        let least = least_date_reaching(bound, period).unwrap();
        prop_assert!(shift_date(least, period) >= bound && shift_date(least - 1, period) < bound);
        let least = least_instant_on(bound, zone).unwrap();
        prop_assert!(local_date(least, zone) >= bound && local_date(least - 1, zone) < bound);
    }

    #[test]
    fn away_from_the_edges_a_move_is_what_the_calendar_says(
        year in 1996..2037i32, month in 1..=12u32, day in 1..=28u32, hour in 5..20u32, months in -40..40i32, zone in zone(),
    ) {
        // Between five and twenty o'clock no clock of these zones changes, but one that skips a day.
        prop_assume!(zone != Tz::Pacific__Apia);
        let from = NaiveDate::from_ymd_opt(year, month, day).unwrap().and_hms_opt(hour, 0, 0).unwrap();
        let total = year * 12 + i32::try_from(month).unwrap() - 1 + months;
        let (to_year, to_month) = (total.div_euclid(12), u32::try_from(total.rem_euclid(12) + 1).unwrap());
        let to = NaiveDate::from_ymd_opt(to_year, to_month, day).unwrap().and_hms_opt(hour, 0, 0).unwrap();
        let at = |wall: NaiveDateTime| zone.from_local_datetime(&wall).unwrap().timestamp_micros();
        prop_assert_eq!(shift_instant(at(from), Period { months, days: 0 }, zone), at(to));
    }
}
