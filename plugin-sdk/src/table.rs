//! Reference tables as a policy reads them: rows, and their cells by the names of columns. How the
//! contract packs them is known here alone.

use crate::value::Value;
use crate::wit::types::ReferenceTable;

/// A reference table.
#[derive(Clone, Copy)]
pub struct Table<'a>(&'a ReferenceTable);

impl<'a> Table<'a> {
    pub(crate) fn new(table: &'a ReferenceTable) -> Self {
        Self(table)
    }

    /// All rows.
    pub fn rows(self) -> impl Iterator<Item = Row<'a>> {
        let count = self.0.kinds.len().checked_div(self.0.columns.len()).unwrap_or_default();
        (0..count).map(move |place| Row { table: self.0, first: place * self.0.columns.len() })
    }

    /// The first row whose column has this text.
    #[must_use]
    pub fn find(self, column: &str, text: &str) -> Option<Row<'a>> {
        let place = self.0.columns.iter().position(|name| name == column)?;
        self.rows().find(|row| self.0.text(row.first + place) == Some(text))
    }
}

/// A row of a reference table.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    table: &'a ReferenceTable,
    /// The place of its first cell.
    first: usize,
}

impl<'a> Row<'a> {
    /// A value by column; null when there is no such column.
    #[must_use]
    pub fn value(self, column: &str) -> Value {
        self.cell(column).map_or(Value::Null, |cell| self.table.value(cell))
    }

    /// A text by column; `None` when empty or absent.
    #[must_use]
    pub fn text(self, column: &str) -> Option<&'a str> {
        self.table.text(self.cell(column)?).filter(|text| !text.is_empty())
    }

    fn cell(self, column: &str) -> Option<usize> {
        self.table.columns.iter().position(|name| name == column).map(|place| self.first + place)
    }
}

impl ReferenceTable {
    fn value(&self, cell: usize) -> Value {
        let (Some(kind), Some(number)) = (self.kinds.get(cell), self.numbers.get(cell)) else { return Value::Null };
        match kind {
            1 => Value::Boolean(*number != 0),
            2 => Value::Integer(*number),
            3 => Value::Decimal(*number),
            4 => self.text(cell).map_or(Value::Null, Value::from),
            5 => i32::try_from(*number).map_or(Value::Null, Value::Date),
            6 => Value::Instant(*number),
            _ => Value::Null,
        }
    }

    fn text(&self, cell: usize) -> Option<&str> {
        if *self.kinds.get(cell)? != 4 {
            return None;
        }
        let place = *self.numbers.get(cell)?;
        let (start, length) = (usize::try_from(place >> 32).ok()?, usize::try_from(place & 0xffff_ffff).ok()?);
        self.texts.get(start..start.checked_add(length)?)
    }
}

/// A table of the contract, for tests that ask a policy natively.
///
/// # Panics
/// When the texts together are longer than 2 GiB.
#[must_use]
pub fn pack(name: &str, columns: Vec<String>, rows: Vec<Vec<Value>>) -> ReferenceTable {
    let (mut kinds, mut numbers, mut texts) = (vec![], vec![], String::new());
    for value in rows.into_iter().flatten() {
        let (kind, number) = match value {
            Value::Null => (0, 0),
            Value::Boolean(flag) => (1, i64::from(flag)),
            Value::Integer(number) => (2, number),
            Value::Decimal(number) => (3, number),
            Value::Text(text) => {
                let start = i32::try_from(texts.len()).expect("less than 2 GiB of text");
                texts.push_str(&text);
                (4, (i64::from(start) << 32) | i64::try_from(text.len()).expect("less than 2 GiB of text"))
            }
            Value::Date(days) => (5, i64::from(days)),
            Value::Instant(micros) => (6, micros),
        };
        kinds.push(kind);
        numbers.push(number);
    }
    ReferenceTable { name: name.to_owned(), columns, kinds, numbers, texts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_read() {
        let row = vec![
            Value::Null,
            Value::Boolean(true),
            Value::Integer(-7),
            Value::Decimal(125_000),
            Value::from("Île-de-France"),
            Value::Date(-1),
            Value::Instant(i64::MIN),
            Value::from(""),
        ];
        let columns = ["a", "b", "c", "d", "e", "f", "g", "h"].map(str::to_owned).to_vec();
        let table = pack("t", columns.clone(), vec![row.clone(), row.clone()]);
        for read in Table::new(&table).rows() {
            let values: Vec<Value> = columns.iter().map(|column| read.value(column)).collect();
            assert_eq!(values, row);
            assert_eq!((read.text("e"), read.text("h"), read.text("c")), (Some("Île-de-France"), None, None));
            assert_eq!(read.value("z"), Value::Null);
        }
        assert_eq!(Table::new(&table).rows().count(), 2);
        assert!(Table::new(&table).find("e", "Île-de-France").is_some());
    }

    #[test]
    fn a_table_that_does_not_hold_together_reads_as_null() {
        let table = ReferenceTable {
            name: "t".to_owned(),
            columns: vec!["a".to_owned(), "b".to_owned()],
            kinds: vec![4, 9],
            numbers: vec![1 << 32 | 5],
            texts: "é".to_owned(),
        };
        let row = Table::new(&table).rows().next().expect("a row");
        assert_eq!((row.value("a"), row.value("b")), (Value::Null, Value::Null));
    }
}
