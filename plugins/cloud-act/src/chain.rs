//! The chain as the host resolves it, put together again by member.

use garant_plugin_sdk::prelude::*;

/// A member of a chain with what belongs to it.
pub(crate) struct Member<'a> {
    /// The member itself.
    pub row: Row<'a>,
    /// Everybody who holds a part of it, one row for each way.
    pub holders: Vec<Row<'a>>,
    /// Where it is present besides its seat.
    pub presences: Vec<Row<'a>>,
    /// What is not known of it.
    pub gaps: Vec<Row<'a>>,
}

/// The members of some chains; the host gives each member's rows after it.
pub(crate) fn members<'a>(table: Table<'a>, of: &[&str]) -> Vec<Member<'a>> {
    let mut members: Vec<Member<'a>> = vec![];
    for row in table.rows().filter(|row| row.text("of").is_some_and(|chain| of.contains(&chain))) {
        if row.text("row") == Some("member") {
            members.push(Member { row, holders: vec![], presences: vec![], gaps: vec![] });
            continue;
        }
        let Some(member) = members.last_mut() else { continue };
        match row.text("row") {
            Some("holder") => member.holders.push(row),
            Some("presence") => member.presences.push(row),
            // What this policy does not know is not known.
            _ => member.gaps.push(row),
        }
    }
    members
}

/// A percentage of a row, as a whole number of ten-thousandths.
pub(crate) fn percent(row: Row<'_>, column: &str) -> i64 {
    match row.value(column) {
        Value::Decimal(scaled) => scaled,
        _ => 0,
    }
}

/// A percentage of the settings on the same scale.
pub(crate) fn scaled(percent: i64) -> i64 {
    percent.saturating_mul(10_000)
}
