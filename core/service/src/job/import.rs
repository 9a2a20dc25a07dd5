//! The run of an import: piece by piece of its file, batch by batch of its rows.

use std::sync::Arc;

use garant_domain::problem::{ErrorCode, Problem};

use super::claimed::{Claimed, ImportPosition, Stop};
use super::upload::{CHUNK, FILE, unfit};
use super::view::{JobProgress, JobView};
use crate::import::{BATCH, Batcher, Mapping, SourceRow, rows};
use crate::service::Service;

/// Most bytes that are looked at for the rows of one batch.
const MAX_WINDOW: usize = 16 << 20;

impl Service {
    pub(super) async fn run_import(
        self: &Arc<Self>,
        claimed: &Claimed,
        mapping: &Mapping,
        told: &mut (dyn FnMut(&JobProgress) + Send),
    ) -> Result<(), Stop> {
        let missing = || Problem::new(ErrorCode::Internal, "an import has no beginning");
        let mut position: ImportPosition = claimed.position()?.ok_or_else(missing)?;
        let mut progress = JobView::of(claimed.job.clone()).progress;
        let header = position.header.clone();
        let mut batcher = Batcher::new(self, claimed, mapping, &header);
        loop {
            if claimed.is_stopping() {
                return Err(Stop::Stopping);
            }
            let caller = self.by_now(&claimed.asked.caller).await?;
            let (rows, place) = next_rows(claimed, mapping, &position).await?;
            let Some(line) = rows.last().map(|row| row.line) else { return Ok(()) };
            let next = ImportPosition { place, ..position };
            let batch = async {
                let unit = self.begin(&caller, claimed.asked.unit.clone()).await?;
                let unit = if mapping.unproven_consents { unit.accepting_unproven() } else { unit };
                batcher.take(&unit, rows, next, progress).await
            };
            (progress, position) = batch.await.map_err(|stop| match stop {
                Stop::Problem(problem, None) => Stop::Problem(problem, Some(line)),
                other => other,
            })?;
            told(&progress);
        }
    }
}

/// The rows of the next batch, and where the one after them begins.
async fn next_rows(
    claimed: &Claimed,
    mapping: &Mapping,
    position: &ImportPosition,
) -> Result<(Vec<SourceRow>, crate::import::Place), Problem> {
    let chunk = CHUNK as u64;
    let mut seq = position.place.offset / chunk;
    let start = usize::try_from(position.place.offset % chunk).unwrap_or_default();
    let mut window = Vec::new();
    loop {
        let piece = claimed.part(FILE, i64::try_from(seq).unwrap_or(i64::MAX)).await?;
        let last = piece.as_ref().is_none_or(|piece| piece.len() < CHUNK);
        window.extend(piece.unwrap_or_default());
        seq += 1;
        let rest = window.get(start..).unwrap_or_default();
        let found = rows(rest, position.place, position.header.len(), mapping, last, BATCH);
        let (rows, place) = found.map_err(|error| unfit(&error))?;
        if last || rows.len() == BATCH {
            return Ok((rows, place));
        }
        if window.len() > MAX_WINDOW {
            let line = place.line;
            return Err(Problem::input(
                "file",
                format!("From line {line} on, rows are longer than {MAX_WINDOW} bytes"),
            )
            .mend("A quotation mark may be missing there; close it, and import the rows from there on."));
        }
    }
}
