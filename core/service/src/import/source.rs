//! Rows of a CSV file, streamed: a file of any length needs the memory of one batch.

use std::io::Read;

use csv::{ByteRecord, ReaderBuilder};

use super::mapping::Mapping;

/// What is wrong with the file as a whole; nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No header line.
    #[error("the file is empty: its first line must name the columns")]
    Empty,
    /// A column of the mapping is not in the header.
    #[error("the file has no column `{column}`; it has {found}")]
    MissingColumn {
        /// As the mapping names it.
        column: String,
        /// What the header has.
        found: String,
    },
    /// Two columns have one name.
    #[error("the file has two columns `{0}`; rename one")]
    DoubleColumn(String),
    /// The header is not UTF-8.
    #[error("the file's first line is not UTF-8; save the file as UTF-8")]
    Encoding,
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Read(#[from] csv::Error),
}

/// One row as it stands in the file.
#[derive(Clone, Debug)]
pub(super) struct SourceRow {
    /// Line on which it starts, the header being line 1.
    pub line: u64,
    /// Byte where the next row starts, for the progress bar.
    pub offset: u64,
    /// The cells, as they are, for the rejects file.
    pub cells: Vec<Vec<u8>>,
    /// The cells as text, or why they are none.
    pub text: Result<Vec<String>, String>,
}

/// A CSV file whose header fits a mapping.
pub(super) struct Source<R> {
    reader: csv::Reader<R>,
    /// Column names.
    pub header: Vec<String>,
}

impl<R: Read> Source<R> {
    /// Reads the header.
    pub fn open(reader: R, mapping: &Mapping) -> Result<Self, SourceError> {
        let delimiter = u8::try_from(mapping.delimiter).unwrap_or(b',');
        let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(reader);
        let raw = reader.byte_headers()?.clone();
        let header = text(&raw).map_err(|_| SourceError::Encoding)?;
        let header: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        if header.iter().all(String::is_empty) {
            return Err(SourceError::Empty);
        }
        if let Some((_, name)) = header.iter().enumerate().find(|(at, name)| header[..*at].contains(name)) {
            return Err(SourceError::DoubleColumn(name.clone()));
        }
        match mapping.columns().find(|column| !header.iter().any(|name| name == column)) {
            Some(column) => Err(SourceError::MissingColumn { column: column.to_owned(), found: header.join(", ") }),
            None => Ok(Self { reader, header }),
        }
    }

    /// The next row, if there is one. A row with too few or too many cells, or that is not UTF-8, is a
    /// row with a fault; the ones after it are read.
    pub fn next(&mut self) -> Result<Option<SourceRow>, SourceError> {
        let mut record = ByteRecord::new();
        if !self.reader.read_byte_record(&mut record)? {
            return Ok(None);
        }
        let text = match record.len() == self.header.len() {
            true => text(&record).map_err(|_| "is not UTF-8; save the file as UTF-8".to_owned()),
            false => Err(format!("has {} cells, the header has {}", record.len(), self.header.len())),
        };
        Ok(Some(SourceRow {
            line: record.position().map_or(0, csv::Position::line),
            offset: self.reader.position().byte(),
            cells: record.iter().map(<[u8]>::to_vec).collect(),
            text,
        }))
    }
}

fn text(record: &ByteRecord) -> Result<Vec<String>, std::str::Utf8Error> {
    record.iter().map(|cell| std::str::from_utf8(cell).map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use garant_domain::catalog::Catalog;

    use super::*;

    fn open(bytes: &[u8]) -> Result<Source<&[u8]>, SourceError> {
        let text = "entity = \"company\"\nsource = \"s\"\nkey = \"id\"\n[field.name]\ncolumn = \"name\"\n";
        Source::open(bytes, &Mapping::parse(text, &Catalog::standard().expect("the catalogue")).expect("a good mapping"))
    }

    #[test]
    fn oddities_of_real_files_are_read() {
        let mut source = open(b"\xef\xbb\xbfid, name\r\n1,\"a, b\"\r\n\r\n2,\"two\nlines\"\r\n3,c\r\n").expect("opens");
        let rows: Vec<SourceRow> = std::iter::from_fn(|| source.next().expect("reads")).collect();
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4, 6]);
        assert_eq!(rows[0].text.as_ref().expect("text")[1], "a, b");
        assert_eq!(rows[1].text.as_ref().expect("text")[1], "two\nlines");
    }

    #[test]
    fn a_faulty_row_does_not_end_the_file() {
        let mut source = open(b"id,name\n1\n2,\xff\n3,c\n").expect("opens");
        let faults: Vec<bool> = std::iter::from_fn(|| source.next().expect("reads")).map(|row| row.text.is_err()).collect();
        assert_eq!(faults, [true, true, false]);
    }

    #[test]
    fn a_header_that_does_not_fit_says_so() {
        assert!(matches!(open(b""), Err(SourceError::Empty)));
        assert!(matches!(open(b"id,title\n"), Err(SourceError::MissingColumn { column, .. }) if column == "name"));
        assert!(matches!(open(b"id,name,id\n"), Err(SourceError::DoubleColumn(name)) if name == "id"));
        assert!(matches!(open(b"id,n\xff\n"), Err(SourceError::Encoding)));
    }
}
