//! What an import tells of itself: counts while it runs, counts at its end, and why it stopped.

use garant_domain::problem::Problem;

use super::source::SourceError;
use crate::job::JobProgress;

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file read.
    pub bytes: u64,
    /// Bytes of the whole file.
    pub total: u64,
    /// Rows read.
    pub rows: u64,
    /// Rows rejected.
    pub rejected: u64,
}

/// What became of the rows. `created + updated + unchanged + rejected == rows`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Rows read.
    pub rows: u64,
    /// New records.
    pub created: u64,
    /// Known records that changed.
    pub updated: u64,
    /// Known records that did not.
    pub unchanged: u64,
    /// Rows that were not taken.
    pub rejected: u64,
    /// Records made because a row refers to them and they were missing, and that no row completed.
    pub references: u64,
    /// New records that look like one that was there, by what the catalogue says of duplicates.
    pub duplicates: u64,
}

impl From<&JobProgress> for ImportReport {
    fn from(progress: &JobProgress) -> Self {
        let JobProgress { read: rows, created, updated, unchanged, rejected, references, duplicates, .. } = *progress;
        Self { rows, created, updated, unchanged, rejected, references, duplicates }
    }
}

/// Why an import stopped. Batches before it are kept; a second run goes on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file does not fit.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Somebody stopped it.
    #[error("the import was cancelled; what it did stands")]
    Cancelled,
    /// A rejected row could not be kept.
    #[error("the rejects cannot be written")]
    Rejects(#[source] std::io::Error),
    /// The whole batch was refused.
    #[error("the import stopped in the rows up to line {line}: {problem}")]
    Batch {
        /// The last line of the batch.
        line: u64,
        /// What is wrong.
        problem: Problem,
    },
}
