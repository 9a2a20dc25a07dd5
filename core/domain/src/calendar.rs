//! Calendar arithmetic in the tenant's zone, and its exact inverse.
//!
//! Every function here keeps the order of its argument: a later instant never gives an earlier
//! result. Only so can `field + 36 months < now` become `field < bound`, one comparison that an index
//! serves. Civil time itself does not keep the order, so three rules say what happens where it runs
//! backwards or stands still:
//!
//! - a day that the target month lacks means the *end* of the month's last day;
//! - a wall-clock time that is skipped (a gap) means the first instant after the gap;
//! - a wall-clock time that comes twice means its first pass; while the clock repeats an hour, the
//!   hour counts as over, and a day that began stays begun.
//!
//! Dates and instants outside the years 1 to 9999 count as the nearest one inside.
//! No deadline of answers (Reg. 1182/71) lives here: working days never lengthen retention.

mod local;

use chrono::{
    DateTime, Datelike, Duration, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone,
};
use chrono_tz::Tz;

pub use local::{hour, is_holiday, weekday};

use crate::rule::Period;

/// Days from 1970-01-01 to 0001-01-01.
const FIRST_DATE: i32 = -719_162;
/// Days from 1970-01-01 to 9999-12-31.
const LAST_DATE: i32 = 2_932_896;
const MICROS_PER_DAY: i64 = 86_400_000_000;
const FIRST_INSTANT: i64 = FIRST_DATE as i64 * MICROS_PER_DAY;
const LAST_INSTANT: i64 = (LAST_DATE as i64 + 1) * MICROS_PER_DAY - 1;
/// No zone was ever further from UTC than this, in microseconds.
const WIDEST_OFFSET: i64 = 26 * 3_600_000_000;

/// The civil date of an instant in the zone, in days since 1970-01-01.
#[must_use]
pub fn local_date(instant: i64, zone: Tz) -> i32 {
    let instant = clamp_instant(instant);
    let mut date = to_days(wall(instant, zone).date());
    // The clock may go back over midnight; the day that began stays begun.
    while date < LAST_DATE && start_of_day(date + 1, zone) <= instant {
        date += 1;
    }
    date
}

/// The first instant of a civil date in the zone. Not always midnight: the clock may skip it.
#[must_use]
pub fn start_of_day(date: i32, zone: Tz) -> i64 {
    instant_of(to_civil(date).and_time(NaiveTime::MIN), zone)
}

/// The last instant of a civil date in the zone, one microsecond before the next one starts.
#[must_use]
pub fn end_of_day(date: i32, zone: Tz) -> i64 {
    if date >= LAST_DATE { LAST_INSTANT } else { start_of_day(date + 1, zone) - 1 }
}

/// A date moved by a period: months first, clamped to the month's last day, then days.
#[must_use]
pub fn shift_date(date: i32, period: Period) -> i32 {
    match shift_civil(to_civil(date), period) {
        Ok((date, _)) => to_days(date),
        Err(Edge::First) => FIRST_DATE,
        Err(Edge::Last) => LAST_DATE,
    }
}

/// An instant moved by a period: its civil date moves, its wall-clock time stays.
#[must_use]
pub fn shift_instant(instant: i64, period: Period, zone: Tz) -> i64 {
    let instant = clamp_instant(instant);
    if period.months == 0 && period.days == 0 {
        return instant;
    }
    let wall = forward_wall(instant, zone);
    match shift_civil(wall.date(), period) {
        Ok((date, clamped)) => {
            let time = if clamped { last_time() } else { wall.time() };
            clamp_instant(instant_of(date.and_time(time), zone))
        }
        // Not the edge's date at that time of day: a later instant could then land earlier.
        Err(Edge::First) => FIRST_INSTANT,
        Err(Edge::Last) => LAST_INSTANT,
    }
}

/// The least date whose shifted date is `bound` or later; `None` when no date is.
#[must_use]
pub fn least_date_reaching(bound: i32, period: Period) -> Option<i32> {
    let back = Period { months: period.months.saturating_neg(), days: period.days.saturating_neg() };
    let guess = shift_date(shift_date(bound, Period { months: 0, ..back }), Period { days: 0, ..back });
    let reaches = |date: i64| shift_date(narrow(date), period) >= bound;
    least(i64::from(FIRST_DATE), i64::from(LAST_DATE), i64::from(guess), reaches).map(narrow).map(|date| {
        // Everything before the first date counts as the first date.
        if date <= FIRST_DATE { i32::MIN } else { date }
    })
}

/// The least instant whose shifted instant is `bound` or later; `None` when no instant is.
#[must_use]
pub fn least_instant_reaching(bound: i64, period: Period, zone: Tz) -> Option<i64> {
    let back = Period { months: period.months.saturating_neg(), days: period.days.saturating_neg() };
    let guess =
        shift_instant(shift_instant(bound, Period { months: 0, ..back }, zone), Period { days: 0, ..back }, zone);
    let reaches = |instant: i64| shift_instant(instant, period, zone) >= bound;
    least(FIRST_INSTANT, LAST_INSTANT, guess, reaches).map(
        |instant| {
            if instant <= FIRST_INSTANT { i64::MIN } else { instant }
        },
    )
}

