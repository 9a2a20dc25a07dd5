//! One member of a chain: how far law reaches to it, whether it can read, and what is not known.

use garant_plugin_sdk::prelude::*;

use crate::chain::{Member, percent, scaled};
use crate::law::{Law, Laws, Place};
use crate::{CloudAct, Level};

/// A way in which law reaches the member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    pub level: Level,
    pub code: &'static str,
    /// No level of the settings allows it.
    pub never: bool,
}

/// What is to be said of a member.
#[derive(Default)]
pub(crate) struct Judgement {
    /// Ways in which law reaches it.
    pub reach: Vec<Reach>,
    /// What else the level rests on: codes beside those of the reach.
    pub aggravating: Vec<&'static str>,
    /// Its ownership, or the law over it, is not known, or not any more.
    pub unknown: Option<Cond>,
    /// Holders outside the Union are above what is flagged.
    pub held: Option<Cond>,
    /// It is qualified against foreign law.
    pub qualified: Option<Cond>,
    /// Its owners changed lately.
    pub changed: Option<Cond>,
    /// It gets ciphertext alone.
    pub ciphertext: bool,
    /// It licenses software that others run; whether that sends data home.
    pub licence: Option<bool>,
    /// An order of an authority is open.
    pub ordered: bool,
}

pub(crate) fn judge(policy: &CloudAct, laws: &Laws<'_>, member: &Member<'_>) -> Judgement {
    let row = member.row;
    let controlling = || member.holders.iter().filter(|holder| flag(**holder, "controls") == Some(true));
    let mut found = Judgement {
        ordered: !row.value("order_since").is_null()
            || controlling().any(|holder| !holder.value("order_since").is_null()),
        ..Judgement::default()
    };
    let provider = !matches!(row.text("activity"), Some("courier" | "other"));
    let seat = laws.place(row.text("country"));
    let location = laws.place(row.text("location"));
    for place in [seat, location] {
        found.reach.extend(law_of(place).map(|law| reach(law, Level::Direct, provider)));
    }
    found.reach.extend(member.presences.iter().filter_map(|presence| present(laws, *presence, provider)));
    let qualified = row.value("qualified_until").as_date().filter(|_| seat == Place::Inside);
    let qualified = qualified.map(|last| today().le(last));
    if law_of(seat).is_none() {
        owners(policy, laws, member, provider, &mut found);
        let unknown = if seat == Place::Inside { unknown(policy, laws, member) } else { Some(Cond::always()) };
        found.unknown = unless(unknown, qualified.as_ref());
        found.held = unless(found.held.take(), qualified.as_ref());
    }
    if location == Place::Outside {
        found.unknown = Some(Cond::always());
    }
    found.qualified = qualified;
    found.changed = changed(policy, row);
    if flag(row, "licence_only") == Some(true) {
        found.licence = Some(flag(row, "telemetry") != Some(false));
    }
    let clear = flag(row, "plaintext_needed") != Some(false);
    found.ciphertext = !clear && row.text("key_holder") == Some("customer");
    if found.reach.iter().any(|reach| reach.level >= Level::Control) {
        match row.text("key_holder") {
            Some("provider") => found.aggravating.push("REA-06"),
            Some("customer") if clear => found.aggravating.push("REA-05"),
            _ => {}
        }
        if row.value("depth").as_integer().is_some_and(|depth| depth > 0) {
            found.aggravating.push("REA-07");
        }
    }
    found
}

/// The way in which a law reaches at a level.
fn reach(law: Law, level: Level, provider: bool) -> Reach {
    if law.providers_only && !provider && level > Level::Indirect {
        return Reach { level: Level::Indirect, code: "REA-12", never: false };
    }
    let never = law.lawless && level >= Level::Control;
    let code = match level {
        _ if never => "REA-14",
        Level::None => "REA-00",
        Level::Indirect => "REA-01",
        _ if !law.cloud_act => "REA-13",
        Level::Control => "REA-02",
        Level::Direct => "REA-03",
    };
    Reach { level, code, never }
}

