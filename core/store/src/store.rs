//! The store: connections, reading, and the way to everything else.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use garant_domain::catalog::Catalog;
use garant_domain::query::{Aggregation, Group, Guards, Hits, HitsWanted, Pair, PairsWanted, Query, Rows};
use garant_domain::value::{Type, Value};

use crate::address::AddressKey;
use crate::config::{Durability, StoreConfig};
use crate::connect::{Scratch, Target, Use};
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::log::{Chains, DecisionLog};
use crate::migrate::migrate;
use crate::pool::{Lease, Pool, Statement};
use crate::shape::{Shapes, Wanted};
use crate::sql::Compiler;
use crate::sql::page::PageSql;
use crate::write::WriteTx;

/// A database, shared by all who clone it.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) dialect: Dialect,
    pub(crate) read: Arc<Pool>,
    pub(crate) write: Arc<Pool>,
    pub(crate) chains: Arc<Chains>,
    pub(crate) address_key: AddressKey,
    /// Of this catalogue.
    shapes: Arc<Shapes>,
    log: DecisionLog,
    statements: Arc<AtomicU64>,
    /// Dropped last: the folder of an in-memory database.
    _scratch: Option<Arc<Scratch>>,
}

impl Store {
    /// Connects, migrates and brings the entity tables up to date with the catalogue.
    ///
    /// # Errors
    ///
    /// When the URL is none, the database cannot be reached, or a migration fails.
    pub async fn connect(config: &StoreConfig, catalog: Arc<Catalog>) -> Result<Self, StoreError> {
        let (target, scratch) = Target::parse(&config.url)?;
        migrate(&target, &catalog).await?;
        let dialect = target.dialect();
        let target = Arc::new(target);
        rebuild_words(&target, dialect, &catalog, false).await?;
        let statements = Arc::new(AtomicU64::new(0));
        let pool = |purpose, size| Pool::new(Arc::clone(&target), purpose, size, Arc::clone(&statements));
        let read = pool(Use::Read, config.max_connections);
        // SQLite has one writer, so the log shares its connection. On PostgreSQL a request that writes
        // must never wait for connections that wait for it: reading, writing and the log keep apart.
        let (write, log) = match dialect {
            Dialect::Sqlite => {
                let write = pool(Use::Write, 1);
                (Arc::clone(&write), write)
            }
            Dialect::Postgres => (pool(Use::Write, config.max_connections.div_ceil(2)), pool(Use::Write, 1)),
        };
        let chains = Arc::new(Chains::default());
        let strict = config.durability == Durability::Strict;
        let log = DecisionLog::start(log, dialect, strict, chains.take());
        let address_key = config.address_key.clone();
        let inner = Inner {
            catalog,
            dialect,
            read,
            write,
            chains,
            address_key,
            shapes: Arc::default(),
            log,
            statements,
            _scratch: scratch.map(Arc::new),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The same database, read and written by another catalogue: of a tenant that defined fields and
    /// objects of its own.
    #[must_use]
    pub fn seeing(&self, catalog: Arc<Catalog>) -> Self {
        Self { inner: Arc::new(Inner { catalog, shapes: Arc::default(), ..self.inner.as_ref().clone() }) }
    }

    /// Takes the words of every record out and in again, of every tenant: for records that a process
    /// wrote which knew nothing of words yet.
    ///
    /// # Errors
    ///
    /// When the URL is none, or the database fails; what was rebuilt until then stays.
    pub async fn rebuild_search(config: &StoreConfig, catalog: &Catalog) -> Result<(), StoreError> {
        let (target, _scratch) = Target::parse(&config.url)?;
        migrate(&target, catalog).await?;
        let dialect = target.dialect();
        rebuild_words(&Arc::new(target), dialect, catalog, true).await
    }

    /// How many statements of pages and counts are kept to be asked again. For tests.
    #[must_use]
    pub fn known_statements(&self) -> usize {
        self.inner.shapes.built()
    }

    /// How the database would read a page, in its own words. For tests.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub async fn explain(&self, tenant: &str, query: &Query, guards: &Guards) -> Result<Vec<String>, StoreError> {
        let compiler = Compiler::new(&self.inner.catalog, tenant, guards).walking(self.inner.dialect);
        let sql = compiler.page(query)?;
        let mut lease = self.inner.read.lease(tenant).await?;
        lease.explain(&self.inner.dialect.build(&sql.select)).await
    }

    /// How the database would count all that match, whatever the page. For tests.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub async fn explain_total(&self, tenant: &str, query: &Query, guards: &Guards) -> Result<Vec<String>, StoreError> {
        let total = Compiler::new(&self.inner.catalog, tenant, guards).total(query)?;
        let mut lease = self.inner.read.lease(tenant).await?;
        lease.explain(&self.inner.dialect.build(&total)).await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut lease = self.inner.read.lease("").await?;
        let select = sea_query::Query::select().expr(sea_query::Expr::val(1i64)).take();
        lease
            .fetch("asking whether the database is there", &self.inner.dialect.build(&select), &[Type::Integer])
            .await
            .map(drop)
    }

