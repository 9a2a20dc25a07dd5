//! Rows that were not taken: line, reason and the row as it stood, in a CSV that can be put right and
//! imported again with the same mapping.

use std::io::{self, Write};

use garant_domain::problem::{ErrorCode, Problem};

/// Column of the line number in the original file.
pub const LINE_COLUMN: &str = "rejected_line";
/// Column of the reason.
pub const REASON_COLUMN: &str = "rejected_reason";

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Line in the file, the header being line 1.
    pub line: u64,
    /// Why, with the column or field; without the value.
    pub reason: String,
    /// The cells as they stood.
    pub cells: Vec<Vec<u8>>,
}

/// Where rejected rows go.
pub trait RejectSink {
    /// Takes one row; the header comes with each, so that nothing is written if no row is rejected.
    ///
    /// # Errors
    /// If it cannot be kept; the import stops then, since a rejected row would be lost.
    fn reject(&mut self, header: &[String], row: &Reject) -> io::Result<()>;
}

/// A rejects file, made with the first reject.
pub struct RejectFile<W: Write, F> {
    open: Option<F>,
    writer: Option<csv::Writer<W>>,
    delimiter: u8,
}

impl<W: Write, F: FnOnce() -> io::Result<W>> RejectFile<W, F> {
    /// A file that `open` makes when it is needed.
    pub fn new(delimiter: char, open: F) -> Self {
        Self { open: Some(open), writer: None, delimiter: u8::try_from(delimiter).unwrap_or(b',') }
    }
}

impl<W: Write, F: FnOnce() -> io::Result<W>> RejectSink for RejectFile<W, F> {
    fn reject(&mut self, header: &[String], row: &Reject) -> io::Result<()> {
        // A rejects file that is imported again has the two columns already; they are replaced.
        let own = |name: &String| name == LINE_COLUMN || name == REASON_COLUMN;
        if let Some(open) = self.open.take() {
            let mut writer = csv::WriterBuilder::new().delimiter(self.delimiter).flexible(true).from_writer(open()?);
            writer.write_record(
                [LINE_COLUMN, REASON_COLUMN]
                    .into_iter()
                    .chain(header.iter().filter(|name| !own(name)).map(String::as_str)),
            )?;
            self.writer = Some(writer);
        }
        let Some(writer) = &mut self.writer else { return Err(io::Error::other("the rejects file could not be made")) };
        let cells = row.cells.iter().enumerate().filter(|(at, _)| !header.get(*at).is_some_and(own));
        writer.write_field(row.line.to_string())?;
        writer.write_field(&row.reason)?;
        for (_, cell) in cells {
            writer.write_field(cell)?;
        }
        writer.write_record(None::<&[u8]>)?;
        writer.flush()
    }
}

/// Which columns of a file are its own: not those that a rejects file has besides.
pub(crate) fn own_columns(header: &[String]) -> Vec<String> {
    header.iter().filter(|name| is_own(name)).cloned().collect()
}

fn is_own(name: &str) -> bool {
    name != LINE_COLUMN && name != REASON_COLUMN
}

/// Rejected rows as lines of a rejects file, without its header.
pub(crate) fn write(rejects: &[Reject], header: &[String], delimiter: char) -> Result<Vec<u8>, Problem> {
    let unwritable = || Problem::new(ErrorCode::Internal, "Rejected rows could not be written");
    let delimiter = u8::try_from(delimiter).unwrap_or(b',');
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
    for reject in rejects {
        let line = reject.line.to_string();
        let cells = reject.cells.iter().enumerate();
        let cells = cells.filter(|(at, _)| header.get(*at).is_none_or(|name| is_own(name))).map(|(_, cell)| cell);
        let fields = [line.as_bytes(), reject.reason.as_bytes()].into_iter().chain(cells.map(Vec::as_slice));
        writer.write_record(fields).map_err(|_| unwritable())?;
    }
    writer.into_inner().map_err(|_| unwritable())
}

/// Reads what [`write`] wrote.
pub(crate) fn read(bytes: &[u8], delimiter: char) -> Vec<Reject> {
    let delimiter = u8::try_from(delimiter).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(bytes);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let reject = |record: csv::ByteRecord| {
        let mut cells = record.iter();
        let line = text(cells.next()?).parse().ok()?;
        let reason = text(cells.next()?);
        Some(Reject { line, reason, cells: cells.map(<[u8]>::to_vec).collect() })
    };
    reader.byte_records().filter_map(|record| reject(record.ok()?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u64, cells: &[&str]) -> Reject {
        Reject {
            line,
            reason: "no, not this".to_owned(),
            cells: cells.iter().map(|cell| cell.as_bytes().to_vec()).collect(),
        }
    }

    #[test]
    fn the_file_keeps_the_row_and_can_be_rejected_again() {
        let mut bytes = Vec::new();
        let mut file = RejectFile::new(',', || Ok(&mut bytes));
        file.reject(&["id".to_owned(), "name".to_owned()], &row(7, &["1", "a, b"])).expect("is kept");
        file.reject(&["id".to_owned(), "name".to_owned()], &row(9, &["2"])).expect("is kept");
        drop(file);
        let text = String::from_utf8(bytes).expect("text");
        assert_eq!(
            text,
            "rejected_line,rejected_reason,id,name\n7,\"no, not this\",1,\"a, b\"\n9,\"no, not this\",2\n"
        );

        let header: Vec<String> = [LINE_COLUMN, REASON_COLUMN, "id"].map(str::to_owned).to_vec();
        let mut again = Vec::new();
        RejectFile::new(',', || Ok(&mut again)).reject(&header, &row(2, &["7", "old", "1"])).expect("is kept");
        assert_eq!(String::from_utf8(again).expect("text"), "rejected_line,rejected_reason,id\n2,\"no, not this\",1\n");
    }

    #[test]
    fn without_rejects_there_is_no_file() {
        let mut made = false;
        drop(RejectFile::new(',', || {
            made = true;
            Ok(Vec::new())
        }));
        assert!(!made);
    }
}
