//! Who is behind a recipient: the chain of those who process for it, and who owns each of them up to the
//! ultimate parent, as of a day.
//!
//! Facts only. Which law reaches whom, and what follows from it, is for policies to say; they get the
//! chain as rows of a table ([`table`]). What the registers do not tell is said as a [`Gap`], never
//! passed over.

mod graph;
mod hosting;
mod owners;
mod table;
mod tool;

pub use graph::{Graph, LegalEntity, Link, Presence, REGISTERS, Share, Span};
pub use hosting::{Engaged, Hosting, KEY_HOLDERS};
pub use table::{COLUMNS, NAME, table};
pub use tool::{ASSESSMENTS, MECHANISMS, Tool};

use std::collections::BTreeSet;

/// The most rows of a chain; what lies beyond is a gap.
pub const MAX_ROWS: usize = 500;

/// Percent as the registers hold them: scaled decimals.
pub const WHOLE: i64 = 100 * crate::value::DECIMAL_SCALE;

/// Where a chain begins: a recipient of the register, or our own hosting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Root {
    /// `recipient` or `hosting`.
    pub of: &'static str,
    /// Id in the register of recipients, if it is of it.
    pub recipient: Option<String>,
    /// Whether it processes by itself; our own machines do not, and only those engaged are members.
    pub member: bool,
    /// What it is to us.
    pub part: Part,
    /// Those engaged that no register names, with whom they engage in turn being looked up.
    pub engaged: Vec<Part>,
}

/// One who processes, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Id among the legal entities; none where nobody said who it is.
    pub entity: Option<String>,
    /// What it does for whom engages it.
    pub role: Option<String>,
    /// Country where it holds or sees the data.
    pub location: Option<String>,
    /// Whether it needs clear text.
    pub plaintext_needed: Option<bool>,
    /// Who holds the keys.
    pub key_holder: Option<String>,
    /// Only licenses software that others run.
    pub licence_only: bool,
    /// Whether that software sends data home.
    pub telemetry: Option<bool>,
    /// Its contract and the tool of the transfer to it. Of a recipient itself the register's own fields tell.
    pub tool: Tool,
}

/// A member of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who, and how.
    pub part: Part,
    /// How many engagements lie between it and us.
    pub depth: u32,
    /// Everybody who holds a part of it, one entry for each way from the member to the holder.
    pub holders: Vec<Holder>,
    /// Who controls it and is controlled by nobody; the member itself where nobody controls it.
    pub ultimate: Option<String>,
    /// One of our own companies, or under the same ultimate parent as one.
    pub group: bool,
    /// The oldest day on which what is known of its owners was checked; none when a part never was.
    pub checked_at: Option<i32>,
    /// The last day on which its owners, or theirs, changed.
    pub changed_at: Option<i32>,
    /// What is not known.
    pub gaps: Vec<Gap>,
}

/// A holder, along one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Id among the legal entities.
    pub entity: String,
    /// Those in between, from the member upwards.
    pub via: Vec<String>,
    /// Part of the member that it holds this way, as a product of the shares; scaled percent.
    pub percent: i64,
    /// The same, where whoever controls a company counts for all that it holds.
    pub counted: i64,
    /// Whether it controls the member, in whatever way.
    pub controls: bool,
    /// Whether it controls the member and is controlled by nobody.
    pub ultimate: bool,
}

/// Something that the registers do not tell of a member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// What is missing.
    pub kind: GapKind,
    /// At whom, if it has an entry.
    pub entity: Option<String>,
    /// How much of the member may be hidden behind it; scaled percent.
    pub percent: i64,
}

/// What may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GapKind {
    /// No legal entity is named, or it is not in the register.
    NoEntity,
    /// Its seat is not known.
    NoSeat,
    /// Nobody said who owns it, nor that nobody does.
    NoOwners,
    /// The known shares leave a part unsaid.
    Remainder,
    /// The owners lead back to where they began.
    OwnerCycle,
    /// The engagements lead back to where they began.
    LinkCycle,
    /// More than a chain may hold.
    TooLarge,
}

