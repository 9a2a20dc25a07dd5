//! Import of a CSV file with a mapping: read a row, convert it, find the records it refers to, and
//! hand batches to the upsert of [`crate::Unit`], which decides like for any other write. Rows that
//! are wrong go to the rejects, the others are kept; keys per source make a second run change nothing.
//! Every import is a job ([`crate::job`]), also where somebody waits for its end.
//!
//! Nothing here asks a policy by itself.

mod batch;
mod convert;
mod lookup;
mod mapping;
mod reject;
mod report;
mod run;
mod source;
mod tally;

pub use mapping::{Collected, FieldMapping, Lookup, Mapping, MappingError};
pub use reject::{LINE_COLUMN, REASON_COLUMN, Reject, RejectFile, RejectSink};
pub use report::{ImportError, ImportReport, Progress};
pub use run::ImportRequest;
pub use source::SourceError;

pub(crate) use batch::{BATCH, Batcher};
pub(crate) use reject::{own_columns, read as read_rejects};
pub(crate) use source::{Place, SourceRow, header, rows};
