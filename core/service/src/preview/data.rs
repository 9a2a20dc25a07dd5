//! Changes of what policies stand on: rows of reference tables and records of registers, as they would
//! be. Nothing is stored.

use chrono::{DateTime, NaiveDate, NaiveTime};
use garant_domain::catalog::Catalog;
use garant_domain::context::{Recipient, RegisterTable};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::value::Value;

use crate::input::{self, Input};
use crate::register::{self, Registered};
use crate::service::Service;

/// A change of rows of a reference table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceChange {
    /// The table.
    pub table: String,
    /// The rows that are meant: those with these values, by column; `None` is an empty cell.
    pub rows: Vec<(String, Option<String>)>,
    /// What becomes of them.
    pub what: RowsChange,
}

/// What becomes of rows of a reference table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowsChange {
    /// Other values, by column; `None` empties a cell.
    Set(Vec<(String, Option<String>)>),
    /// They are valid until the end of this day.
    End(NaiveDate),
    /// They are not there.
    Remove,
    /// A new row, by column; no other row is meant.
    Add(Vec<(String, Option<String>)>),
}

/// A change of a record of a register.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterChange {
    /// The entity, about nobody.
    pub entity: String,
    /// The record.
    pub id: String,
    /// Its fields after the change.
    pub values: Input,
    /// What the core knows the record by, where it is not its id.
    key: Option<String>,
}

impl RegisterChange {
    /// A change of a record.
    #[must_use]
    pub fn new(entity: &str, id: &str, values: Input) -> Self {
        Self { entity: entity.to_owned(), id: id.to_owned(), values, key: None }
    }

    pub(super) fn to_recipient(&self, mut recipient: Recipient) -> Recipient {
        if self.entity != register::RECIPIENT || recipient.id != self.id {
            return recipient;
        }
        for (name, value) in &mut recipient.attributes {
            if let Some(new) = self.values.get(name) {
                value.clone_from(new);
            }
        }
        recipient
    }

    pub(super) fn to_purpose(&self, purpose: &mut Registered) {
        if self.entity == register::PURPOSE && self.key.as_ref() == Some(&purpose.info.purpose.key) {
            purpose.put(&self.values);
        }
    }

    pub(super) fn to_table(&self, table: &mut RegisterTable) {
        let at = |name: &str| table.columns.iter().position(|column| column == name);
        let cells: Vec<(usize, &Value)> =
            self.values.iter().filter_map(|(name, value)| Some((at(name)?, value))).collect();
        let Some(id) = at("id") else { return };
        for row in table.rows.iter_mut().filter(|row| row.get(id) == Some(&Value::text(self.id.as_str()))) {
            for (place, value) in &cells {
                if let Some(cell) = row.get_mut(*place) {
                    cell.clone_from(value);
                }
            }
        }
    }
}

/// A change of a record, held to the catalogue, whose record is there.
pub(super) async fn checked(
    service: &Service,
    tenant: &str,
    change: &RegisterChange,
) -> Result<RegisterChange, Problem> {
    let entity = service.catalog.entity(&change.entity).filter(|entity| entity.is_register());
    let entity = entity.ok_or_else(|| {
        Problem::input("change.registers.entity", "There is no such register")
            .mend(format!("Use one of: {}.", registers(&service.catalog).join(", ")))
    })?;
    let values = input::for_update(entity, change.values.clone()).map_err(|problem| {
        let field = problem.field.as_deref().unwrap_or_default();
        let field = field.replacen("input", "change.registers.set", 1);
        problem.at(field)
    })?;
    // Neither is for policies to decide: another key is another purpose, and the core alone knows who may name it.
    let fixed = ["key", "roles"].into_iter().find(|field| values.contains_key(*field));
    if let Some(field) = fixed.filter(|_| entity.name == register::PURPOSE) {
        let path = format!("change.registers.set.{field}");
        return Err(
            Problem::input(path, format!("`{field}` of a purpose cannot be tried out")).mend("Leave it as it is.")
        );
    }
    let key = register::key_of(&service.store, tenant, entity, &change.id).await?.ok_or_else(|| {
        Problem::new(ErrorCode::NotFound, format!("There is no such {}", entity.name.replace('_', " ")))
            .at("change.registers.id")
            .mend("Check the id.")
    })?;
    Ok(RegisterChange { values, key: Some(key), ..change.clone() })
}

fn registers(catalog: &Catalog) -> Vec<&str> {
    let registers = catalog.entities.iter().filter(|entity| entity.is_register());
    registers.map(|entity| entity.name.as_str()).collect()
}

/// The changed reference tables, with the rows that would be valid at an instant.
pub(super) fn tables(service: &Service, changes: &[ReferenceChange], at: i64) -> Result<Vec<RegisterTable>, Problem> {
    let mut names: Vec<&str> = changes.iter().map(|change| change.table.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let day = day(service, at);
    names
        .into_iter()
        .map(|name| {
            let mine: Vec<&ReferenceChange> = changes.iter().filter(|change| change.table == name).collect();
            Ok(service.references.changed(name, &mine)?.as_of(name, day))
        })
        .collect()
}

/// The instant from which on changes of reference tables are felt, where that lies ahead.
pub(super) fn takes_effect(service: &Service, changes: &[ReferenceChange], now: i64) -> Result<Option<i64>, Problem> {
    let today = day(service, now);
    let mut latest = None;
    for change in changes {
        let changed = service.references.changed(&change.table, &[change])?;
        latest = latest.max(changed.felt_from.filter(|day| *day > today));
    }
    Ok(latest.and_then(|day| midnight(service, day)))
}

fn day(service: &Service, at: i64) -> NaiveDate {
    DateTime::from_timestamp_micros(at)
        .map(|instant| instant.with_timezone(&service.zone).date_naive())
        .unwrap_or_default()
}

/// The first instant of a day in the tenant's zone.
fn midnight(service: &Service, day: NaiveDate) -> Option<i64> {
    // Where the clocks go forward at midnight, the day begins an hour later.
    let start = |hour| NaiveTime::from_hms_opt(hour, 0, 0).map(|time| day.and_time(time));
    let begins = (0..3).filter_map(start).find_map(|time| time.and_local_timezone(service.zone).earliest());
    begins.map(|instant| instant.timestamp_micros())
}
