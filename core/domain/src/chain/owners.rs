//! Who owns a member: every way upwards with its share, who controls it, and what is not known.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Graph, Share};
use super::{Gap, GapKind, Holder, MAX_ROWS, Member, Part, WHOLE};

/// The member with its owners, as of a day.
pub(super) fn of(graph: &Graph, part: &Part, depth: u32, day: i32) -> Member {
    let mut member = Member {
        part: part.clone(),
        depth,
        holders: vec![],
        ultimate: None,
        group: false,
        checked_at: None,
        changed_at: None,
        gaps: vec![],
    };
    let known = part.entity.as_ref().and_then(|id| Some((id, graph.entities.get(id)?)));
    let Some((id, entity)) = known else {
        member.gaps.push(Gap { kind: GapKind::NoEntity, entity: part.entity.clone(), percent: WHOLE });
        return member;
    };
    if entity.country.is_none() {
        member.gaps.push(Gap { kind: GapKind::NoSeat, entity: Some(id.clone()), percent: WHOLE });
    }
    let shares = Shares::above(graph, id, day);
    let mut climb = Climb {
        graph,
        shares: &shares,
        control: Control::default(),
        member: id,
        checked: Some(i32::MAX),
        changed: None,
        out: &mut member,
    };
    climb.above(id, WHOLE, WHOLE, &mut vec![id.as_str()]);
    let (control, checked, changed) = (climb.control, climb.checked, climb.changed);
    member.checked_at = checked.filter(|day| *day != i32::MAX);
    member.changed_at = changed;
    member.ultimate = control.ultimate(&shares, id);
    let ultimate = member.ultimate.clone();
    for holder in &mut member.holders {
        holder.ultimate = holder.controls && ultimate.as_ref() == Some(&holder.entity);
    }
    member.gaps.sort();
    member.gaps.dedup();
    member
}

/// Our own companies, and who controls each of them in the end.
pub(super) fn of_ours(graph: &Graph, day: i32) -> BTreeSet<String> {
    let own = graph.entities.iter().filter(|(_, entity)| entity.own).map(|(id, _)| id);
    let parent = |id: &String| of(graph, &Part { entity: Some(id.clone()), ..Part::default() }, 0, day).ultimate;
    own.flat_map(|id| [Some(id.clone()), parent(id)]).flatten().collect()
}

/// The shares that hold on a day in somebody or in those above, by who is owned.
struct Shares<'a> {
    held: BTreeMap<&'a str, Vec<&'a Share>>,
    /// The last day on which a share above began, or the day after one ended.
    turned: BTreeMap<&'a str, i32>,
}

impl<'a> Shares<'a> {
    fn above(graph: &'a Graph, from: &'a str, day: i32) -> Self {
        let mut shares = Self { held: BTreeMap::new(), turned: BTreeMap::new() };
        let mut open = vec![from];
        while let Some(owned) = open.pop() {
            if shares.held.contains_key(owned) {
                continue;
            }
            let of_it = || graph.shares.iter().filter(|share| share.owned == owned);
            let held: Vec<&Share> = of_it().filter(|share| share.span.holds(day)).collect();
            let ended = |share: &Share| share.span.to.map(|to| to.saturating_add(1));
            let turns = of_it().flat_map(|share| [share.span.from, ended(share)]).flatten();
            if let Some(turn) = turns.filter(|turn| *turn <= day).max() {
                shares.turned.insert(owned, turn);
            }
            open.extend(held.iter().map(|share| share.owner.as_str()));
            shares.held.insert(owned, held);
        }
        shares
    }

    fn of(&self, owned: &str) -> &[&'a Share] {
        self.held.get(owned).map_or(&[], Vec::as_slice)
    }
}

/// Who controls whom: by other means, or with more than half the votes of a company, counting those of
/// companies that are controlled in turn.
#[derive(Default)]
struct Control {
    /// Whom each one controls, as far as it was asked.
    controlled: BTreeMap<String, BTreeSet<String>>,
}

impl Control {
    fn controls(&mut self, shares: &Shares<'_>, owner: &str, owned: &str) -> bool {
        if !self.controlled.contains_key(owner) {
            let all = Self::all(shares, owner);
            self.controlled.insert(owner.to_owned(), all);
        }
        self.controlled.get(owner).is_some_and(|all| all.contains(owned))
    }

    fn all(shares: &Shares<'_>, owner: &str) -> BTreeSet<String> {
        let mut controlled: BTreeSet<String> = BTreeSet::new();
        loop {
            let mut grown = false;
            for (owned, held) in &shares.held {
                if *owned == owner || controlled.contains(*owned) {
                    continue;
                }
                let own = || held.iter().filter(|share| share.owner == owner || controlled.contains(&share.owner));
                let votes: i64 = own().map(|share| share.voting()).sum();
                if votes > WHOLE / 2 || own().any(|share| share.control) {
                    controlled.insert((*owned).to_owned());
                    grown = true;
                }
            }
            if !grown {
                return controlled;
            }
        }
    }

