//! Export: records leave for a recipient, so each batch is read again through the door under the
//! hooks `read` and `transfer`, by the policy set that decides at that moment. Nothing here writes
//! files or speaks HTTP: whoever asks pulls the bytes.

mod encode;

use std::sync::Arc;

use garant_domain::context::{Transfer, TransferKind};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{Filter, Page, Query};
use garant_domain::value::Value;

pub use encode::ExportFormat;

use crate::approval::BoundOperation;
use crate::auth::Caller;
use crate::gate::Door;
use crate::register;
use crate::service::Service;
use crate::unit::{Unit, UnitRequest};

/// Records of one batch: what is in memory at once, and decided by one policy set.
const BATCH: u32 = 500;

/// What is to be exported, and to whom.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// Entity name.
    pub entity: String,
    /// Fields with the names that they get in the file; empty means every field under its own name.
    pub columns: Vec<(String, String)>,
    /// Which records; all when absent.
    pub filter: Option<Filter>,
    /// How the file is written.
    pub format: ExportFormat,
    /// For what, and through which channel people would be reached.
    pub unit: UnitRequest,
    /// Id of the registered recipient that gets the file. A client that works for a recipient need
    /// not name it, and may name no other.
    pub recipient: Option<String>,
}

/// An export under way. Its bytes are pulled with [`Export::next`]; dropped, it is over.
pub struct Export {
    service: Arc<Service>,
    caller: Caller,
    unit: UnitRequest,
    operation: Option<BoundOperation>,
    query: Query,
    format: ExportFormat,
    header: Vec<String>,
    /// What was read but not yet pulled; `None` once the last batch was.
    ready: Option<Vec<u8>>,
    last: bool,
    rows: u64,
}

impl Service {
    /// Begins an export: its first batch is read, so that what refuses it is told before any byte.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` without a recipient or with a field that is none, `NOT_FOUND` for a recipient
    /// that is not registered, `FORBIDDEN` for another than the client's own, and what reading answers:
    /// `PURPOSE_REQUIRED`, `POLICY_REFUSED`, `POLICY_UNAVAILABLE`.
    pub async fn export(self: &Arc<Self>, caller: &Caller, request: ExportRequest) -> Result<Export, Problem> {
        self.export_operation(caller, request, None).await
    }

    /// The same as an operation that others can approve. All of its batches are one run.
    ///
    /// # Errors
    ///
    /// As [`Self::export`].
    pub async fn export_operation(
        self: &Arc<Self>,
        caller: &Caller,
        request: ExportRequest,
        operation: Option<BoundOperation>,
    ) -> Result<Export, Problem> {
        let mut export = self.prepare_export(caller, request, operation).await?;
        let first = export.batch().await?;
        export.ready = Some([export.head()?, first].concat());
        Ok(export)
    }

    /// An export of which nothing was read yet.
    pub(crate) async fn prepare_export(
        self: &Arc<Self>,
        caller: &Caller,
        request: ExportRequest,
        operation: Option<BoundOperation>,
    ) -> Result<Export, Problem> {
        let ExportRequest { entity, columns, filter, format, unit, recipient } = request;
        let catalog = self.catalog_of(&caller.tenant).await?;
        let entity = catalog.entity(&entity).filter(|entity| !entity.retired).ok_or_else(|| {
            Problem::input("entity", "The catalogue has no entity of this name")
                .mend("Use a name of the catalogue, such as contact.")
        })?;
        let columns = match columns.is_empty() {
            true => entity.in_use().map(|field| (field.name.clone(), field.name.clone())).collect(),
            false => columns,
        };
        if let Some((unknown, _)) = columns.iter().find(|(name, _)| !entity.in_use().any(|field| field.name == *name)) {
            return Err(Problem::input("fields", format!("`{}` has no field `{unknown}`", entity.name))
                .mend("Name fields of the entity, without its id, which always comes."));
        }
        let mut caller = caller.clone();
        // Each batch looks anew at what the role may do.
        caller.access.role = None;
        caller.recipient = self.receiver(&caller, recipient, entity.is_personal()).await?;
        let (fields, header): (Vec<String>, Vec<String>) = columns.into_iter().unzip();
        let query = Query {
            entity: entity.name.clone(),
            fields,
            filter,
            page: Page { limit: BATCH, ..Page::default() },
            ..Query::default()
        };
        Ok(Export {
            service: Arc::clone(self),
            caller,
            unit,
            operation,
            query,
            format,
            header,
            ready: None,
            last: false,
            rows: 0,
        })
    }