    /// Waits until the log has written what it was given, and closes the idle connections.
    pub async fn close(&self) {
        self.inner.log.close().await;
        self.inner.read.close().await;
        self.inner.write.close().await;
    }

    /// How many statements were sent so far, without the bounds of transactions and without those of
    /// the log's writer. For tests.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.inner.statements.load(Ordering::Relaxed)
    }

    /// The decision log. Inside a write use [`WriteTx::log`]: on SQLite the log would wait for the
    /// connection that the write holds.
    #[must_use]
    pub fn log(&self) -> &DecisionLog {
        &self.inner.log
    }

    /// A page in one statement, and one more for the total if it is asked for. Every rule of the guards
    /// is inside it.
    ///
    /// # Errors
    ///
    /// A missing guard, a masked operand, a bad cursor or value, a rule that cannot be compiled.
    pub async fn page(&self, tenant: &str, query: &Query, guards: &Guards) -> Result<Rows, StoreError> {
        let mut lease = self.inner.read.lease(tenant).await?;
        page(&mut lease, &self.inner, tenant, query, guards).await
    }

    /// For each parent, a page of the records that refer to it through `via`: one statement for all,
    /// and one more for the totals. Parents without records are not in the answer.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub async fn page_per_parent(
        &self,
        tenant: &str,
        query: &Query,
        via: &str,
        parents: &[String],
        guards: &Guards,
    ) -> Result<HashMap<String, Rows>, StoreError> {
        let compiler = Compiler::new(&self.inner.catalog, tenant, guards);
        let sql = compiler.clone().walking(self.inner.dialect).page_per_parent(query, via, parents)?;
        let mut lease = self.inner.read.lease(tenant).await?;
        let found = lease.fetch("reading pages", &self.inner.dialect.build(&sql.select), &sql.types).await?;
        let mut pages: HashMap<String, Vec<Vec<Value>>> = HashMap::new();
        for mut values in found {
            if let Value::Text(parent) = values.remove(0) {
                pages.entry(parent).or_default().push(values);
            }
        }
        let mut answer = HashMap::with_capacity(pages.len());
        for (parent, values) in pages {
            answer.insert(parent, rows(&sql, query, values)?);
        }
        if query.total {
            let totals = compiler.total_per_parent(query, via, parents)?;
            let types = [Type::Text, Type::Integer];
            for values in lease.fetch("counting", &self.inner.dialect.build(&totals), &types).await? {
                if let [Value::Text(parent), Value::Integer(total)] = values.as_slice() {
                    answer.entry(parent.clone()).or_default().total = Some(*total);
                }
            }
        }
        Ok(answer)
    }

    /// Counts and measures over the shown values of the rows that are there for the caller, in one
    /// statement. One group more than the limit tells that there are too many.
    ///
    /// # Errors
    ///
    /// As [`Self::page`]; `SumTooLarge`.
    pub async fn aggregate(
        &self,
        tenant: &str,
        wanted: &Aggregation,
        guards: &Guards,
    ) -> Result<Vec<Group>, StoreError> {
        let sql = Compiler::new(&self.inner.catalog, tenant, guards).aggregate(wanted)?;
        let mut lease = self.inner.read.lease(tenant).await?;
        let found = lease.fetch("aggregating", &self.inner.dialect.build(&sql.select), &sql.types).await;
        let found = found.map_err(|error| if error.is_out_of_range() { StoreError::SumTooLarge } else { error })?;
        found.into_iter().map(|values| sql.group(values)).collect()
    }

    /// The best found records of several entities, in one statement, and one more for the total if it is
    /// asked for. Each query has a search.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub async fn search(&self, tenant: &str, wanted: &HitsWanted, guards: &Guards) -> Result<Hits, StoreError> {
        let compiler = Compiler::new(&self.inner.catalog, tenant, guards);
        let select = self.inner.dialect.build(&compiler.clone().walking(self.inner.dialect).hits(wanted)?);
        let mut lease = self.inner.read.lease(tenant).await?;
        let found = lease.fetch("searching", &select, &crate::sql::search::HIT).await?;
        let mut hits = crate::sql::search::read(wanted, found)?;
        if wanted.total {
            let total = self.inner.dialect.build(&compiler.hits_total(wanted)?);
            hits.total = Some(count(&mut lease, &total).await?);
        }
        Ok(hits)
    }

    /// Pairs of records that look like one, in one statement, and whether there are more.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub async fn pairs(
        &self,
        tenant: &str,
        wanted: &PairsWanted,
        guards: &Guards,
    ) -> Result<(Vec<Pair>, bool), StoreError> {
        let mut lease = self.inner.read.lease(tenant).await?;
        pairs(&mut lease, &self.inner, tenant, wanted, guards).await
    }

    /// Begins the one transaction of a use case that writes. Dropped without a commit, it leaves
    /// nothing.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached.
    pub async fn begin_write(&self, tenant: &str) -> Result<WriteTx, StoreError> {
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        Ok(WriteTx::new(lease, Arc::clone(&self.inner), tenant))
    }
}

