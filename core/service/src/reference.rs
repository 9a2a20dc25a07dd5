//! Law as data: tables with validity dates, embedded and replaceable by the operator without a
//! release. A question about a date gets the rows of that date.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use chrono::NaiveDate;
use garant_domain::value::Value;
use garant_policy::ReferenceTable;

/// The tables that come with the server: name and CSV text.
const EMBEDDED: &[(&str, &str)] = &[
    ("territories", include_str!("../reference/territories.csv")),
    ("adequacy", include_str!("../reference/adequacy.csv")),
    ("channel_rules", include_str!("../reference/channel_rules.csv")),
    ("national_id_uses", include_str!("../reference/national_id_uses.csv")),
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

struct Row {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    cells: Vec<Value>,
}

struct Table {
    columns: Vec<String>,
    rows: Vec<Row>,
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
        let rows = table
            .rows
            .iter()
            .filter(|row| row.from.is_none_or(|from| from <= day) && row.to.is_none_or(|to| day <= to))
            .map(|row| row.cells.clone())
            .collect();
        // The shape was checked when the table was loaded.
        let valid = Arc::new(ReferenceTable::new(name, table.columns.clone(), rows).ok()?);
        cache.insert(name.to_owned(), (day, Arc::clone(&valid)));
        Some(valid)
    }
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
