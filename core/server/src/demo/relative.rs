//! Dates of the demo are written relative to its first day: `@-3y2m10d` is three years, two months
//! and ten days before.

use chrono::{Days, Months, NaiveDate};

/// A cell with its relative date made absolute; other cells as they are.
///
/// # Errors
///
/// The cell, if it begins like a relative date and is none.
pub(super) fn resolve(cell: &str, today: NaiveDate) -> Result<String, String> {
    let Some(period) = cell.strip_prefix('@') else { return Ok(cell.to_owned()) };
    let wrong = || format!("`{cell}` is no relative date");
    let (back, mut rest) = match (period.strip_prefix('-'), period.strip_prefix('+')) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return Err(wrong()),
    };
    let mut date = today;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
        let count: u32 = rest[..end].parse().map_err(|_| wrong())?;
        let months = match &rest[end..=end] {
            "y" => Some(Months::new(12 * count)),
            "m" => Some(Months::new(count)),
            "d" => None,
            _ => return Err(wrong()),
        };
        let moved = match (months, back) {
            (Some(months), true) => date.checked_sub_months(months),
            (Some(months), false) => date.checked_add_months(months),
            (None, true) => date.checked_sub_days(Days::new(count.into())),
            (None, false) => date.checked_add_days(Days::new(count.into())),
        };
        date = moved.ok_or_else(wrong)?;
        rest = &rest[end + 1..];
    }
    Ok(date.format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_counted_from_the_day() {
        let today = NaiveDate::from_ymd_opt(2026, 3, 31).expect("a date");
        for (cell, expected) in
            [("@-1m", "2026-02-28"), ("@-3y2m10d", "2023-01-21"), ("@+5d", "2026-04-05"), ("x", "x"), ("", "")]
        {
            assert_eq!(resolve(cell, today).as_deref(), Ok(expected), "{cell}");
        }
        for wrong in ["@3d", "@-3", "@-d", "@-3w"] {
            assert!(resolve(wrong, today).is_err(), "{wrong}");
        }
    }
}
