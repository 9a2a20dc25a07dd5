//! When one may call: days and hours of the table of channels, read for calls that are about to be made. The
//! clock is the tenant's.

use garant_plugin_sdk::prelude::*;

/// An outgoing call to somebody who may not be called now.
///
/// # Errors
/// When the host gave no table of channels, or one whose days or hours do not read.
pub(crate) fn forbidden(ctx: &Context) -> Result<Cond, String> {
    let mut scopes = vec![];
    for row in ctx.table("channel_rules")?.rows().filter(|row| row.text("channel") == Some("call")) {
        let Some(closed) = closed(row)? else { continue };
        let (Some(country), Some(audience)) = (row.text("country"), row.text("audience")) else { continue };
        scopes.push(all([of(country, audience), closed]));
    }
    // What was done before is evidence, whenever it was: it is not undone by not being entered.
    let entered_later = all([!field("happened_at").is_null(), field("happened_at").lt(now())]);
    let call = all([!field("kind").is_null(), field("kind").eq("call")]);
    Ok(all([call, !entered_later, any(scopes)]))
}

/// Who lives there and is of the audience. Whoever is not known not to be is: that is the stricter reading.
fn of(country: &str, audience: &str) -> Cond {
    let (lives, kind) = (|| fact("subject.country", []), || fact("subject.audience", []));
    let there = if country == "*" { Cond::always() } else { any([lives().is_null(), lives().eq(country)]) };
    all([there, any([kind().is_null(), kind().eq(audience)])])
}

/// Outside the days and hours of a row; `None` for a row that names none.
fn closed(row: Row<'_>) -> Result<Option<Cond>, String> {
    let mut open = vec![];
    if let Some(days) = row.text("weekdays") {
        open.push(within("local.weekday", days, 1)?);
    }
    if let Some(hours) = row.text("hours") {
        open.push(within("local.hour", hours, 0)?);
    }
    if row.text("holidays") == Some("forbidden")
        && let Some(country) = row.text("country").filter(|country| *country != "*")
    {
        open.push(!holiday(country));
    }
    Ok((!open.is_empty()).then(|| !all(open)))
}

/// One of some spans: `1-5` of days, where the last is part of it; `10-13 14-20` of hours, where it is not.
fn within(attribute: &str, spans: &str, reaches: i64) -> Result<Cond, String> {
    let span = |text: &str| {
        let (from, to) = text.split_once('-')?;
        let (from, to): (i64, i64) = (from.parse().ok()?, to.parse().ok()?);
        Some(all([context(attribute).ge(from), context(attribute).lt(to + reaches)]))
    };
    let parsed: Option<Vec<Cond>> = spans.split_whitespace().map(span).collect();
    parsed.map(any).ok_or_else(|| format!("channel_rules: `{spans}` are no days or hours"))
}
