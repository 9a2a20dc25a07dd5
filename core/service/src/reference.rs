//! Law as data: tables with validity dates, embedded and replaceable by the operator without a
//! release. A question about a date gets the rows of that date.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use chrono::NaiveDate;
use garant_domain::context::RegisterTable;
use garant_domain::problem::Problem;
use garant_domain::value::Value;
use garant_policy::ReferenceTable;

use crate::preview::{ReferenceChange, RowsChange};

/// The tables that come with the server: name and CSV text.
const EMBEDDED: &[(&str, &str)] = &[
    ("territories", include_str!("../reference/territories.csv")),
    ("adequacy", include_str!("../reference/adequacy.csv")),
    ("channel_rules", include_str!("../reference/channel_rules.csv")),
    ("reach_laws", include_str!("../reference/reach_laws.csv")),
    ("child_age", include_str!("../reference/child_age.csv")),
    ("retention_law", include_str!("../reference/retention_law.csv")),
    ("national_id_uses", include_str!("../reference/national_id_uses.csv")),
    ("provider_cards", include_str!("../reference/provider_cards.csv")),
];

/// Columns that hold the first day on which a row is valid, and the last.
const FROM_COLUMNS: &[&str] = &["from", "adopted"];
const TO_COLUMNS: &[&str] = &["to", "expires"];

/// What is wrong with a table.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// Not readable.
    #[error("cannot read reference table {file}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Not a table.
    #[error("reference table {table}, line {line}: {message}")]
    Row {
        /// Table name.
        table: String,
        /// Line in the file, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

#[derive(Clone)]
struct Row {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    cells: Vec<Value>,
}

#[derive(Clone)]
struct Table {
    columns: Vec<String>,
    rows: Vec<Row>,
}

/// A table as it would be, for a preview.
pub(crate) struct Changed {
    table: Table,
    /// The day from which on the change is felt; at once without one.
    pub felt_from: Option<NaiveDate>,
}

/// All tables.
pub struct References {
    tables: BTreeMap<String, Table>,
    // One entry per table: requests ask for today, so the newest day is the one to keep.
    cache: Mutex<BTreeMap<String, (NaiveDate, Arc<ReferenceTable>)>>,
}

impl References {
    /// The embedded tables, each replaced by `<dir>/<name>.csv` where that exists; other CSV files
    /// of the folder are added.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or a row with a date that is none.
    pub fn load(dir: Option<&Path>) -> Result<Self, ReferenceError> {
        let mut texts: BTreeMap<String, String> =
            EMBEDDED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        if let Some(dir) = dir {
            let read = |source| ReferenceError::Read { file: dir.display().to_string(), source };
            for entry in std::fs::read_dir(dir).map_err(read)? {
                let path = entry.map_err(read)?.path();
                if path.extension().is_some_and(|extension| extension == "csv")
                    && let Some(name) = path.file_stem().and_then(|stem| stem.to_str())
                {
                    let text = std::fs::read_to_string(&path)
                        .map_err(|source| ReferenceError::Read { file: path.display().to_string(), source })?;
                    texts.insert(name.to_owned(), text);
                }
            }
        }
        let tables =
            texts.into_iter().map(|(name, text)| Ok((name.clone(), parse(&name, &text)?))).collect::<Result<_, _>>()?;
        Ok(Self { tables, cache: Mutex::default() })
    }

    /// The rows of a table that are valid on a day; `None` for an unknown table.
    #[must_use]
    pub fn as_of(&self, name: &str, day: NaiveDate) -> Option<Arc<ReferenceTable>> {
        let mut cache = self.cache.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((cached_day, table)) = cache.get(name)
            && *cached_day == day
        {
            return Some(Arc::clone(table));
        }
        let table = self.tables.get(name)?;
        let rows = table.valid_on(day);
        // The shape was checked when the table was loaded.
        let valid = Arc::new(ReferenceTable::new(name, table.columns.clone(), rows).ok()?);
        cache.insert(name.to_owned(), (day, Arc::clone(&valid)));
        Some(valid)
    }
}

impl References {
    /// A table with changes made to it, one after the other; what is on file stays.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for a table or column that is none, a date that is none, and where no row is meant.
    pub(crate) fn changed(&self, name: &str, changes: &[&ReferenceChange]) -> Result<Changed, Problem> {
        let table = self.tables.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.tables.keys().map(String::as_str).collect();
            Problem::input("change.references.table", "There is no such reference table")
                .mend(format!("Use one of: {}.", names.join(", ")))
        })?;
        let mut changed = Changed { table: table.clone(), felt_from: None };
        changes.iter().try_for_each(|change| changed.make(change))?;
        Ok(changed)
    }
}

impl Table {
    fn valid_on(&self, day: NaiveDate) -> Vec<Vec<Value>> {
        let valid = |row: &&Row| row.from.is_none_or(|from| from <= day) && row.to.is_none_or(|to| day <= to);
        self.rows.iter().filter(valid).map(|row| row.cells.clone()).collect()
    }

