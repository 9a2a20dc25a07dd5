//! Rows of a CSV file, read piece by piece: a file of any length needs the memory of one batch, and is taken up
//! at any row.

use std::io::Read;

use csv::{ByteRecord, ReaderBuilder, Terminator};
use serde::{Deserialize, Serialize};

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
pub(crate) struct SourceRow {
    /// Line on which it starts, the header being line 1.
    pub line: u64,
    /// The cells, as they are, for the rejects file.
    pub cells: Vec<Vec<u8>>,
    /// The cells as text, or why they are none.
    pub text: Result<Vec<String>, String>,
}

/// Where the next row begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Byte of the file.
    pub offset: u64,
    /// Line, the first being 1.
    pub line: u64,
}

/// The names of the columns, and where the first row begins. `bytes` are the beginning of the file.
pub(crate) fn header(bytes: &[u8], mapping: &Mapping) -> Result<(Vec<String>, Place), SourceError> {
    let mut reader = open(bytes, mapping);
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
        None => {
            let place = Place { offset: reader.position().byte(), line: reader.position().line() };
            Ok((header, place))
        }
    }
}

/// Rows from a place on, so many at most, and where the one after them begins. `bytes` are what lies there;
/// unless they are the `last` of the file, a row that ends with them may go on and is left. A row with too few
/// or too many cells, or that is not UTF-8, is a row with a fault; the ones after it are read.
pub(crate) fn rows(
    bytes: &[u8],
    place: Place,
    columns: usize,
    mapping: &Mapping,
    last: bool,
    most: usize,
) -> Result<(Vec<SourceRow>, Place), SourceError> {
    let mut reader = open(bytes, mapping);
    let mut record = ByteRecord::new();
    let (mut rows, mut next) = (Vec::new(), place);
    while rows.len() < most && read(&mut reader, &mut record)? {
        let end = reader.position();
        if !last && end.byte() == bytes.len() as u64 {
            break;
        }
        let text = match record.len() == columns {
            true => text(&record).map_err(|_| "is not UTF-8; save the file as UTF-8".to_owned()),
            false => Err(format!("has {} cells, the header has {columns}", record.len())),
        };
        let tail = reader.get_ref();
        let ended = end.byte() != tail.bytes || tail.last == b'\n';
        let inner: usize = record.iter().map(|cell| cell.iter().filter(|byte| **byte == b'\n').count()).sum();
        // The reader counts from where it began.
        next = Place { offset: place.offset + end.byte(), line: place.line + end.line() - 1 };
        rows.push(SourceRow {
            line: next.line - inner as u64 - u64::from(ended),
            cells: record.iter().map(<[u8]>::to_vec).collect(),
            text,
        });
    }
    Ok((rows, next))
}

fn open<'a>(bytes: &'a [u8], mapping: &Mapping) -> csv::Reader<Tail<&'a [u8]>> {
    ReaderBuilder::new()
        .delimiter(u8::try_from(mapping.delimiter).unwrap_or(b','))
        .flexible(true)
        // The library ends a row at the first byte of CR LF and counts the line with the next row.
        .terminator(Terminator::Any(b'\n'))
        .has_headers(false)
        .from_reader(Tail { inner: bytes, bytes: 0, last: b'\n' })
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

    fn mapping() -> Mapping {
        let text = "entity = \"company\"\nsource = \"s\"\nkey = \"id\"\n[field.name]\ncolumn = \"name\"\n";
        Mapping::parse(text, &Catalog::standard().expect("the catalogue")).expect("a good mapping")
    }

    fn all(bytes: &[u8]) -> Vec<SourceRow> {
        let (header, place) = header(bytes, &mapping()).expect("opens");
        let rest = &bytes[usize::try_from(place.offset).expect("short")..];
        rows(rest, place, header.len(), &mapping(), true, 100).expect("reads").0
    }

    const ODD: &[u8] = b"\xef\xbb\xbfid, name\r\n1,\"a, b\"\r\n\r\n2,\"two\nlines\"\r\n3,c\n\n4,d";

    #[test]
    fn oddities_of_real_files_are_read() {
        let rows = all(ODD);
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4, 6, 8]);
        assert_eq!(rows[2].text.as_ref().expect("text"), &["3", "c"]);
        assert_eq!(rows[0].text.as_ref().expect("text")[1], "a, b");
        assert_eq!(rows[1].text.as_ref().expect("text")[1], "two\nlines");
    }

    #[test]
    fn a_file_in_pieces_of_any_size_is_the_same_file() {
        let whole: Vec<_> = all(ODD).into_iter().map(|row| (row.line, row.cells)).collect();
        let (header, start) = header(ODD, &mapping()).expect("opens");
        for piece in 1..ODD.len() {
            let (mut place, mut found, mut end) = (start, Vec::new(), 0);
            loop {
                let from = usize::try_from(place.offset).expect("short");
                end = (end.max(from) + piece).min(ODD.len());
                let last = end == ODD.len();
                let (some, next) = rows(&ODD[from..end], place, header.len(), &mapping(), last, 2).expect("reads");
                if last && some.is_empty() {
                    break;
                }
                found.extend(some.into_iter().map(|row| (row.line, row.cells)));
                place = next;
            }
            assert_eq!(found, whole, "pieces of {piece}");
        }
    }

    #[test]
    fn a_faulty_row_does_not_end_the_file() {
        let faults: Vec<bool> = all(b"id,name\n1\n2,\xff\n3,c\n").iter().map(|row| row.text.is_err()).collect();
        assert_eq!(faults, [true, true, false]);
    }

    #[test]
    fn a_header_that_does_not_fit_says_so() {
        let header = |bytes: &[u8]| header(bytes, &mapping());
        assert!(matches!(header(b""), Err(SourceError::Empty)));
        assert!(matches!(header(b"id,title\n"), Err(SourceError::MissingColumn { column, .. }) if column == "name"));
        assert!(matches!(header(b"id,name,id\n"), Err(SourceError::DoubleColumn(name)) if name == "id"));
        assert!(matches!(header(b"id,n\xff\n"), Err(SourceError::Encoding)));
    }
}
