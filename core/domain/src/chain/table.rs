//! A chain as the table that policies declare: one row for each member, followed by its holders, its
//! presences and its gaps.

use super::graph::Graph;
use super::{Holder, MAX_ROWS, Member, Root, resolve};
use crate::context::RegisterTable;
use crate::value::Value;

/// The name under which policies declare it.
pub const NAME: &str = "recipient_chain";

/// Its columns.
///
/// `of` is `recipient` or `hosting`; `member` numbers the members of both, and every row says to which
/// it belongs; `row` is `member`, `holder`, `presence` or `gap`. `entity`, `name`, `country` (of the
/// seat, or of the presence), `activity`, `qualified_until` and `order_since` are of the row's own
/// entity. Of a member: `depth`, `role`, `location`, `plaintext_needed`, `key_holder`, `licence_only`,
/// `telemetry`, `ultimate_parent`, whether it is of our own `group`, the days on which its owners were
/// `checked_at` and `changed_at`, and the contract and tool of its engagement, named as those of a recipient
/// are (of the recipient itself its own attributes tell).
/// Of a holder: `percent` (product of the shares along this way), `counted` (where control counts for
/// all), `controls`, `ultimate`, and the countries `via` which it holds. Of a presence: `form` and
/// `access`. Of a gap: `gap`, and the `percent` that it may hide.
pub const COLUMNS: [&str; 36] = [
    "of",
    "member",
    "row",
    "entity",
    "name",
    "country",
    "activity",
    "qualified_until",
    "order_since",
    "depth",
    "role",
    "location",
    "plaintext_needed",
    "key_holder",
    "licence_only",
    "telemetry",
    "ultimate_parent",
    "group",
    "checked_at",
    "changed_at",
    "contract_until",
    "mechanism",
    "mechanism_module",
    "mechanism_complete",
    "adequacy_scope_ok",
    "dpf_active",
    "assessment",
    "assessment_review_at",
    "percent",
    "counted",
    "controls",
    "ultimate",
    "via",
    "form",
    "access",
    "gap",
];

/// The chains of some roots as of a day.
#[must_use]
pub fn table(graph: &Graph, roots: &[Root], day: i32) -> RegisterTable {
    let mut rows = vec![];
    let mut number = 0;
    for root in roots {
        for member in resolve(graph, root, day) {
            rows.extend(Rows { graph, of: root.of, number, day }.of(&member));
            number += 1;
        }
    }
    RegisterTable { name: NAME.to_owned(), columns: COLUMNS.map(str::to_owned).to_vec(), rows }
}

struct Rows<'a> {
    graph: &'a Graph,
    of: &'a str,
    number: i64,
    day: i32,
}

impl Rows<'_> {
    fn of(&self, member: &Member) -> Vec<Vec<Value>> {
        let mut rows = vec![self.member(member)];
        rows.extend(member.holders.iter().map(|holder| self.holder(holder)));
        let entity = member.part.entity.as_deref();
        let presences = entity.into_iter().flat_map(|entity| self.graph.presences_of(entity, self.day));
        rows.extend(presences.take(MAX_ROWS).map(|presence| {
            let mut row = self.row("presence", entity);
            put(&mut row, "country", text(presence.country.as_deref()));
            put(&mut row, "form", text(presence.form.as_deref()));
            put(&mut row, "access", flag(presence.access));
            row
        }));
        rows.extend(member.gaps.iter().map(|gap| {
            let mut row = self.row("gap", gap.entity.as_deref());
            put(&mut row, "gap", Value::text(gap.kind.as_str()));
            put(&mut row, "percent", Value::Decimal(gap.percent));
            row
        }));
        rows
    }

    fn member(&self, member: &Member) -> Vec<Value> {
        let part = &member.part;
        let tool = &part.tool;
        let mut row = self.row("member", part.entity.as_deref());
        let ultimate = member.ultimate.as_ref().and_then(|id| self.graph.entities.get(id));
        for (column, value) in [
            ("depth", Value::Integer(member.depth.into())),
            ("role", text(part.role.as_deref())),
            ("location", text(part.location.as_deref())),
            ("plaintext_needed", flag(part.plaintext_needed)),
            ("key_holder", text(part.key_holder.as_deref())),
            ("licence_only", Value::Boolean(part.licence_only)),
            ("telemetry", flag(part.telemetry)),
            ("ultimate_parent", ultimate.map_or(Value::Null, |parent| Value::text(parent.name.clone()))),
            ("group", Value::Boolean(member.group)),
            ("checked_at", date(member.checked_at)),
            ("changed_at", date(member.changed_at)),
            ("contract_until", date(tool.contract_until)),
            ("mechanism", text(tool.mechanism.as_deref())),
            ("mechanism_module", text(tool.mechanism_module.as_deref())),
            ("mechanism_complete", flag(tool.mechanism_complete)),
            ("adequacy_scope_ok", flag(tool.adequacy_scope_ok)),
            ("dpf_active", flag(tool.dpf_active)),
            ("assessment", text(tool.assessment.as_deref())),
            ("assessment_review_at", date(tool.assessment_review_at)),
        ] {
            put(&mut row, column, value);
        }
        row
    }

    fn holder(&self, holder: &Holder) -> Vec<Value> {
        let mut row = self.row("holder", Some(&holder.entity));
        let seat = |id: &String| self.graph.entities.get(id).and_then(|entity| entity.country.clone());
        // Whoever has no known seat is a gap by itself.
        let via: Vec<String> = holder.via.iter().filter_map(seat).collect();
        for (column, value) in [
            ("percent", Value::Decimal(holder.percent)),
            ("counted", Value::Decimal(holder.counted)),
            ("controls", Value::Boolean(holder.controls)),
            ("ultimate", Value::Boolean(holder.ultimate)),
            ("via", Value::Text(via.join(" "))),
        ] {
            put(&mut row, column, value);
        }
        row
    }

    /// A row with what is known of its entity.
    fn row(&self, kind: &str, id: Option<&str>) -> Vec<Value> {
        let mut row = vec![Value::Null; COLUMNS.len()];
        put(&mut row, "of", Value::text(self.of));
        put(&mut row, "member", Value::Integer(self.number));
        put(&mut row, "row", Value::text(kind));
        put(&mut row, "entity", text(id));
        if let Some(entity) = id.and_then(|id| self.graph.entities.get(id)) {
            put(&mut row, "name", Value::text(entity.name.clone()));
            put(&mut row, "country", text(entity.country.as_deref()));
            put(&mut row, "activity", text(entity.activity.as_deref()));
            put(&mut row, "qualified_until", date(entity.qualified_until));
            put(&mut row, "order_since", date(entity.order_since));
        }
        row
    }
}

fn put(row: &mut [Value], column: &str, value: Value) {
    let place = COLUMNS.iter().position(|name| *name == column);
    if let Some(cell) = place.and_then(|place| row.get_mut(place)) {
        *cell = value;
    }
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::text)
}

fn flag(flag: Option<bool>) -> Value {
    flag.map_or(Value::Null, Value::Boolean)
}

fn date(day: Option<i32>) -> Value {
    day.map_or(Value::Null, Value::Date)
}