/// A branch is the member itself, in the hands of the law of its place, unless nobody there can reach
/// the data; sales alone are a reason to look again.
fn present(laws: &Laws<'_>, presence: Row<'_>, provider: bool) -> Option<Reach> {
    let law = law_of(laws.place(presence.text("country")))?;
    let access = flag(presence, "access");
    let reached = access == Some(true) || (access.is_none() && presence.text("form") != Some("sales"));
    Some(reach(law, if reached { Level::Direct } else { Level::Indirect }, provider))
}

/// Holders outside the Union: one above a share, all together, a majority.
fn owners(policy: &CloudAct, laws: &Laws<'_>, member: &Member<'_>, provider: bool, found: &mut Judgement) {
    let outside = |row: &&Row<'_>| matches!(laws.place(row.text("country")), Place::Reaching(_) | Place::Outside);
    let mut seen: Vec<&str> = vec![];
    let (mut largest, mut together) = (0, 0);
    let mut controlled = false;
    for holder in member.holders.iter().filter(outside) {
        // Whoever holds through somebody outside is counted there already.
        let via = holder.text("via").unwrap_or_default();
        if via.split_whitespace().all(|country| laws.place(Some(country)) == Place::Inside) {
            together += percent(*holder, "percent");
        }
        let Some(entity) = holder.text("entity").filter(|entity| !seen.contains(entity)) else { continue };
        seen.push(entity);
        let of_it = member.holders.iter().filter(|other| other.text("entity") == Some(entity));
        let share: i64 = of_it.map(|other| percent(*other, "counted")).sum();
        largest = largest.max(share);
        if flag(*holder, "controls") == Some(true) || share > scaled(policy.majority_percent) {
            controlled = true;
            let place = laws.place(holder.text("country"));
            let unnamed = Reach { level: Level::Control, code: "REA-09", never: false };
            found.reach.push(law_of(place).map_or(unnamed, |law| reach(law, Level::Control, provider)));
        }
    }
    // A majority is said as such, and so is one that nobody knows.
    let hidden = hidden(laws, member);
    let majority = controlled || hidden > scaled(policy.majority_percent);
    let above = largest > scaled(policy.holder_percent)
        || together.max(largest) > scaled(policy.holders_percent)
        || hidden > scaled(policy.holders_percent);
    found.held = (above && !majority).then(Cond::always);
}

/// How much of the member may be in hands that nobody knows. What is behind a holder outside the Union is
/// counted as his.
fn hidden(laws: &Laws<'_>, member: &Member<'_>) -> i64 {
    let known_outside = |gap: &&Row<'_>| matches!(laws.place(gap.text("country")), Place::Reaching(_) | Place::Outside);
    member.gaps.iter().filter(|gap| !known_outside(gap)).map(|gap| percent(*gap, "percent")).sum()
}

/// Whether enough is hidden for a majority, or the last check is too long ago.
fn unknown(policy: &CloudAct, laws: &Laws<'_>, member: &Member<'_>) -> Option<Cond> {
    if hidden(laws, member) > scaled(policy.majority_percent) {
        return Some(Cond::always());
    }
    Some(match member.row.value("checked_at").as_date() {
        Some(checked) => today().gt(literal(checked).plus_months(policy.check_months)),
        None => Cond::always(),
    })
}

fn changed(policy: &CloudAct, row: Row<'_>) -> Option<Cond> {
    let changed = row.value("changed_at").as_date().filter(|_| policy.change_days > 0)?;
    Some(today().le(literal(changed).plus_days(policy.change_days)))
}

fn unless(when: Option<Cond>, not: Option<&Cond>) -> Option<Cond> {
    match (when, not) {
        (Some(when), Some(not)) => Some(all([when, !not.clone()])),
        (when, _) => when,
    }
}

fn law_of(place: Place) -> Option<Law> {
    match place {
        Place::Reaching(law) => Some(law),
        _ => None,
    }
}

fn flag(row: Row<'_>, column: &str) -> Option<bool> {
    row.value(column).as_bool()
}
