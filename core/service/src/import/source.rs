//! Rows of a CSV file, streamed: a file of any length needs the memory of one batch.

use std::io::Read;

use csv::{ByteRecord, ReaderBuilder, Terminator};

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
    reader: csv::Reader<Tail<R>>,
    /// Column names.
    pub header: Vec<String>,
}

impl<R: Read> Source<R> {
    /// Reads the header.
    pub fn open(reader: R, mapping: &Mapping) -> Result<Self, SourceError> {
        let delimiter = u8::try_from(mapping.delimiter).unwrap_or(b',');
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            // The library ends a row at the first byte of CR LF and counts the line with the next row.
            .terminator(Terminator::Any(b'\n'))
            .has_headers(false)
            .from_reader(Tail { inner: reader, bytes: 0, last: b'\n' });
        let mut raw = ByteRecord::new();
        read(&mut reader, &mut raw)?;
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
        if !read(&mut self.reader, &mut record)? {
            return Ok(None);
        }
        let text = match record.len() == self.header.len() {
            true => text(&record).map_err(|_| "is not UTF-8; save the file as UTF-8".to_owned()),
            false => Err(format!("has {} cells, the header has {}", record.len(), self.header.len())),
        };
        let end = self.reader.position();
        let tail = self.reader.get_ref();
        let ended = end.byte() != tail.bytes || tail.last == b'\n';
        let inner: usize = record.iter().map(|cell| cell.iter().filter(|byte| **byte == b'\n').count()).sum();
        Ok(Some(SourceRow {
            line: end.line() - inner as u64 - u64::from(ended),
            offset: end.byte(),
            cells: record.iter().map(<[u8]>::to_vec).collect(),
            text,
        }))
    }
}

/// Reads the next row that is not blank, without the CR of a CR LF.
fn read<R: Read>(reader: &mut csv::Reader<Tail<R>>, record: &mut ByteRecord) -> Result<bool, csv::Error> {
    while reader.read_byte_record(record)? {
        let Some(last) = record.iter().next_back() else { continue };
        if let Some(last) = last.strip_suffix(b"\r") {
            let last = last.to_vec();
            record.truncate(record.len() - 1);
            record.push_field(&last);
        }
        if record.len() > 1 || record.iter().any(|cell| !cell.is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Remembers how the bytes read so far end: a last line without line end is still a line.
struct Tail<R> {
    inner: R,
    bytes: u64,
    last: u8,
}

impl<R: Read> Read for Tail<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes += count as u64;
        if let Some(last) = buffer[..count].last() {
            self.last = *last;
        }
        Ok(count)
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
        Source::open(
            bytes,
            &Mapping::parse(text, &Catalog::standard().expect("the catalogue")).expect("a good mapping"),
        )
    }

    #[test]
    fn oddities_of_real_files_are_read() {
        let mut source =
            open(b"\xef\xbb\xbfid, name\r\n1,\"a, b\"\r\n\r\n2,\"two\nlines\"\r\n3,c\n\n4,d").expect("opens");
        let rows: Vec<SourceRow> = std::iter::from_fn(|| source.next().expect("reads")).collect();
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4, 6, 8]);
        assert_eq!(rows[2].text.as_ref().expect("text"), &["3", "c"]);
        assert_eq!(rows[0].text.as_ref().expect("text")[1], "a, b");
        assert_eq!(rows[1].text.as_ref().expect("text")[1], "two\nlines");
    }

    #[test]
    fn a_faulty_row_does_not_end_the_file() {
        let mut source = open(b"id,name\n1\n2,\xff\n3,c\n").expect("opens");
        let faults: Vec<bool> =
            std::iter::from_fn(|| source.next().expect("reads")).map(|row| row.text.is_err()).collect();
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