    /// Who controls the member and is controlled by nobody else; the member itself where nobody does.
    /// `None` where control leads in a circle.
    fn ultimate(mut self, shares: &Shares<'_>, member: &str) -> Option<String> {
        let everybody: BTreeSet<&str> = shares
            .held
            .iter()
            .flat_map(|(owned, held)| held.iter().map(|share| share.owner.as_str()).chain([*owned]))
            .collect();
        let mut controlled = false;
        for one in everybody.iter().filter(|one| **one != member) {
            if !self.controls(shares, one, member) {
                continue;
            }
            controlled = true;
            if !everybody.iter().any(|other| other != one && self.controls(shares, other, one)) {
                return Some((*one).to_owned());
            }
        }
        (!controlled).then(|| member.to_owned())
    }
}

struct Climb<'a> {
    graph: &'a Graph,
    shares: &'a Shares<'a>,
    control: Control,
    member: &'a str,
    /// The oldest check so far; `None` once something was never checked.
    checked: Option<i32>,
    changed: Option<i32>,
    out: &'a mut Member,
}

impl<'a> Climb<'a> {
    /// Goes up from somebody of whom `percent` of the member depends; `trail` begins with the member.
    fn above(&mut self, at: &'a str, percent: i64, counted: i64, trail: &mut Vec<&'a str>) {
        let held = self.shares.of(at);
        self.changed = self.changed.max(self.shares.turned.get(at).copied());
        self.gaps(at, held, counted, trail);
        for share in held {
            self.checked = self.checked.and_then(|oldest| share.checked_at.map(|day| oldest.min(day)));
            let owner = share.owner.as_str();
            if trail.contains(&owner) {
                let gap = Gap { kind: GapKind::OwnerCycle, entity: Some(owner.to_owned()), percent: counted };
                self.out.gaps.push(gap);
                continue;
            }
            if self.out.holders.len() >= MAX_ROWS {
                let gap = Gap { kind: GapKind::TooLarge, entity: Some(self.member.to_owned()), percent: WHOLE };
                self.out.gaps.push(gap);
                self.checked = None;
                return;
            }
            let controls = self.control.controls(self.shares, owner, at);
            let direct = trail.len() == 1;
            let percent = part_of(percent, share.weight());
            // Whoever controls a company in between has all that it holds of the member.
            let counted = if controls && !direct { counted } else { part_of(counted, share.weight()) };
            self.out.holders.push(Holder {
                entity: owner.to_owned(),
                via: trail.iter().skip(1).map(|id| (*id).to_owned()).collect(),
                percent,
                counted,
                controls: self.control.controls(self.shares, owner, self.member),
                ultimate: false,
            });
            if self.graph.entities.get(owner).is_none_or(|entity| entity.country.is_none()) {
                let kind = if self.graph.entities.contains_key(owner) { GapKind::NoSeat } else { GapKind::NoEntity };
                let percent = self.hidden(owner, counted);
                self.out.gaps.push(Gap { kind, entity: Some(owner.to_owned()), percent });
            }
            trail.push(owner);
            self.above(owner, percent, counted, trail);
            trail.pop();
        }
    }

    /// What the register does not say of the owners of somebody.
    fn gaps(&mut self, at: &'a str, held: &[&'a Share], counted: i64, trail: &[&'a str]) {
        let known: i64 = held.iter().map(|share| share.weight()).sum();
        if known >= WHOLE {
            return;
        }
        let decides = trail.len() == 1 || self.control.controls(self.shares, at, self.member);
        if let Some(day) = self.graph.entities.get(at).and_then(|entity| entity.independent_checked_at) {
            // Who owns a holder of a few percent may be checked less often.
            if decides {
                self.checked = self.checked.map(|oldest| oldest.min(day));
            }
            return;
        }
        let behind = if decides { WHOLE } else { counted };
        let kind = if held.is_empty() { GapKind::NoOwners } else { GapKind::Remainder };
        let percent = part_of(behind, WHOLE - known);
        self.out.gaps.push(Gap { kind, entity: Some(at.to_owned()), percent });
        if held.is_empty() && trail.len() == 1 {
            self.checked = None;
        }
    }

    /// How much of the member depends on somebody: all, for whoever controls it.
    fn hidden(&mut self, at: &str, counted: i64) -> i64 {
        if self.control.controls(self.shares, at, self.member) { WHOLE } else { counted }
    }
}

/// A share of a share, rounded up: what is doubtful counts.
fn part_of(of: i64, share: i64) -> i64 {
    let product = i128::from(of) * i128::from(share.clamp(0, WHOLE));
    let whole = i128::from(WHOLE);
    i64::try_from((product + whole - 1) / whole).unwrap_or(WHOLE)
}