impl GapKind {
    /// The name that policies see.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoEntity => "no_entity",
            Self::NoSeat => "no_seat",
            Self::NoOwners => "no_owners",
            Self::Remainder => "remainder",
            Self::OwnerCycle => "owner_cycle",
            Self::LinkCycle => "link_cycle",
            Self::TooLarge => "too_large",
        }
    }
}

/// The members of the chain that begins at a root, as of a day (days since 1970-01-01), nearest first.
/// Whoever takes part in several ways is there several times.
#[must_use]
pub fn resolve(graph: &Graph, root: &Root, day: i32) -> Vec<Member> {
    let ours = owners::of_ours(graph, day);
    let mut walk = Walk { graph, root, day, ours, members: vec![], rows: 0 };
    let mut trail = vec![];
    if root.member {
        walk.member(&root.part, 0, true, &mut trail);
    } else {
        walk.engaged(None, 1, true, &mut trail);
    }
    // Nearest first; those of one depth stay in the order in which they were found.
    walk.members.sort_by_key(|member| member.depth);
    walk.members
}

struct Walk<'a> {
    graph: &'a Graph,
    root: &'a Root,
    day: i32,
    /// Our own companies and their ultimate parents.
    ours: BTreeSet<String>,
    members: Vec<Member>,
    rows: usize,
}

impl Walk<'_> {
    /// A member and those whom it engages; `trail` holds the entities between it and the root.
    fn member(&mut self, part: &Part, depth: u32, is_root: bool, trail: &mut Vec<String>) {
        let mut member = owners::of(self.graph, part, depth, self.day);
        let parents = [&member.ultimate, &part.entity].into_iter().flatten();
        member.group = parents.into_iter().any(|entity| self.ours.contains(entity));
        self.rows += 1 + member.holders.len() + member.gaps.len();
        if self.rows > MAX_ROWS {
            member.holders.clear();
            member.gaps = vec![Gap { kind: GapKind::TooLarge, entity: part.entity.clone(), percent: WHOLE }];
            member.checked_at = None;
        }
        let circle = part.entity.as_ref().is_some_and(|id| trail.contains(id));
        if circle {
            member.gaps.push(Gap { kind: GapKind::LinkCycle, entity: part.entity.clone(), percent: 0 });
        }
        self.members.push(member);
        if circle || self.rows > MAX_ROWS {
            return;
        }
        trail.extend(part.entity.clone());
        self.engaged(part.entity.as_deref(), depth + 1, is_root, trail);
        if part.entity.is_some() {
            trail.pop();
        }
    }

    /// Those whom an entity engages in this chain; at the root also those whom nobody is named to engage.
    fn engaged(&mut self, by: Option<&str>, depth: u32, at_root: bool, trail: &mut Vec<String>) {
        let mut parts: Vec<Part> = if at_root { self.root.engaged.clone() } else { vec![] };
        let links = self.graph.links.iter().filter(|link| link.span.holds(self.day));
        parts.extend(links.filter(|link| self.joins(link, by, at_root)).map(|link| link.part.clone()));
        for part in parts {
            if self.rows > MAX_ROWS {
                return;
            }
            self.member(&part, depth, false, trail);
        }
    }

    fn joins(&self, link: &Link, by: Option<&str>, at_root: bool) -> bool {
        let of_this_chain = match &link.recipient {
            Some(recipient) => self.root.recipient.as_ref() == Some(recipient),
            None if link.hosting => self.root.of == HOSTING,
            // Of every chain, and so of none without somebody who engages.
            None => link.engaged_by.is_some(),
        };
        let engaging = link.engaged_by.as_ref();
        of_this_chain && engaging.map_or(at_root, |engaging| by == Some(engaging.as_str()))
    }
}

/// The root that is our own hosting.
pub const HOSTING: &str = "hosting";

/// The root that is the recipient of the request.
pub const RECIPIENT: &str = "recipient";

#[cfg(test)]
mod tests;
