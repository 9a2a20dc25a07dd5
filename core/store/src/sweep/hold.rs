//! The register of legal holds. A hold stops destruction and opens nothing; the fact
//! `subject.on_legal_hold` reads its scope.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Order, Query};

use crate::error::StoreError;
use crate::row::{as_instant, insert, insert_all, instant, optional};
use crate::store::Store;

/// A legal hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalHold {
    /// Id.
    pub id: String,
    /// The case, as counsel knows it.
    pub case_id: String,
    /// As cited: `GDPR 17(3)(e)`.
    pub basis: String,
    /// Microseconds UTC.
    pub opened_at: i64,
    /// Opaque id of who opened it.
    pub opened_by: String,
    /// Microseconds UTC.
    pub approved_at: Option<i64>,
    /// Opaque id of the other person who approved it.
    pub approved_by: Option<String>,
    /// The day on which it is looked at again: days since 1970-01-01.
    pub review_on: i32,
    /// Microseconds UTC; it holds until then.
    pub released_at: Option<i64>,
    /// Opaque id of who released it.
    pub released_by: Option<String>,
    /// Why.
    pub release_reason: Option<String>,
    /// How many people it is about.
    pub people: i64,
}

const TABLE: &str = "legal_hold";
const SCOPE: &str = "legal_hold_scope";
const COLUMNS: [(&str, Type); 11] = [
    ("id", Type::Text),
    ("case_id", Type::Text),
    ("basis", Type::Text),
    ("opened_at", Type::Instant),
    ("opened_by", Type::Text),
    ("approved_at", Type::Instant),
    ("approved_by", Type::Text),
    ("review_on", Type::Date),
    ("released_at", Type::Instant),
    ("released_by", Type::Text),
    ("release_reason", Type::Text),
];

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl Store {
    /// Opens a hold over some people; it holds from its commit on.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn open_hold(&self, tenant: &str, hold: &LegalHold, subjects: &[String]) -> Result<(), StoreError> {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(tenant)),
            ("id", Type::Text, Value::text(hold.id.as_str())),
            ("case_id", Type::Text, Value::text(hold.case_id.as_str())),
            ("basis", Type::Text, Value::text(hold.basis.as_str())),
            ("opened_at", Type::Instant, Value::Instant(hold.opened_at)),
            ("opened_by", Type::Text, Value::text(hold.opened_by.as_str())),
            ("approved_at", Type::Instant, instant(hold.approved_at)),
            ("approved_by", Type::Text, optional(hold.approved_by.as_deref())),
            ("review_on", Type::Date, Value::Date(hold.review_on)),
        ];
        let scope = |subject: &String| {
            vec![
                ("tenant_id", Type::Text, Value::text(tenant)),
                ("hold_id", Type::Text, Value::text(hold.id.as_str())),
                ("subject_id", Type::Text, Value::text(subject.as_str())),
                ("active", Type::Boolean, Value::Boolean(true)),
            ]
        };
        let step = StoreError::at("opening a legal hold");
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        lease.execute(&self.inner.dialect.build(&insert(TABLE, cells)?)).await.map_err(step)?;
        // SQLite takes so many parameters at once and no more.
        for part in subjects.chunks(1_000) {
            let insert = insert_all(SCOPE, part.iter().map(scope).collect())?;
            lease.execute(&self.inner.dialect.build(&insert)).await.map_err(step)?;
        }
        lease.commit().await
    }

    /// Notes that another person approved a hold. Answers whether there was one that waited for it.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn approve_hold(&self, tenant: &str, id: &str, at: i64, by: &str) -> Result<bool, StoreError> {
        let mut update = Query::update();
        update
            .table(Alias::new(TABLE))
            .value(Alias::new("approved_at"), at)
            .value(Alias::new("approved_by"), by)
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("id").eq(id))
            .and_where(column("opened_by").ne(by))
            .and_where(column("approved_at").is_null())
            .and_where(column("released_at").is_null());
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let touched = lease.execute(&self.inner.dialect.build(&update)).await;
        let touched = touched.map_err(StoreError::at("approving a legal hold"))?;
        lease.commit().await?;
        Ok(touched == 1)
    }

    /// Releases a hold. Answers whether there was one that held.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn release_hold(
        &self,
        tenant: &str,
        id: &str,
        at: i64,
        by: &str,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let step = StoreError::at("releasing a legal hold");
        let mut update = Query::update();
        update
            .table(Alias::new(TABLE))
            .value(Alias::new("released_at"), at)
            .value(Alias::new("released_by"), by)
            .value(Alias::new("release_reason"), reason)
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("id").eq(id))
            .and_where(column("released_at").is_null());
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        if lease.execute(&self.inner.dialect.build(&update)).await.map_err(step)? != 1 {
            lease.rollback().await?;
            return Ok(false);
        }
        let mut scope = Query::update();
        scope
            .table(Alias::new(SCOPE))
            .value(Alias::new("active"), false)
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("hold_id").eq(id));
        lease.execute(&self.inner.dialect.build(&scope)).await.map_err(step)?;
        lease.commit().await?;
        Ok(true)
    }

    /// Every hold, the latest first.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn holds(&self, tenant: &str, limit: u32) -> Result<Vec<LegalHold>, StoreError> {
        let scope = |name: &str| Expr::col((Alias::new(SCOPE), Alias::new(name)));
        let of = |name: &str| Expr::col((Alias::new(TABLE), Alias::new(name)));
        let people = Query::select()
            .expr(Expr::val(1i64).count())
            .from(Alias::new(SCOPE))
            .and_where(scope("tenant_id").eq(tenant))
            .and_where(scope("hold_id").eq(of("id")))
            .take();
        let select = Query::select()
            .exprs(COLUMNS.map(|(name, _)| of(name)))
            .expr(Expr::SubQuery(None, Box::new(people.into())))
            .from(Alias::new(TABLE))
            .and_where(of("tenant_id").eq(tenant))
            .order_by_expr(of("opened_at"), Order::Desc)
            .order_by_expr(of("id"), Order::Desc)
            .limit(u64::from(limit))
            .take();
        let types: Vec<Type> = COLUMNS.iter().map(|(_, ty)| *ty).chain([Type::Integer]).collect();
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("reading legal holds", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter().map(|row| hold(row).ok_or(StoreError::Corrupt { what: "legal hold" })).collect()
    }
}

fn hold(row: Vec<Value>) -> Option<LegalHold> {
    let values: [Value; 12] = row.try_into().ok()?;
    let [id, case_id, basis, opened_at, opened_by, approved_at, approved_by, review_on, released_at, by, why, people] =
        values;
    let text = |value: &Value| value.as_text().map(str::to_owned);
    let (Value::Date(review_on), Value::Integer(people)) = (review_on, people) else { return None };
    Some(LegalHold {
        id: text(&id)?,
        case_id: text(&case_id)?,
        basis: text(&basis)?,
        opened_at: as_instant(&opened_at)?,
        opened_by: text(&opened_by)?,
        approved_at: as_instant(&approved_at),
        approved_by: text(&approved_by),
        review_on,
        released_at: as_instant(&released_at),
        released_by: text(&by),
        release_reason: text(&why),
        people,
    })
}
