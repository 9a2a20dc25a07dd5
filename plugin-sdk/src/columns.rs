//! Columns over all rows of a page, for policies that judge.

use crate::wit::types::{Column, ColumnData};

/// The columns that a plan asked for.
pub struct Columns(pub(crate) Vec<Column>);

impl Columns {
    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.first().map_or(0, |column| column.present.len())
    }

    /// A column of texts, `None` where a row has no value.
    ///
    /// # Errors
    /// When no such column was asked for, or it holds no texts.
    pub fn texts(&self, name: &str) -> Result<impl Iterator<Item = Option<&str>>, String> {
        let column = self.find(name)?;
        match &column.data {
            ColumnData::Texts(values) => {
                let values = values.iter().map(String::as_str);
                Ok(values.zip(&column.present).map(|(value, present)| (*present == 1).then_some(value)))
            }
            ColumnData::Integers(_) => Err(format!("column `{name}` holds no texts")),
        }
    }

    /// A column of integers, booleans (0 and 1), dates, decimals or instants, `None` where a row has
    /// no value.
    ///
    /// # Errors
    /// When no such column was asked for, or it holds texts.
    pub fn integers(&self, name: &str) -> Result<impl Iterator<Item = Option<i64>>, String> {
        let column = self.find(name)?;
        match &column.data {
            ColumnData::Integers(values) => {
                Ok(values.iter().zip(&column.present).map(|(value, present)| (*present == 1).then_some(*value)))
            }
            ColumnData::Texts(_) => Err(format!("column `{name}` holds texts")),
        }
    }

    fn find(&self, name: &str) -> Result<&Column, String> {
        self.0.iter().find(|column| column.name == name).ok_or_else(|| format!("no column `{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_values_are_none() {
        let data = ColumnData::Texts(vec!["a".to_owned(), String::new()]);
        let columns = Columns(vec![Column { name: "city".to_owned(), present: vec![1, 0], data }]);
        assert_eq!(columns.rows(), 2);
        let cities: Vec<_> = columns.texts("city").into_iter().flatten().collect();
        assert_eq!(cities, [Some("a"), None]);
        assert!(columns.integers("city").is_err());
        assert!(columns.texts("zip").is_err());
    }
}