    fn place(&self, column: &str) -> Result<usize, Problem> {
        self.columns.iter().position(|known| known == column).ok_or_else(|| {
            Problem::input("change.references", format!("The table has no column `{column}`"))
                .mend(format!("Use one of: {}.", self.columns.join(", ")))
        })
    }

    fn cells(&self, named: &[(String, Option<String>)]) -> Result<Vec<(usize, Value)>, Problem> {
        let cell = |(column, text): &(String, Option<String>)| Ok((self.place(column)?, cell_of(text.as_deref())));
        named.iter().map(cell).collect()
    }

    /// A row with its validity as the cells say it.
    fn row(&self, cells: Vec<Value>) -> Result<Row, Problem> {
        let date = |names: &[&str]| {
            let place = self.columns.iter().position(|column| names.contains(&column.as_str()));
            let text = place.and_then(|place| cells.get(place)).and_then(Value::as_text);
            text.map(str::parse).transpose().map_err(|_| {
                Problem::input("change.references.set", "A validity date must be written as 2026-05-01, or be empty")
                    .mend("Give a date, or null.")
            })
        };
        let (from, to) = (date(FROM_COLUMNS)?, date(TO_COLUMNS)?);
        Ok(Row { from, to, cells })
    }
}

impl Changed {
    /// Its rows that are valid on a day.
    pub(crate) fn as_of(&self, name: &str, day: NaiveDate) -> RegisterTable {
        RegisterTable { name: name.to_owned(), columns: self.table.columns.clone(), rows: self.table.valid_on(day) }
    }

    fn make(&mut self, change: &ReferenceChange) -> Result<(), Problem> {
        let wanted = self.table.cells(&change.rows)?;
        if let RowsChange::Add(cells) = &change.what {
            let mut row = vec![Value::Null; self.table.columns.len()];
            put(&mut row, &self.table.cells(cells)?);
            let row = self.table.row(row)?;
            self.felt_from = self.felt_from.max(row.from);
            self.table.rows.push(row);
            return Ok(());
        }
        let is_meant = |row: &Row| wanted.iter().all(|(place, value)| row.cells.get(*place) == Some(value));
        if !self.table.rows.iter().any(is_meant) {
            return Err(Problem::input("change.references.where", "No row of the table is like that")
                .mend("Name the values of a row as the file has them."));
        }
        let set = match &change.what {
            RowsChange::Set(cells) => self.table.cells(cells)?,
            RowsChange::End(_) | RowsChange::Remove | RowsChange::Add(_) => vec![],
        };
        let mut rows = Vec::with_capacity(self.table.rows.len());
        for row in &self.table.rows {
            let new = match &change.what {
                _ if !is_meant(row) => row.clone(),
                RowsChange::Remove | RowsChange::Add(_) => continue,
                RowsChange::End(day) => Row { to: Some(*day), ..row.clone() },
                RowsChange::Set(_) => {
                    let mut cells = row.cells.clone();
                    put(&mut cells, &set);
                    self.table.row(cells)?
                }
            };
            let begins = new.from.filter(|_| new.from != row.from);
            let ends = new.to.filter(|_| new.to != row.to).map(day_after);
            self.felt_from = self.felt_from.max(begins).max(ends);
            rows.push(new);
        }
        self.table.rows = rows;
        Ok(())
    }
}

fn day_after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

fn put(row: &mut [Value], cells: &[(usize, Value)]) {
    for (place, value) in cells {
        if let Some(cell) = row.get_mut(*place) {
            cell.clone_from(value);
        }
    }
}

fn cell_of(text: Option<&str>) -> Value {
    text.filter(|text| !text.is_empty()).map_or(Value::Null, Value::text)
}

fn parse(table: &str, text: &str) -> Result<Table, ReferenceError> {
    let wrong = |line: usize, message: String| ReferenceError::Row { table: table.to_owned(), line, message };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let columns: Vec<String> =
        reader.headers().map_err(|error| wrong(1, error.to_string()))?.iter().map(str::to_owned).collect();
    let position = |names: &[&str]| columns.iter().position(|column| names.contains(&column.as_str()));
    let (from_at, to_at) = (position(FROM_COLUMNS), position(TO_COLUMNS));
    let mut rows = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let line = index + 2;
        let record = record.map_err(|error| wrong(line, error.to_string()))?;
        let date = |at: Option<usize>| match at.and_then(|at| record.get(at)).filter(|cell| !cell.is_empty()) {
            None => Ok(None),
            Some(cell) => cell
                .parse()
                .map(Some)
                .map_err(|_| wrong(line, "a validity date must be written as 2026-05-01, or left empty".to_owned())),
        };
        let cell = |cell: &str| if cell.is_empty() { Value::Null } else { Value::text(cell) };
        rows.push(Row { from: date(from_at)?, to: date(to_at)?, cells: record.iter().map(cell).collect() });
    }
    Ok(Table { columns, rows })
}
