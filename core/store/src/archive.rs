//! The archive of dormant data, as the database sees it: sealed texts, wrapped keys, keyed references.
//! What is in them is not known here.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, LockType, OnConflict, Order, Query, SelectStatement};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::row::{Cell, as_instant, insert, insert_all, optional};
use crate::sql::list;
use crate::write::WriteTx;

/// A record that sleeps, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedRow {
    /// Entity name.
    pub entity: String,
    /// Record id.
    pub record_id: String,
    /// The person it is about.
    pub subject_id: String,
    /// Whether the rest of the record is awake.
    pub part: bool,
    /// Since when it sleeps; microseconds UTC.
    pub slept_at: i64,
    /// Why, as a full code.
    pub code: String,
    /// The record, sealed under the person's key.
    pub sealed: String,
}

/// An access to what sleeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveAccess {
    /// Id.
    pub id: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Opaque id of who opened it.
    pub actor: String,
    /// Role key.
    pub role: String,
    /// Entity name.
    pub entity: String,
    /// Keyed reference of the record.
    pub reference: String,
    /// Why.
    pub reason: String,
    /// The case, if there is one.
    pub case_id: Option<String>,
}

const TABLE: &str = "archive";
const KEY: &str = "archive_key";
const SOURCE: &str = "archive_source";
const COLUMNS: [(&str, Type); 7] = [
    ("entity", Type::Text),
    ("record_id", Type::Text),
    ("subject_id", Type::Text),
    ("part", Type::Boolean),
    ("slept_at", Type::Instant),
    ("code", Type::Text),
    ("sealed", Type::Text),
];

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl WriteTx {
    /// Stores what sleeps from now on.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn archive(&mut self, rows: &[ArchivedRow]) -> Result<(), StoreError> {
        let cells = |row: &ArchivedRow| {
            vec![
                ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
                ("entity", Type::Text, Value::text(row.entity.as_str())),
                ("record_id", Type::Text, Value::text(row.record_id.as_str())),
                ("subject_id", Type::Text, Value::text(row.subject_id.as_str())),
                ("part", Type::Boolean, Value::Boolean(row.part)),
                ("slept_at", Type::Instant, Value::Instant(row.slept_at)),
                ("code", Type::Text, Value::text(row.code.as_str())),
                ("sealed", Type::Text, Value::text(row.sealed.as_str())),
            ]
        };
        for part in rows.chunks(500) {
            let cells: Vec<Vec<Cell<'_>>> = part.iter().map(cells).collect();
            let statement = self.inner.dialect.build(&insert_all(TABLE, cells)?);
            self.lease.execute(&statement).await.map_err(StoreError::at("archiving records"))?;
        }
        Ok(())
    }

    /// The people of whom something sleeps, after one, in the order of their ids.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn sleepers(&mut self, after: &str, limit: u64) -> Result<Vec<String>, StoreError> {
        let select = Query::select()
            .distinct()
            .expr(column("subject_id"))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("subject_id").gt(after))
            .order_by_expr(column("subject_id"), Order::Asc)
            .limit(limit)
            .take();
        let statement = self.inner.dialect.build(&select);
        let rows = self.lease.fetch("looking for who sleeps", &statement, &[Type::Text]).await?;
        Ok(rows.into_iter().flatten().filter_map(|value| value.as_text().map(str::to_owned)).collect())
    }

    /// Everything of a person that sleeps, locked until the transaction ends.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn asleep(&mut self, subject: &str) -> Result<Vec<ArchivedRow>, StoreError> {
        let mut select = self.select_archived();
        select.and_where(column("subject_id").eq(subject));
        self.archived(select).await
    }

    /// A record that sleeps, by its own id.
    ///
    /// # Errors
    ///
    /// When the database fails, or the row is not readable.
    pub async fn archived_record(&mut self, entity: &str, id: &str) -> Result<Option<ArchivedRow>, StoreError> {
        let mut select = self.select_archived();
        select.and_where(column("entity").eq(entity)).and_where(column("record_id").eq(id));
        Ok(self.archived(select).await?.pop())
    }

    fn select_archived(&self) -> SelectStatement {
        let mut select = Query::select();
        select
            .exprs(COLUMNS.map(|(name, _)| column(name)))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .order_by_expr(column("entity"), Order::Asc)
            .order_by_expr(column("record_id"), Order::Asc);
        if self.inner.dialect == Dialect::Postgres {
            select.lock(LockType::Update);
        }
        select
    }

    async fn archived(&mut self, select: SelectStatement) -> Result<Vec<ArchivedRow>, StoreError> {
        let statement = self.inner.dialect.build(&select);
        let rows = self.lease.fetch("reading the archive", &statement, &COLUMNS.map(|(_, ty)| ty)).await?;
        rows.into_iter().map(|row| archived(row).ok_or(StoreError::Corrupt { what: "archive" })).collect()
    }

    /// Takes records out of the archive.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn take_from_archive(&mut self, entity: &str, ids: &[String]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut delete = Query::delete();
        delete
            .from_table(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("entity").eq(entity))
            .and_where(column("record_id").is_in(list(ids.iter().map(String::as_str))));
        let statement = self.inner.dialect.build(&delete);
        self.lease.execute(&statement).await.map_err(StoreError::at("emptying the archive")).map(drop)
    }

    /// The wrapped key of a person.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn wrapped_key(&mut self, subject: &str) -> Result<Option<String>, StoreError> {
        let select = Query::select()
            .expr(column("wrapped"))
            .from(Alias::new(KEY))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("subject_id").eq(subject))
            .take();
        let statement = self.inner.dialect.build(&select);
        let rows = self.lease.fetch("reading a person's key", &statement, &[Type::Text]).await?;
        Ok(rows.into_iter().flatten().find_map(|value| value.as_text().map(str::to_owned)))
    }

    /// Keeps the wrapped key of a person.
    ///
    /// # Errors
    ///
    /// When the database fails, or the person has one.
    pub async fn put_key(&mut self, subject: &str, wrapped: &str, now: i64) -> Result<(), StoreError> {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
            ("subject_id", Type::Text, Value::text(subject)),
            ("wrapped", Type::Text, Value::text(wrapped)),
            ("made_at", Type::Instant, Value::Instant(now)),
        ];
        let statement = self.inner.dialect.build(&insert(KEY, cells)?);
        self.lease.execute(&statement).await.map_err(StoreError::at("storing a person's key")).map(drop)
    }

    /// Destroys the key of a person, and with it every copy of what sleeps; forgets by which keys sources
    /// knew it.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn destroy_key(&mut self, subject: &str) -> Result<(), StoreError> {
        for table in [KEY, SOURCE] {
            let mut delete = Query::delete();
            delete
                .from_table(Alias::new(table))
                .and_where(column("tenant_id").eq(self.tenant.as_str()))
                .and_where(column("subject_id").eq(subject));
            let statement = self.inner.dialect.build(&delete);
            self.lease.execute(&statement).await.map_err(StoreError::at("destroying a person's key"))?;
        }
        Ok(())
    }

    /// Remembers keys of sources whose records sleep.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_sources(&mut self, subject: &str, references: &[String]) -> Result<(), StoreError> {
        if references.is_empty() {
            return Ok(());
        }
        let row = |reference: &String| {
            vec![
                ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
                ("reference", Type::Text, Value::text(reference.as_str())),
                ("subject_id", Type::Text, Value::text(subject)),
            ]
        };
        let mut insert = insert_all(SOURCE, references.iter().map(row).collect())?;
        insert.on_conflict(OnConflict::columns(["tenant_id", "reference"].map(Alias::new)).do_nothing().to_owned());
        let statement = self.inner.dialect.build(&insert);
        self.lease.execute(&statement).await.map_err(StoreError::at("storing a source's key")).map(drop)
    }

    /// Whether a key of a source, with who sent it, stands for something that sleeps.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn source_sleeps(&mut self, reference: &str) -> Result<bool, StoreError> {
        let select = Query::select()
            .expr(Expr::val(1i64))
            .from(Alias::new(SOURCE))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("reference").eq(reference))
            .take();
        let statement = self.inner.dialect.build(&select);
        Ok(!self.lease.fetch("asking for a source's key", &statement, &[Type::Integer]).await?.is_empty())
    }

    /// Notes who opened what sleeps, and why.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_archive_access(&mut self, access: &ArchiveAccess) -> Result<(), StoreError> {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
            ("id", Type::Text, Value::text(access.id.as_str())),
            ("at", Type::Instant, Value::Instant(access.at)),
            ("actor", Type::Text, Value::text(access.actor.as_str())),
            ("role", Type::Text, Value::text(access.role.as_str())),
            ("entity", Type::Text, Value::text(access.entity.as_str())),
            ("reference", Type::Text, Value::text(access.reference.as_str())),
            ("reason", Type::Text, Value::text(access.reason.as_str())),
            ("case_id", Type::Text, optional(access.case_id.as_deref())),
        ];
        let statement = self.inner.dialect.build(&insert("archive_access", cells)?);
        self.lease.execute(&statement).await.map_err(StoreError::at("noting an access to the archive")).map(drop)
    }

    /// Notes that somebody woke, by which act (`person`, `dpo`) and why.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_waking(
        &mut self,
        subject: &str,
        at: i64,
        actor: &str,
        act: &str,
        reason: &str,
    ) -> Result<(), StoreError> {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
            ("subject_id", Type::Text, Value::text(subject)),
            ("at", Type::Instant, Value::Instant(at)),
            ("actor", Type::Text, Value::text(actor)),
            ("act", Type::Text, Value::text(act)),
            ("reason", Type::Text, Value::text(reason)),
        ];
        let mut insert = insert("waking", cells)?;
        let columns = ["tenant_id", "subject_id", "at"].map(Alias::new);
        insert.on_conflict(OnConflict::columns(columns).do_nothing().to_owned());
        let statement = self.inner.dialect.build(&insert);
        self.lease.execute(&statement).await.map_err(StoreError::at("noting a waking")).map(drop)
    }
}

fn archived(row: Vec<Value>) -> Option<ArchivedRow> {
    let values: [Value; 7] = row.try_into().ok()?;
    let [entity, record_id, subject_id, part, slept_at, code, sealed] = values;
    let text = |value: &Value| value.as_text().map(str::to_owned);
    let Value::Boolean(part) = part else { return None };
    Some(ArchivedRow {
        entity: text(&entity)?,
        record_id: text(&record_id)?,
        subject_id: text(&subject_id)?,
        part,
        slept_at: as_instant(&slept_at)?,
        code: text(&code)?,
        sealed: text(&sealed)?,
    })
}
