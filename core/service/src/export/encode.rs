//! The formats of an export: CSV for spreadsheets and other CRMs, NDJSON for programs. Both hold the
//! shown values only; NDJSON says besides which fields a policy masked, and why.

use garant_domain::problem::{ErrorCode, Problem};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::reviewed::ReviewedRow;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExportFormat {
    /// A header and a line for each record (RFC 4180); nothing where a field is masked or empty.
    Csv,
    /// A JSON object on each line.
    Ndjson,
}

impl ExportFormat {
    /// The media type of the file.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// What a file begins with.
    pub(super) fn head(self, header: &[String]) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Csv => {
                lines(|writer| writer.write_record(["id"].into_iter().chain(header.iter().map(String::as_str))))
            }
            Self::Ndjson => Ok(Vec::new()),
        }
    }

    /// Records, in the order of `fields`, under the names of `header`.
    pub(super) fn rows(self, header: &[String], fields: &[String], rows: &[ReviewedRow]) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Csv => lines(|writer| {
                for row in rows {
                    let cells = fields.iter().map(|field| row.get(field).display());
                    writer.write_record([row.id().to_owned()].into_iter().chain(cells))?;
                }
                Ok(())
            }),
            Self::Ndjson => {
                let mut text = String::new();
                for row in rows {
                    text.push_str(&object(header, fields, row).to_string());
                    text.push('\n');
                }
                Ok(text.into_bytes())
            }
        }
    }
}

fn object(header: &[String], fields: &[String], row: &ReviewedRow) -> Json {
    let mut object = Map::new();
    object.insert("id".to_owned(), row.id().into());
    for (name, field) in header.iter().zip(fields) {
        object.insert(name.clone(), row.get(field).to_json());
    }
    let masked: Vec<Json> = row
        .masked()
        .iter()
        .map(|mask| {
            let name = fields.iter().position(|field| *field == mask.field).and_then(|at| header.get(at));
            let reason = &mask.reason;
            json!({ "field": name, "display": mask.display, "reason": reason.full_code(), "article": reason.article })
        })
        .collect();
    if !masked.is_empty() {
        // No field of the catalogue begins with an underscore.
        object.insert("_masked".to_owned(), masked.into());
    }
    Json::Object(object)
}

fn lines(write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> Result<Vec<u8>, Problem> {
    let unwritable = || Problem::new(ErrorCode::Internal, "A batch of the export could not be written");
    let mut writer = csv::Writer::from_writer(Vec::new());
    write(&mut writer).map_err(|_| unwritable())?;
    writer.into_inner().map_err(|_| unwritable())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use garant_domain::value::Value;

    use super::*;

    fn row(values: Vec<Value>) -> ReviewedRow {
        let fields: Arc<[String]> = ["name", "amount"].map(str::to_owned).into();
        ReviewedRow::new("r1".to_owned(), 1, fields, values, vec![], vec![], String::new())
    }

    #[test]
    fn both_formats_hold_values_exactly() {
        let (header, fields) = (["Name", "Amount"].map(str::to_owned), ["name", "amount"].map(str::to_owned));
        let rows =
            [row(vec![Value::text("a \"b\", c\nd"), Value::Decimal(125_000)]), row(vec![Value::Null, Value::Null])];
        let csv = ExportFormat::Csv;
        assert_eq!(csv.head(&header), Ok(b"id,Name,Amount\n".to_vec()));
        let text = String::from_utf8(csv.rows(&header, &fields, &rows).unwrap()).unwrap();
        assert_eq!(text, "r1,\"a \"\"b\"\", c\nd\",12.5\nr1,,\n");
        let text = String::from_utf8(ExportFormat::Ndjson.rows(&header, &fields, &rows).unwrap()).unwrap();
        let objects: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(objects[0], json!({"id": "r1", "Name": "a \"b\", c\nd", "Amount": "12.5"}));
        assert_eq!(objects[1], json!({"id": "r1", "Name": null, "Amount": null}));
    }
}
