//! A unit of work: one operation of one caller, decided by one policy set at one instant.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use garant_domain::catalog::{Catalog, Entity};
use garant_domain::context::{Context, Recipient, Transfer, TransferKind};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::Query;
use garant_domain::reason::Reason;
use garant_domain::role::Role;
use garant_domain::value::Value;
use garant_store::Store;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use crate::auth::{Caller, Credential};
use crate::catalogs::Current;
use crate::gate::{MAX_PAGE, words_scope};
use crate::published::PublishedSet;
use crate::register;
use crate::service::Service;

/// What a request says of itself besides its query.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct UnitRequest {
    /// Keys of the purposes named; empty means the caller's default.
    pub purposes: Vec<String>,
    /// The channel through which people would be reached.
    pub channel: Option<String>,
}

/// Channels that a request may name.
pub const CHANNELS: &[&str] = &["email", "sms", "call", "post"];

/// A rule that was in force in a unit of work, for `extensions.policy`. It is known from the
/// context alone, so that it never varies with a hidden row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Entity.
    pub entity: String,
    /// What the rule does: `mask`, `hide`, `refuse`, `flag`, ...
    pub effect: &'static str,
    /// Fields, for a mask.
    pub fields: Vec<String>,
    /// Why.
    pub reason: Arc<Reason>,
}

/// What `extensions.policy` tells.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Version of the policy set that decided.
    pub set_version: i64,
    /// Rules in force.
    pub rules: Vec<InForce>,
    /// The fields that searches looked at, by entity.
    pub searched: Vec<(String, Vec<String>)>,
    /// Masks of the rows shown, counted by entity, field and reason.
    pub masks: Vec<(String, String, Arc<Reason>, u64)>,
}

/// A unit of work. Every access to records is one of its methods; cheap to clone.
#[derive(Clone)]
pub struct Unit {
    pub(crate) service: Arc<Service>,
    pub(crate) context: Arc<Context>,
    pub(crate) set: Arc<PublishedSet>,
    pub(crate) report: Arc<Mutex<Report>>,
    pub(crate) guards: Arc<crate::gate::GuardCache>,
    /// Keys of the purposes that the caller may name, where none was named.
    pub(crate) may_name: Arc<[String]>,
    pub(crate) relied: Arc<crate::gate::Relied>,
    /// Whether a write was committed.
    pub(crate) written: Arc<AtomicBool>,
    /// What the caller's role may do.
    pub(crate) role: Arc<Role>,
    /// Whether the caller is a user, who may own records.
    pub(crate) is_user: bool,
    /// The team of the user.
    pub(crate) team_id: Option<String>,
    /// Who is in it, once it was asked.
    pub(crate) members: Arc<OnceCell<Vec<String>>>,
    /// What is read is part of a write that is yet to come.
    pub(crate) reads_for_write: bool,
    /// Whether a consent without its proof is taken, as an import may be told to.
    pub(crate) accepts_unproven: bool,
}

