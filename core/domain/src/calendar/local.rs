//! What the tenant's clock and calendar on the wall say: weekday, hour, public holiday. Rules name
//! these as `local.*`; they are known from the request alone and never reach the database.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, Timelike};
use chrono_tz::Tz;

use super::{local_date, to_civil, wall};

/// National public holidays by country.
static HOLIDAYS: LazyLock<BTreeMap<&'static str, Vec<Day>>> =
    LazyLock::new(|| read(include_str!("../../reference/holidays.tsv")));

/// A day that comes every year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Day {
    /// Month and day.
    Fixed(u32, u32),
    /// Days after Easter Sunday.
    Easter(i64),
}

/// The day of the week in the zone: Monday is 1, Sunday is 7.
#[must_use]
pub fn weekday(instant: i64, zone: Tz) -> i64 {
    to_civil(local_date(instant, zone)).weekday().number_from_monday().into()
}

/// The hour that the clock shows in the zone, 0 to 23.
#[must_use]
pub fn hour(instant: i64, zone: Tz) -> i64 {
    wall(super::clamp_instant(instant), zone).hour().into()
}

/// Whether the civil day in the zone is a national holiday of a country; `None` for a country whose
/// holidays are not on file.
#[must_use]
pub fn is_holiday(instant: i64, zone: Tz, country: &str) -> Option<bool> {
    let days = HOLIDAYS.get(country)?;
    let date = to_civil(local_date(instant, zone));
    Some(days.iter().any(|day| match day {
        Day::Fixed(month, day) => (date.month(), date.day()) == (*month, *day),
        Day::Easter(after) => easter(date.year()).is_some_and(|sunday| (date - sunday).num_days() == *after),
    }))
}

/// Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher).
fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let sum = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(sum / 31).ok()?, u32::try_from(sum % 31 + 1).ok()?)
}

/// A line that does not parse is a holiday lost; a test reads every line.
fn read(table: &'static str) -> BTreeMap<&'static str, Vec<Day>> {
    let mut days: BTreeMap<&str, Vec<Day>> = BTreeMap::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        if let Some((country, day)) = line.split_once('\t')
            && let Some(day) = day_of(day)
        {
            days.entry(country).or_default().push(day);
        }
    }
    days
}

fn day_of(text: &str) -> Option<Day> {
    if let Some(after) = text.strip_prefix("easter") {
        return after.parse().ok().map(Day::Easter);
    }
    let (month, day) = text.split_once('-')?;
    Some(Day::Fixed(month.parse().ok()?, day.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros()
    }

    #[test]
    fn the_wall_is_the_tenants() {
        // Sunday evening in Paris is Monday morning in Auckland.
        let instant = at("2026-05-03T20:30:00Z");
        assert_eq!((weekday(instant, chrono_tz::Europe::Paris), hour(instant, chrono_tz::Europe::Paris)), (7, 22));
        let auckland = chrono_tz::Pacific::Auckland;
        assert_eq!((weekday(instant, auckland), hour(instant, auckland)), (1, 8));
    }

    #[test]
    fn easter_moves() {
        for (year, date) in [
            (2000, "2000-04-23"),
            (2019, "2019-04-21"),
            (2024, "2024-03-31"),
            (2026, "2026-04-05"),
            (2038, "2038-04-25"),
        ] {
            assert_eq!(easter(year).unwrap().to_string(), date);
        }
    }

    #[test]
    fn holidays_begin_at_the_tenants_midnight() {
        let paris = chrono_tz::Europe::Paris;
        let is = |text: &str, country: &str| is_holiday(at(text), paris, country);
        assert_eq!(is("2026-07-13T21:59:59Z", "FR"), Some(false));
        assert_eq!(is("2026-07-13T22:00:00Z", "FR"), Some(true));
        assert_eq!(is("2026-07-14T12:00:00Z", "DE"), Some(false));
        assert_eq!(is("2026-04-06T12:00:00Z", "FR"), Some(true), "Easter Monday");
        assert_eq!((is("2026-04-03T12:00:00Z", "FR"), is("2026-04-03T12:00:00Z", "DE")), (Some(false), Some(true)));
        assert_eq!(is("2026-05-14T12:00:00Z", "BE"), Some(true), "Ascension Day");
        assert_eq!(is("2026-07-14T12:00:00Z", "ZZ"), None, "unknown is not working day");
    }

    #[test]
    fn every_line_of_the_table_is_a_day_of_a_country() {
        let table = include_str!("../../reference/holidays.tsv");
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let (country, day) = line.split_once('\t').unwrap();
            assert!(crate::country::is_code(country) && day_of(day).is_some(), "{line}");
        }
        let mut lines: Vec<&str> = table.lines().collect();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), table.lines().count(), "a line stands twice");
    }
}
