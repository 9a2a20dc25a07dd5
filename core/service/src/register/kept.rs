//! Registers kept in memory for as long as nobody writes to one. Each unit of work reads the state of
//! its tenant's registers with its first statement; another state than the one that rows are kept
//! under, and they are read anew. So a change made by any process is seen by the next unit of every
//! process, and nothing has to be told to anybody.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use garant_domain::calendar;
use garant_domain::catalog::{Catalog, Entity};
use garant_domain::chain::{self, Graph};
use garant_domain::context::{Recipient, RegisterTable};
use garant_domain::problem::Problem;
use garant_policy::{PluginError, ReferenceTable};
use garant_store::Store;
use tokio::sync::OnceCell;

use super::{PurposeInfo, Registered, behind};
use crate::auth::Caller;
use crate::published::ActivePolicy;
use crate::service::Service;

/// The registers of each tenant that this process has read.
#[derive(Default)]
pub(crate) struct Registers {
    kept: Mutex<HashMap<String, Arc<Kept>>>,
}

/// Chains by recipient, as of a day.
type Chains = HashMap<(Option<String>, i32), Arc<Digested>>;

/// A tenant's registers in one state.
#[derive(Default)]
pub(crate) struct Kept {
    state: Option<String>,
    purposes: OnceCell<Vec<Registered>>,
    recipients: Mutex<HashMap<String, Recipient>>,
    tables: Mutex<HashMap<String, Arc<Digested>>>,
    graph: OnceCell<Graph>,
    /// The chain behind a recipient and behind our own hosting.
    chains: Mutex<Chains>,
}

/// A register as policies get it.
struct Digested {
    table: Arc<RegisterTable>,
    reference: Arc<ReferenceTable>,
}

impl Registers {
    /// The registers of a tenant in the state that was read from the database.
    pub(crate) fn of(&self, tenant: &str, state: Option<String>) -> Arc<Kept> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.get(tenant)
            && kept.state == state
        {
            return Arc::clone(kept);
        }
        let fresh = Arc::new(Kept { state, ..Kept::default() });
        kept.insert(tenant.to_owned(), Arc::clone(&fresh));
        fresh
    }

    /// A register as policies get it: digested once for each state, if it is one that is kept.
    ///
    /// # Errors
    ///
    /// As [`ReferenceTable::new`].
    pub(crate) fn digested(
        &self,
        tenant: &str,
        table: &Arc<RegisterTable>,
    ) -> Result<Arc<ReferenceTable>, PluginError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned();
        let known = kept.and_then(|kept| kept.known(table));
        match known.filter(|known| Arc::ptr_eq(&known.table, table)) {
            Some(known) => Ok(Arc::clone(&known.reference)),
            None => digest(table),
        }
    }
}

impl Kept {
    /// Every purpose, by key.
    async fn all_purposes(&self, store: &Store, tenant: &str, fields: &[String]) -> Result<&[Registered], Problem> {
        let read = || super::all_purposes(store, tenant, fields);
        self.purposes.get_or_try_init(read).await.map(Vec::as_slice)
    }

    /// The purposes that the caller's role may name, by key.
    pub(crate) async fn purposes<'a>(
        &'a self,
        store: &Store,
        caller: &'a Caller,
        fields: &[String],
    ) -> Result<impl Iterator<Item = &'a PurposeInfo> + Clone, Problem> {
        let all = self.all_purposes(store, &caller.tenant, fields).await?;
        let named = |purpose: &&Registered| {
            purpose.roles.contains(&caller.actor.role) && caller.may_name(&purpose.info.purpose.key)
        };
        Ok(all.iter().filter(named).map(|purpose| &purpose.info))
    }

    /// The recipient on whose behalf the caller works.
    pub(crate) async fn recipient(
        &self,
        store: &Store,
        caller: &Caller,
        fields: &[String],
    ) -> Result<Option<Recipient>, Problem> {
        let Some(id) = &caller.recipient else { return Ok(None) };
        let known = self.recipients.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let found = super::recipient(store, caller, fields).await?;
        if let Some(recipient) = &found {
            let mut recipients = self.recipients.lock().unwrap_or_else(PoisonError::into_inner);
            recipients.insert(id.clone(), recipient.clone());
        }
        Ok(found)
    }

    /// The registers that these policies declared, whole.
    pub(crate) async fn tables<'a>(
        &self,
        store: &Store,
        catalog: &'a Catalog,
        tenant: &str,
        policies: impl IntoIterator<Item = &'a ActivePolicy>,
    ) -> Result<Vec<Arc<RegisterTable>>, Problem> {
        let mut tables = Vec::new();
        for entity in super::declared(catalog, policies) {
            tables.push(match self.table(&entity.name) {
                Some(known) => Arc::clone(&known.table),
                None => self.read(store, catalog, tenant, entity).await?,
            });
        }
        Ok(tables)
    }

    async fn read(
        &self,
        store: &Store,
        catalog: &Catalog,
        tenant: &str,
        entity: &Entity,
    ) -> Result<Arc<RegisterTable>, Problem> {
        let table = Arc::new(super::table(store, tenant, entity).await?);
        // A reference reads as null once its record is gone, so what it leads to must be a register too.
        let targets = entity.fields.iter().filter_map(|field| catalog.entity(field.target()?));
        if targets.into_iter().all(|target| target.is_register())
            && let Ok(reference) = digest(&table)
        {
            let digested = Arc::new(Digested { table: Arc::clone(&table), reference });
            self.tables.lock().unwrap_or_else(PoisonError::into_inner).insert(entity.name.clone(), digested);
        }
        Ok(table)
    }

    /// The chain behind a recipient and behind our own hosting as of an instant, if a policy declared it.
    pub(crate) async fn behind<'a>(
        &self,
        service: &Service,
        tenant: &str,
        policies: impl IntoIterator<Item = &'a ActivePolicy>,
        recipient: Option<&Recipient>,
        now: i64,
    ) -> Result<Option<Arc<RegisterTable>>, Problem> {
        if !behind::is_declared(policies) {
            return Ok(None);
        }
        let day = calendar::local_date(now, service.zone);
        let key = (recipient.map(|recipient| recipient.id.clone()), day);
        if let Some(known) = self.chains.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Some(Arc::clone(&known.table)));
        }
        let graph = self.graph.get_or_try_init(|| behind::graph(service, tenant)).await?;
        let table = Arc::new(behind::table(service, graph, recipient, day));
        if let Ok(reference) = digest(&table) {
            let digested = Arc::new(Digested { table: Arc::clone(&table), reference });
            let mut chains = self.chains.lock().unwrap_or_else(PoisonError::into_inner);
            // Nobody asks for yesterday any more.
            chains.retain(|(_, of_day), _| *of_day == day);
            chains.insert(key, digested);
        }
        Ok(Some(table))
    }

    /// What is kept of a table that policies are given.
    fn known(&self, table: &RegisterTable) -> Option<Arc<Digested>> {
        if table.name != chain::NAME {
            return self.table(&table.name);
        }
        let chains = self.chains.lock().unwrap_or_else(PoisonError::into_inner);
        chains.values().find(|known| std::ptr::eq(Arc::as_ptr(&known.table), table)).cloned()
    }

    fn table(&self, name: &str) -> Option<Arc<Digested>> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

fn digest(table: &RegisterTable) -> Result<Arc<ReferenceTable>, PluginError> {
    ReferenceTable::new(&table.name, table.columns.clone(), table.rows.clone()).map(Arc::new)
}
