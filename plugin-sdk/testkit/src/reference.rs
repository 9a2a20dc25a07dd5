//! The reference tables that ship with the server, filtered to the rows valid at an instant, as the
//! host does before it asks a plugin.

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use garant_domain::value::Value;

const TABLES: &[(&str, &str)] = &[
    ("territories", include_str!("../../../core/service/reference/territories.csv")),
    ("adequacy", include_str!("../../../core/service/reference/adequacy.csv")),
    ("channel_rules", include_str!("../../../core/service/reference/channel_rules.csv")),
    ("reach_laws", include_str!("../../../core/service/reference/reach_laws.csv")),
    ("child_age", include_str!("../../../core/service/reference/child_age.csv")),
    ("retention_law", include_str!("../../../core/service/reference/retention_law.csv")),
    ("national_id_uses", include_str!("../../../core/service/reference/national_id_uses.csv")),
];

/// A table of texts.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows; as many cells as columns.
    pub rows: Vec<Vec<String>>,
}

impl Reference {
    /// A table that ships with the server.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn embedded(name: &str) -> Result<Self, String> {
        let found = TABLES.iter().find(|(table, _)| *table == name);
        Self::parse(found.ok_or_else(|| format!("there is no reference table `{name}`"))?.1)
    }

    /// A table in CSV with a header.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns = reader.headers().map_err(|error| error.to_string())?.iter().map(str::to_owned).collect();
        let row = |row: Result<csv::StringRecord, csv::Error>| row.map(|row| row.iter().map(str::to_owned).collect());
        let rows = reader.records().map(row).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        Ok(Self { columns, rows })
    }

    /// The rows valid at an instant in a zone; empty cells are null.
    ///
    /// # Errors
    /// When a validity date is none.
    pub fn valid_at(&self, now: i64, zone: Tz) -> Result<Vec<Vec<Value>>, String> {
        let instant = DateTime::from_timestamp_micros(now).ok_or("the instant is out of range")?;
        let day = instant.with_timezone(&zone).date_naive();
        let column = |names: [&str; 2]| self.columns.iter().position(|name| names.contains(&name.as_str()));
        let (from, to) = (column(["from", "adopted"]), column(["to", "expires"]));
        let date = |row: &[String], at: Option<usize>| -> Result<Option<NaiveDate>, String> {
            let cell = at.and_then(|at| row.get(at)).filter(|cell| !cell.is_empty());
            cell.map(|cell| cell.parse().map_err(|_| format!("`{cell}` is no date"))).transpose()
        };
        let mut valid = vec![];
        for row in &self.rows {
            let (from, to) = (date(row, from)?, date(row, to)?);
            if from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to) {
                let value = |cell: &String| if cell.is_empty() { Value::Null } else { Value::text(cell) };
                valid.push(row.iter().map(value).collect());
            }
        }
        Ok(valid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules_of(iso: &str, at: &str) -> usize {
        let table =
            Reference::parse("iso,adopted,expires\nGB,2021-06-28,2031-12-27\nCH,2000-07-26,\n").expect("a table");
        let now = DateTime::parse_from_rfc3339(at).expect("an instant").timestamp_micros();
        let rows = table.valid_at(now, chrono_tz::Europe::Paris).expect("rows");
        rows.iter().filter(|row| row.first() == Some(&Value::text(iso))).count()
    }

    #[test]
    fn a_row_is_valid_from_its_first_day_to_its_last() {
        assert_eq!(rules_of("GB", "2021-06-27T12:00:00Z"), 0);
        assert_eq!(rules_of("GB", "2021-06-27T22:00:00Z"), 1, "already the 28th in Paris");
        assert_eq!(rules_of("GB", "2031-12-27T22:59:59Z"), 1);
        assert_eq!(rules_of("GB", "2031-12-27T23:00:00Z"), 0);
        assert_eq!(rules_of("CH", "2031-12-28T00:00:00Z"), 1);
    }

    #[test]
    fn every_shipped_table_reads() {
        for (name, _) in TABLES {
            let table = Reference::embedded(name).expect("a table");
            assert!(table.valid_at(0, chrono_tz::UTC).is_ok(), "{name}");
        }
    }
}