impl Unit {
    /// Begins one; `transfer` says how records leave, where it is not by the pages that a client reads, and
    /// `current` what the request has read already.
    pub(crate) async fn begin(
        service: &Arc<Service>,
        caller: &Caller,
        request: UnitRequest,
        transfer: Option<Transfer>,
        current: Option<Current>,
    ) -> Result<Self, Problem> {
        if caller.access.credential == Credential::Nobody {
            return Err(Problem::new(ErrorCode::Unauthenticated, "Nobody is signed in").mend("Sign in first."));
        }
        caller.has_factor()?;
        let now = service.clock.now();
        let state = match current {
            Some(current) => current.state,
            None => service.current(caller).await?.state,
        };
        let role = match &caller.access.role {
            Some(role) => Arc::clone(role),
            None => service.role(&caller.tenant, &caller.actor.role).await?,
        };
        let set = service.publisher.deciding(&caller.tenant, &state, now).await?;
        let kept = service.registers.of(&caller.tenant, state.registers);
        let break_glass = service.break_glass_of(caller, now).await?;
        if let Some(channel) = &request.channel
            && !CHANNELS.contains(&channel.as_str())
        {
            return Err(
                Problem::input("Channel", "No such channel").mend(format!("Use one of: {}.", CHANNELS.join(", ")))
            );
        }
        let mut keys = request.purposes;
        if keys.is_empty() {
            keys.extend(caller.default_purpose.clone());
        }
        let available = kept.purposes(&service.store, caller, &service.purpose_fields).await?;
        let purposes = register::named(available.clone(), &keys)?;
        let may_name =
            if purposes.is_empty() { available.map(|info| info.purpose.key.clone()).collect() } else { [].into() };
        let recipient = kept.recipient(&service.store, caller, &service.recipient_fields).await?;
        let mut registers = kept.tables(&service.store, &service.catalog, &caller.tenant, set.asked()).await?;
        registers.extend(kept.behind(service, &caller.tenant, set.asked(), recipient.as_ref(), now).await?);
        let transfer = transfer.or_else(|| by_client(recipient.as_ref()));
        let context = Context {
            tenant: caller.tenant.clone(),
            actor: caller.actor.clone(),
            purposes,
            channel: request.channel,
            recipient,
            transfer,
            now,
            zone: service.zone,
            set_version: set.version,
            registers: Arc::new(registers),
            hosting: Arc::clone(&service.hosting),
            break_glass,
            operation: None,
            of_past: false,
        };
        let report = Report { set_version: set.version, ..Report::default() };
        Ok(Self {
            service: Arc::clone(service),
            context: Arc::new(context),
            set,
            report: Arc::new(Mutex::new(report)),
            guards: Arc::default(),
            may_name,
            relied: Arc::default(),
            written: Arc::default(),
            role,
            is_user: matches!(caller.access.credential, Credential::Session(_)),
            team_id: caller.access.team.clone(),
            members: Arc::default(),
            reads_for_write: false,
            accepts_unproven: false,
        })
    }

    /// The context that policies decide on.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The catalogue that records are read and written by.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.set.catalog.catalog
    }

    /// The store that reads and writes by it.
    pub(crate) fn store(&self) -> &Store {
        &self.set.catalog.store
    }

    /// Whether anything was written, whatever became of the answer.
    #[must_use]
    pub fn has_written(&self) -> bool {
        self.written.load(Ordering::Relaxed)
    }

    /// What the answer tells of the policies so far.
    #[must_use]
    pub fn report(&self) -> Report {
        self.report.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Opens a cursor of this query's list.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for a cursor of another list or a text that is none.
    pub fn open_cursor(&self, query: &Query, cursor: &str) -> Result<Vec<Value>, Problem> {
        self.service.sealer.open_cursor(&cursor_scope(&self.context.tenant, query), cursor).ok_or_else(|| {
            Problem::input("after", "The cursor does not belong to this list")
                .mend("Use a cursor that this list answered, with the same order.")
        })
    }

    /// Whether this request needs a purpose for an entity. Those who work here see each other without one;
    /// whoever reads for a recipient does not.
    pub(crate) fn needs_purpose(&self, entity: &Entity) -> bool {
        entity.needs_purpose() || (entity.is_personal() && self.context.recipient.is_some())
    }

    /// Refuses personal data to a request without a purpose.
    pub(crate) fn require_purpose(&self, entity: &str) -> Result<(), Problem> {
        if !self.context.purposes.is_empty() {
            return Ok(());
        }
        let mut problem = Problem::new(
            ErrorCode::PurposeRequired,
            format!("`{entity}` holds personal data, and the request names no purpose"),
        )
        .at("Purpose")
        .mend("Send the header `Purpose: <key>` with one of the listed purposes.");
        problem.purposes = self.may_name.to_vec();
        Err(problem)
    }
}

/// How records leave when the recipient's own client reads them.
pub(crate) fn by_client(recipient: Option<&Recipient>) -> Option<Transfer> {
    recipient.map(|_| Transfer { kind: TransferKind::Client, rows: MAX_PAGE })
}

/// What a cursor is sealed for: tenant, entity and order.
pub(crate) fn cursor_scope(tenant: &str, query: &Query) -> String {
    let mut scope = format!("{tenant}\u{1f}{}", query.entity);
    for order in &query.order {
        scope.push_str(&format!("\u{1f}{}:{}:{}", order.field, order.descending, order.nulls_first));
    }
    // By rank: a place in one search is none in another.
    if let Some(search) = query.search.as_ref().filter(|_| query.order.is_empty()) {
        scope.push_str(&words_scope(search));
    }
    scope
}