/// The least instant whose civil date is `bound` or later; `None` when no instant is.
#[must_use]
pub fn least_instant_on(bound: i32, zone: Tz) -> Option<i64> {
    if bound > local_date(LAST_INSTANT, zone) {
        return None;
    }
    let reaches = |instant: i64| local_date(instant, zone) >= bound;
    least(FIRST_INSTANT, LAST_INSTANT, start_of_day(bound, zone), reaches)
        .map(|instant| if instant <= FIRST_INSTANT { i64::MIN } else { instant })
}

/// The least number in a range that satisfies a condition which, once true, stays true. A good
/// guess makes it two tests instead of sixty.
fn least(low: i64, high: i64, guess: i64, reaches: impl Fn(i64) -> bool) -> Option<i64> {
    let guess = guess.clamp(low, high);
    if reaches(guess) && (guess == low || !reaches(guess - 1)) {
        return Some(guess);
    }
    if !reaches(high) {
        return None;
    }
    let (mut below, mut at) = (low, high);
    if reaches(below) {
        return Some(below);
    }
    while at - below > 1 {
        let middle = below + (at - below) / 2;
        if reaches(middle) { at = middle } else { below = middle }
    }
    Some(at)
}

fn narrow(date: i64) -> i32 {
    i32::try_from(date).unwrap_or(if date < 0 { FIRST_DATE } else { LAST_DATE })
}

fn clamp_instant(instant: i64) -> i64 {
    instant.clamp(FIRST_INSTANT, LAST_INSTANT)
}

fn to_civil(date: i32) -> NaiveDate {
    NaiveDate::from_epoch_days(date.clamp(FIRST_DATE, LAST_DATE)).unwrap_or_default()
}

fn to_days(date: NaiveDate) -> i32 {
    date.to_epoch_days().clamp(FIRST_DATE, LAST_DATE)
}

fn last_time() -> NaiveTime {
    NaiveTime::MIN - Duration::microseconds(1)
}

/// Beyond which end of the calendar a date fell.
enum Edge {
    First,
    Last,
}

/// The shifted date, and whether the month's end cut it short.
fn shift_civil(date: NaiveDate, period: Period) -> Result<(NaiveDate, bool), Edge> {
    let months = Months::new(period.months.unsigned_abs());
    let moved = if period.months < 0 { date.checked_sub_months(months) } else { date.checked_add_months(months) };
    let edge = |forwards: bool| if forwards { Edge::Last } else { Edge::First };
    let moved = moved.ok_or_else(|| edge(period.months > 0))?;
    let clamped = moved.day() != date.day();
    let result = moved.checked_add_signed(Duration::days(i64::from(period.days)));
    let result = result.ok_or_else(|| edge(period.days > 0))?;
    match result.to_epoch_days() {
        ..FIRST_DATE => Err(Edge::First),
        FIRST_DATE..=LAST_DATE => Ok((result, clamped)),
        _ => Err(Edge::Last),
    }
}

/// Wall-clock time as the zone shows it.
fn wall(instant: i64, zone: Tz) -> NaiveDateTime {
    let utc = DateTime::from_timestamp_micros(instant).unwrap_or_default().naive_utc();
    utc + Duration::seconds(i64::from(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()))
}

/// Wall-clock time that never runs backwards: it stands at the end of a repeated hour.
fn forward_wall(instant: i64, zone: Tz) -> NaiveDateTime {
    let shown = wall(instant, zone);
    match zone.from_local_datetime(&shown) {
        LocalResult::Ambiguous(first, second) if second.timestamp_micros() == instant => {
            // The clock goes back somewhere between the two passes; just before, it showed the end.
            let offset = first.offset().fix();
            let (mut before, mut after) = (first.timestamp_micros(), instant);
            while after - before > 1 {
                let middle = before + (after - before) / 2;
                let utc = DateTime::from_timestamp_micros(middle).unwrap_or_default().naive_utc();
                if zone.offset_from_utc_datetime(&utc).fix() == offset { before = middle } else { after = middle }
            }
            wall(before, zone)
        }
        _ => shown,
    }
}

/// The instant of a wall-clock time: the first pass of a repeated one, the end of a gap.
fn instant_of(wall_time: NaiveDateTime, zone: Tz) -> i64 {
    match zone.from_local_datetime(&wall_time) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => instant.timestamp_micros(),
        LocalResult::None => {
            let utc = wall_time.and_utc().timestamp_micros();
            let (mut before, mut after) = (utc - WIDEST_OFFSET, utc + WIDEST_OFFSET);
            while after - before > 1 {
                let middle = before + (after - before) / 2;
                if wall(middle, zone) >= wall_time { after = middle } else { before = middle }
            }
            after
        }
    }
}

#[cfg(test)]
mod tests;