    /// Who gets the file. People's data goes to nobody without a name.
    async fn receiver(
        &self,
        caller: &Caller,
        named: Option<String>,
        personal: bool,
    ) -> Result<Option<String>, Problem> {
        let id = match (&caller.recipient, named) {
            (Some(own), Some(named)) if *own != named => {
                return Err(Problem::new(
                    ErrorCode::Forbidden,
                    "This client works for one recipient and exports to no other",
                )
                .at("recipient")
                .mend("Leave the recipient out."));
            }
            (Some(own), _) => return Ok(Some(own.clone())),
            (None, Some(named)) => named,
            (None, None) if personal => {
                return Err(Problem::input("recipient", "An export is a disclosure, and this one names no recipient")
                    .mend("Name the id of one of `recipients { nodes { id name } }`; the DPO registers them."));
            }
            (None, None) => return Ok(None),
        };
        let probe = Caller { recipient: Some(id.clone()), ..caller.clone() };
        match register::recipient(&self.store, &probe, &self.recipient_fields).await {
            Ok(_) => Ok(Some(id)),
            Err(problem) if problem.code == ErrorCode::Forbidden => {
                Err(Problem::new(ErrorCode::NotFound, "There is no such recipient")
                    .at("recipient")
                    .mend("`recipients { nodes { id name } }` lists them; the DPO registers them."))
            }
            Err(problem) => Err(problem),
        }
    }
}

impl Export {
    /// The next bytes of the file; `None` when it is complete.
    ///
    /// # Errors
    ///
    /// What the policies refuse by now, or `INTERNAL`: then the file is not complete, and whoever
    /// writes it must not pass it for one.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        if let Some(ready) = self.ready.take() {
            return Ok(Some(ready));
        }
        if self.last {
            return Ok(None);
        }
        self.batch().await.map(Some)
    }

    /// Records written so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The format of the file.
    #[must_use]
    pub fn format(&self) -> ExportFormat {
        self.format
    }

    /// Whether the records may leave at all, by now; nothing is read.
    pub(crate) async fn check(&self) -> Result<(), Problem> {
        self.unit(BATCH).await?.may_list(Door::Export, &self.query).await
    }

    /// Goes on after a place in the list.
    pub(crate) fn go_on(&mut self, after: Option<Vec<Value>>, rows: u64) {
        self.query.page.cursor = after;
        self.rows = rows;
    }

    /// The last record's place in the list, and whether it was the last of all.
    pub(crate) fn position(&self) -> (Option<Vec<Value>>, bool) {
        (self.query.page.cursor.clone(), self.last)
    }

    /// What the file begins with.
    pub(crate) fn head(&self) -> Result<Vec<u8>, Problem> {
        self.format.head(&self.header)
    }

    /// Who reads, on whose behalf.
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Entity name.
    pub(crate) fn entity(&self) -> &str {
        &self.query.entity
    }

    /// Fields with the names that they get in the file.
    pub(crate) fn columns(&self) -> Vec<(String, String)> {
        self.query.fields.iter().cloned().zip(self.header.iter().cloned()).collect()
    }

    /// A unit of work that is one batch of the whole.
    async fn unit(&self, rows: u32) -> Result<Unit, Problem> {
        let transfer = Transfer { kind: TransferKind::Export, rows };
        let caller = self.service.by_now(&self.caller).await?;
        let unit = Unit::begin(&self.service, &caller, self.unit.clone(), Some(transfer), None).await?;
        Ok(match &self.operation {
            Some(operation) => unit.carrying_out(operation),
            None => unit,
        })
    }

    /// Reads a batch in a unit of work of its own and writes it down.
    pub(crate) async fn batch(&mut self) -> Result<Vec<u8>, Problem> {
        let rows = u32::try_from(self.rows).unwrap_or(u32::MAX).saturating_add(BATCH);
        let unit = self.unit(rows).await?;
        let page = unit.page_for(Door::Export, self.query.clone()).await?;
        self.rows += page.rows.len() as u64;
        self.last = !page.has_next_page;
        // This list has just sealed the position, so it opens it.
        let position = page.rows.last().map(|row| unit.open_cursor(&self.query, row.cursor()));
        self.query.page.cursor = position.transpose()?;
        self.format.rows(&self.header, &self.query.fields, &page.rows)
    }
}
