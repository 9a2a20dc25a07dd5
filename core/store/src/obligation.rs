//! Obligations: what somebody has to do by a day, and when it was done.

use std::collections::BTreeSet;

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Order, Query};

use crate::error::StoreError;
use crate::row::{as_instant, insert_all, optional};
use crate::sql::list;
use crate::store::Store;
use crate::write::WriteTx;

/// Something that has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obligation {
    /// Id.
    pub id: String,
    /// `stop_delivery` or `notice_of_new_processor`.
    pub kind: String,
    /// What opened it: `withdrawn`, `objected`, `restricted`, `erased`, `anonymised`, `new_processor`, ...
    pub cause: String,
    /// Id of the registered recipient; none for our own hosting.
    pub recipient: Option<String>,
    /// Key of the purpose.
    pub purpose: Option<String>,
    /// Keyed reference of the record.
    pub reference: String,
    /// Id of the record, while it is to be done.
    pub record: Option<String>,
    /// Microseconds UTC.
    pub opened_at: i64,
    /// Days since 1970-01-01; the last day on which it is not late.
    pub due_on: i32,
    /// Microseconds UTC.
    pub done_at: Option<i64>,
    /// Opaque id of who did it.
    pub done_by: Option<String>,
    /// The words of whoever did it.
    pub note: Option<String>,
}

const TABLE: &str = "obligation";
const COLUMNS: [(&str, Type); 12] = [
    ("id", Type::Text),
    ("kind", Type::Text),
    ("cause", Type::Text),
    ("recipient_id", Type::Text),
    ("purpose", Type::Text),
    ("reference", Type::Text),
    ("record_id", Type::Text),
    ("opened_at", Type::Instant),
    ("due_on", Type::Date),
    ("done_at", Type::Instant),
    ("done_by", Type::Text),
    ("note", Type::Text),
];

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

/// What makes two of them one while they are open.
type Same = (String, Option<String>, Option<String>, String);

fn same(one: &Obligation) -> Same {
    (one.kind.clone(), one.recipient.clone(), one.purpose.clone(), one.reference.clone())
}

impl WriteTx {
    /// Opens obligations; one that is open already is not opened twice. As many statements whether there is
    /// anything to open or nothing. Answers how many were opened.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn open_obligations(&mut self, wanted: Vec<Obligation>) -> Result<usize, StoreError> {
        let references = list(wanted.iter().map(|one| one.reference.as_str()));
        let select = Query::select()
            .exprs(COLUMNS.map(|(name, _)| column(name)))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("reference").is_in(references))
            .and_where(column("done_at").is_null())
            .take();
        let statement = self.inner.dialect.build(&select);
        let rows = self.lease.fetch("reading open obligations", &statement, &COLUMNS.map(|(_, ty)| ty)).await?;
        let known = rows.into_iter().map(obligation).collect::<Result<Vec<_>, _>>()?;
        let mut open: BTreeSet<Same> = known.iter().map(same).collect();
        let new: Vec<Obligation> = wanted.into_iter().filter(|one| open.insert(same(one))).collect();
        let step = StoreError::at("opening obligations");
        if new.is_empty() {
            // Whoever counts statements or time learns nothing of whether somebody is there.
            let nothing = Query::delete()
                .from_table(Alias::new(TABLE))
                .and_where(column("tenant_id").eq(self.tenant.as_str()))
                .and_where(column("id").eq(""))
                .take();
            let statement = self.inner.dialect.build(&nothing);
            self.lease.execute(&statement).await.map_err(step)?;
            return Ok(0);
        }
        let row = |one: &Obligation| {
            vec![
                ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
                ("id", Type::Text, Value::text(one.id.as_str())),
                ("kind", Type::Text, Value::text(one.kind.as_str())),
                ("cause", Type::Text, Value::text(one.cause.as_str())),
                ("recipient_id", Type::Text, optional(one.recipient.as_deref())),
                ("purpose", Type::Text, optional(one.purpose.as_deref())),
                ("reference", Type::Text, Value::text(one.reference.as_str())),
                ("record_id", Type::Text, optional(one.record.as_deref())),
                ("opened_at", Type::Instant, Value::Instant(one.opened_at)),
                ("due_on", Type::Date, Value::Date(one.due_on)),
            ]
        };
        let insert = insert_all(TABLE, new.iter().map(row).collect())?;
        let statement = self.inner.dialect.build(&insert);
        self.lease.execute(&statement).await.map_err(step)?;
        Ok(new.len())
    }
}

impl Store {
    /// Obligations, the most urgent first; those that are done only where they are asked for, after the open
    /// ones.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn obligations(&self, tenant: &str, done: bool, limit: u32) -> Result<Vec<Obligation>, StoreError> {
        let mut select = Query::select();
        select
            .exprs(COLUMNS.map(|(name, _)| column(name)))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant));
        if done {
            select.order_by_expr(column("done_at").is_null(), Order::Desc);
        } else {
            select.and_where(column("done_at").is_null());
        }
        select
            .order_by_expr(column("due_on"), Order::Asc)
            .order_by_expr(column("id"), Order::Asc)
            .limit(u64::from(limit));
        let mut lease = self.inner.read.lease(tenant).await?;
        let statement = self.inner.dialect.build(&select);
        let rows = lease.fetch("reading obligations", &statement, &COLUMNS.map(|(_, ty)| ty)).await?;
        rows.into_iter().map(obligation).collect()
    }

    /// Notes that an obligation was met; the id of its record goes. Answers whether it was open.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn settle_obligation(
        &self,
        tenant: &str,
        id: &str,
        at: i64,
        by: &str,
        note: &str,
    ) -> Result<bool, StoreError> {
        let mut update = Query::update();
        update
            .table(Alias::new(TABLE))
            .value(Alias::new("done_at"), at)
            .value(Alias::new("done_by"), by)
            .value(Alias::new("note"), note)
            .value(Alias::new("record_id"), Option::<String>::None)
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("id").eq(id))
            .and_where(column("done_at").is_null());
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let statement = self.inner.dialect.build(&update);
        let touched = lease.execute(&statement).await.map_err(StoreError::at("settling an obligation"))?;
        lease.commit().await?;
        Ok(touched > 0)
    }
}

fn obligation(row: Vec<Value>) -> Result<Obligation, StoreError> {
    let corrupt = || StoreError::Corrupt { what: "obligation" };
    let values: [Value; 12] = row.try_into().map_err(|_| corrupt())?;
    let [id, kind, cause, recipient, purpose, reference, record, opened_at, due_on, done_at, done_by, note] = values;
    let text = |value: &Value| value.as_text().map(str::to_owned);
    let needed = |value: &Value| text(value).ok_or_else(corrupt);
    Ok(Obligation {
        id: needed(&id)?,
        kind: needed(&kind)?,
        cause: needed(&cause)?,
        recipient: text(&recipient),
        purpose: text(&purpose),
        reference: needed(&reference)?,
        record: text(&record),
        opened_at: as_instant(&opened_at).ok_or_else(corrupt)?,
        due_on: match due_on {
            Value::Date(day) => day,
            _ => return Err(corrupt()),
        },
        done_at: as_instant(&done_at),
        done_by: text(&done_by),
        note: text(&note),
    })
}