/// Rebuilds words as the owner of the tables, over a connection that goes afterwards.
async fn rebuild_words(
    target: &Arc<Target>,
    dialect: Dialect,
    catalog: &Catalog,
    again: bool,
) -> Result<(), StoreError> {
    let pool = Pool::new(Arc::clone(target), Use::Migrate, 1, Arc::default());
    let mut lease = pool.lease("").await?;
    crate::search::rebuild(&mut lease, dialect, catalog, again).await?;
    drop(lease);
    pool.close().await;
    Ok(())
}

/// A page over any connection: outside a transaction, or inside the one that writes.
pub(crate) async fn page(
    lease: &mut Lease,
    inner: &Inner,
    tenant: &str,
    query: &Query,
    guards: &Guards,
) -> Result<Rows, StoreError> {
    let (statement, reads) = inner.shapes.statement(inner, Wanted::Page, tenant, query, guards)?;
    let sql = reads.ok_or(StoreError::Corrupt { what: "statement of a page" })?;
    let found = lease.fetch("reading a page", &statement, &sql.types).await?;
    let mut rows = rows(&sql, query, found)?;
    if query.total {
        let (total, _) = inner.shapes.statement(inner, Wanted::Total, tenant, query, guards)?;
        rows.total = Some(count(lease, &total).await?);
    }
    Ok(rows)
}

impl Inner {
    /// Builds a statement, whether it is known or not.
    pub(crate) fn statement_of(
        &self,
        wanted: Wanted,
        tenant: &str,
        query: &Query,
        guards: &Guards,
    ) -> Result<(Statement, Option<Arc<PageSql>>), StoreError> {
        let compiler = Compiler::new(&self.catalog, tenant, guards);
        Ok(match wanted {
            Wanted::Page => {
                let sql = compiler.walking(self.dialect).page(query)?;
                (self.dialect.build(&sql.select), Some(Arc::new(sql)))
            }
            Wanted::Total => (self.dialect.build(&compiler.total(query)?), None),
        })
    }
}

/// Pairs over any connection.
pub(crate) async fn pairs(
    lease: &mut Lease,
    inner: &Inner,
    tenant: &str,
    wanted: &PairsWanted,
    guards: &Guards,
) -> Result<(Vec<Pair>, bool), StoreError> {
    let select = inner.dialect.build(&Compiler::new(&inner.catalog, tenant, guards).pairs(wanted)?);
    let found = lease.fetch("looking for duplicates", &select, &crate::sql::pairs::types(wanted)).await?;
    crate::sql::pairs::read(wanted, found)
}

async fn count(lease: &mut Lease, statement: &Statement) -> Result<i64, StoreError> {
    let counted = lease.fetch("counting", statement, &[Type::Integer]).await?;
    match counted.first().map(Vec::as_slice) {
        Some([Value::Integer(total)]) => Ok(*total),
        _ => Err(StoreError::Corrupt { what: "count" }),
    }
}

fn rows(sql: &PageSql, query: &Query, found: Vec<Vec<Value>>) -> Result<Rows, StoreError> {
    let limit = query.page.limit as usize;
    let more = found.len() > limit;
    let mut rows = found.into_iter().take(limit).map(|values| sql.row(values)).collect::<Result<Vec<_>, _>>()?;
    if query.page.backwards {
        rows.reverse();
    }
    Ok(Rows { rows, more, total: None })
}
