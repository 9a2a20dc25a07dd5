//! An export that runs by itself: its file is sealed piece by piece, and fetched later by its owner.

use std::sync::Arc;

use garant_domain::clock::new_id;
use garant_domain::problem::Problem;
use garant_store::JobState;

use super::asked::{Asked, Wanted, What};
use super::claimed::{Claimed, ExportPosition, Stop};
use super::view::{JobProgress, JobView};
use crate::approval::BoundOperation;
use crate::auth::Caller;
use crate::error::store_problem;
use crate::export::{Export, ExportRequest};
use crate::service::Service;

/// What the file is called among the parts of its job.
pub(super) const RESULT: &str = "result";

impl Service {
    /// Starts an export that runs by itself. What refuses it as a whole is told at once.
    ///
    /// # Errors
    ///
    /// As [`Self::export`].
    pub async fn start_export(
        self: &Arc<Self>,
        caller: &Caller,
        request: ExportRequest,
        operation: Option<BoundOperation>,
    ) -> Result<JobView, Problem> {
        let unit = request.unit.clone();
        let (filter, format) = (request.filter.clone(), request.format);
        let export = self.prepare_export(caller, request, operation.clone()).await?;
        export.check().await?;
        let (entity, columns) = (export.entity().to_owned(), export.columns());
        // Its recipient is resolved; each batch asks the register anew whether it is there.
        let reader = export.caller().clone();
        let what = What::Export(Wanted { entity: entity.clone(), columns, filter, format, operation });
        let id = new_id();
        let asked = Asked { caller: reader, unit, what };
        self.enter_job(caller, &id, "export", &entity, JobState::Queued, &asked).await?;
        self.job(caller, &id).await
    }

    /// The export that a job was asked for.
    pub(super) async fn export_of(self: &Arc<Self>, asked: &Asked, wanted: &Wanted) -> Result<Export, Problem> {
        let request = ExportRequest {
            entity: wanted.entity.clone(),
            columns: wanted.columns.clone(),
            filter: wanted.filter.clone(),
            format: wanted.format,
            unit: asked.unit.clone(),
            recipient: asked.caller.recipient.clone(),
        };
        self.prepare_export(&asked.caller, request, wanted.operation.clone()).await
    }

    pub(super) async fn run_export(
        self: &Arc<Self>,
        claimed: &Claimed,
        wanted: &Wanted,
        told: &mut (dyn FnMut(&JobProgress) + Send),
    ) -> Result<(), Stop> {
        let mut position: ExportPosition = claimed.position()?.unwrap_or_default();
        let mut progress = JobView::of(claimed.job.clone()).progress;
        let mut export = self.export_of(&claimed.asked, wanted).await?;
        export.go_on(position.after.clone(), position.rows);
        while !position.ended {
            if claimed.is_stopping() {
                return Err(Stop::Stopping);
            }
            let mut bytes = if position.parts == 0 { export.head()? } else { Vec::new() };
            bytes.extend(export.batch().await?);
            let (after, ended) = export.position();
            let part = position.parts;
            position = ExportPosition { after, rows: export.rows(), parts: part + 1, ended };
            progress.read = position.rows;
            progress.bytes += bytes.len() as u64;
            let mut tx = self.store.begin_write(&claimed.tenant).await.map_err(store_problem)?;
            claimed.put_part(&mut tx, RESULT, part, &bytes).await?;
            claimed.step(&mut tx, &position, &progress).await?;
            tx.commit().await.map_err(store_problem)?;
            told(&progress);
        }
        Ok(())
    }
}
