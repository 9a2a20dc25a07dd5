//! The operation that approvals bind, and its run.

use std::sync::Arc;

use garant_domain::context::OperationRun;
use garant_domain::problem::Problem;
use garant_store::{LogDetail, LogLine};
use serde::{Deserialize, Serialize};

use super::OPERATION;
use crate::auth::Caller;
use crate::catalogs::Current;
use crate::service::Service;
use crate::unit::{Unit, UnitRequest};

/// An operation as approvals bind it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BoundOperation {
    /// Everything that was sent and decides what is done; each byte counts.
    pub parts: Vec<Vec<u8>>,
    /// What it does, in names of the schema alone; `None` where it is too long for a person to judge.
    pub outline: Option<String>,
    /// Id of this run; the same where an idempotency key tells it again.
    pub run: String,
}

impl Service {
    /// Begins a unit of work that carries out an operation which others can approve.
    ///
    /// # Errors
    ///
    /// As [`Self::begin`].
    pub async fn begin_operation(
        self: &Arc<Self>,
        caller: &Caller,
        request: UnitRequest,
        operation: &BoundOperation,
        current: Option<Current>,
    ) -> Result<Unit, Problem> {
        Ok(Unit::begin(self, caller, request, None, current).await?.carrying_out(operation))
    }
}

impl Unit {
    /// The same unit of work, as the run of an operation.
    pub(crate) fn carrying_out(mut self, operation: &BoundOperation) -> Self {
        let context = Arc::make_mut(&mut self.context);
        let mut purposes: Vec<&str> = context.purposes.iter().map(|purpose| purpose.key.as_str()).collect();
        purposes.sort_unstable();
        let (purposes, channel) = (purposes.join(","), context.channel.clone().unwrap_or_default());
        let recipient = context.recipient.as_ref().map(|recipient| recipient.id.clone()).unwrap_or_default();
        let who = [context.tenant.as_str(), &context.actor.id, &purposes, &channel, &recipient];
        let parts: Vec<&[u8]> =
            who.into_iter().map(str::as_bytes).chain(operation.parts.iter().map(Vec::as_slice)).collect();
        context.operation = Some(OperationRun {
            digest: self.service.sealer.operation_digest(&parts),
            outline: operation.outline.clone(),
            run: operation.run.clone(),
        });
        self
    }

    /// The line that tells of a use.
    pub(crate) fn approval_line(&self, id: &str) -> LogLine {
        let context = &self.context;
        LogLine {
            tenant: context.tenant.clone(),
            at: context.now,
            actor: context.actor.id.clone(),
            role: context.actor.role.clone(),
            operation: OPERATION.to_owned(),
            entity: String::new(),
            purposes: context.purposes.iter().map(|purpose| purpose.key.clone()).collect(),
            channel: context.channel.clone(),
            recipient: context.recipient.as_ref().map(|recipient| recipient.id.clone()),
            set_version: context.set_version,
            outcome: "used".to_owned(),
            fields: vec![],
            codes: vec![],
            observed: vec![],
            observed_rows: vec![],
            break_glass: context.break_glass.clone(),
            approval: Some(id.to_owned()),
            detail: LogDetail::default(),
        }
    }
}
