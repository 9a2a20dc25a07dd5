//! The registers as a graph: who there is, who owns whom, who engages whom, each with its days.

use std::collections::BTreeMap;

use super::{Part, Tool};
use crate::context::RegisterTable;
use crate::value::Value;

/// The registers from which chains are resolved.
pub const REGISTERS: [&str; 4] = ["processing_link", "legal_entity", "ownership", "presence"];

/// Days on which an entry holds, both included; open where none is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First day.
    pub from: Option<i32>,
    /// Last day.
    pub to: Option<i32>,
}

impl Span {
    /// Whether a day is one of them.
    #[must_use]
    pub fn holds(self, day: i32) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// A legal entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LegalEntity {
    /// Its name.
    pub name: String,
    /// Its identifier.
    pub identifier: Option<String>,
    /// Country of its seat.
    pub country: Option<String>,
    /// What it does.
    pub activity: Option<String>,
    /// When it was checked that its known holders are all that matter.
    pub independent_checked_at: Option<i32>,
    /// Until when it is qualified.
    pub qualified_until: Option<i32>,
    /// Since when an order of an authority is open.
    pub order_since: Option<i32>,
    /// One of our own companies.
    pub own: bool,
}

/// A share of one in another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Who is owned.
    pub owned: String,
    /// Who owns.
    pub owner: String,
    /// Of the capital; scaled percent.
    pub percent: Option<i64>,
    /// Of the votes; scaled percent.
    pub votes: Option<i64>,
    /// Control by other means.
    pub control: bool,
    /// When.
    pub span: Span,
    /// When it was checked.
    pub checked_at: Option<i32>,
}

impl Share {
    /// What it weighs: the larger of capital and votes.
    #[must_use]
    pub fn weight(&self) -> i64 {
        self.percent.max(self.votes).unwrap_or_default()
    }

    /// The votes, which follow the capital where nothing else is said.
    #[must_use]
    pub fn voting(&self) -> i64 {
        self.votes.or(self.percent).unwrap_or_default()
    }
}

/// Where an entity is present besides its seat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// Who.
    pub entity: String,
    /// Country.
    pub country: Option<String>,
    /// `branch` or `sales`.
    pub form: Option<String>,
    /// Whether people there can reach the data.
    pub access: Option<bool>,
    /// When.
    pub span: Span,
}

/// Who engages whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Only in the chain of this recipient.
    pub recipient: Option<String>,
    /// Only in the chain of our own hosting.
    pub hosting: bool,
    /// Who engages; the root where none is named.
    pub engaged_by: Option<String>,
    /// Who is engaged, and how.
    pub part: Part,
    /// When.
    pub span: Span,
}

/// All registers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// By id.
    pub entities: BTreeMap<String, LegalEntity>,
    /// In the order of the register.
    pub shares: Vec<Share>,
    /// In the order of the register.
    pub presences: Vec<Presence>,
    /// In the order of the register.
    pub links: Vec<Link>,
}

impl Graph {
    /// The graph that the tables of [`REGISTERS`] hold; a table that is not there is empty.
    #[must_use]
    pub fn from_tables(tables: &[RegisterTable]) -> Self {
        let mut graph = Self::default();
        for table in tables {
            for values in &table.rows {
                let row = Row { columns: &table.columns, values };
                match table.name.as_str() {
                    "legal_entity" => {
                        graph.entities.insert(row.text("id").unwrap_or_default(), row.entity());
                    }
                    "ownership" => graph.shares.push(row.share()),
                    "presence" => graph.presences.push(row.presence()),
                    "processing_link" => graph.links.push(row.link()),
                    _ => {}
                }
            }
        }
        graph
    }

    /// The entity that a text names: by identifier, or else by a name that one entity alone has.
    #[must_use]
    pub fn named(&self, text: &str) -> Option<&str> {
        let by_identifier = self.entities.iter().find(|(_, entity)| entity.identifier.as_deref() == Some(text));
        if let Some((id, _)) = by_identifier {
            return Some(id);
        }
        let mut by_name = self.entities.iter().filter(|(_, entity)| entity.name == text);
        let (id, _) = by_name.next()?;
        by_name.next().is_none().then_some(id)
    }

    /// The presences of an entity on a day.
    pub fn presences_of(&self, entity: &str, day: i32) -> impl Iterator<Item = &Presence> {
        self.presences.iter().filter(move |presence| presence.entity == entity && presence.span.holds(day))
    }
}

struct Row<'a> {
    columns: &'a [String],
    values: &'a [Value],
}

impl Row<'_> {
    fn value(&self, column: &str) -> &Value {
        let place = self.columns.iter().position(|name| name == column);
        place.and_then(|place| self.values.get(place)).unwrap_or(&Value::Null)
    }

    fn text(&self, column: &str) -> Option<String> {
        self.value(column).as_text().map(str::to_owned)
    }

    fn date(&self, column: &str) -> Option<i32> {
        match self.value(column) {
            Value::Date(day) => Some(*day),
            _ => None,
        }
    }

    fn flag(&self, column: &str) -> Option<bool> {
        match self.value(column) {
            Value::Boolean(flag) => Some(*flag),
            _ => None,
        }
    }

    fn percent(&self, column: &str) -> Option<i64> {
        match self.value(column) {
            Value::Decimal(scaled) => Some(*scaled),
            _ => None,
        }
    }

    fn span(&self) -> Span {
        Span { from: self.date("valid_from"), to: self.date("valid_to") }
    }

    fn entity(&self) -> LegalEntity {
        LegalEntity {
            name: self.text("name").unwrap_or_default(),
            identifier: self.text("identifier"),
            country: self.text("country"),
            activity: self.text("activity"),
            independent_checked_at: self.date("independent_checked_at"),
            qualified_until: self.date("qualified_until"),
            order_since: self.date("order_since"),
            own: self.flag("own") == Some(true),
        }
    }

    fn share(&self) -> Share {
        Share {
            owned: self.text("owned_id").unwrap_or_default(),
            owner: self.text("owner_id").unwrap_or_default(),
            percent: self.percent("percent"),
            votes: self.percent("votes"),
            control: self.flag("control") == Some(true),
            span: self.span(),
            checked_at: self.date("checked_at"),
        }
    }

    fn presence(&self) -> Presence {
        Presence {
            entity: self.text("entity_id").unwrap_or_default(),
            country: self.text("country"),
            form: self.text("form"),
            access: self.flag("access"),
            span: self.span(),
        }
    }

    fn tool(&self) -> Tool {
        Tool {
            contract_until: self.date("contract_until"),
            mechanism: self.text("mechanism"),
            mechanism_module: self.text("mechanism_module"),
            mechanism_complete: self.flag("mechanism_complete"),
            adequacy_scope_ok: self.flag("adequacy_scope_ok"),
            dpf_active: self.flag("dpf_active"),
            assessment: self.text("assessment"),
            assessment_review_at: self.date("assessment_review_at"),
        }
    }

    fn link(&self) -> Link {
        Link {
            recipient: self.text("recipient_id"),
            hosting: self.flag("hosting") == Some(true),
            engaged_by: self.text("engaged_by_id"),
            part: Part {
                entity: self.text("processor_id"),
                role: self.text("role"),
                location: self.text("location"),
                plaintext_needed: self.flag("plaintext_needed"),
                key_holder: self.text("key_holder"),
                licence_only: self.flag("licence_only") == Some(true),
                telemetry: self.flag("telemetry"),
                tool: self.tool(),
            },
            span: self.span(),
        }
    }
}
