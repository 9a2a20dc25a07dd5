//! Second factors: a sealed secret for each user who has one, and hashes of what takes the place of a code once.
//! What a code is, is not known here.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, DeleteStatement, Expr, ExprTrait, OnConflict, Query, UpdateStatement};

use super::access::AccessChange;
use super::column;
use crate::error::StoreError;
use crate::pool::Statement;
use crate::row::{Cells, insert};
use crate::store::Store;

/// A second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totp {
    /// The secret, sealed.
    pub secret: String,
    /// Whether its user has shown a code of it.
    pub confirmed: bool,
    /// The last step whose code was taken.
    pub last_step: i64,
}

const TABLE: &str = "account_totp";
const RECOVERY: &str = "account_recovery";

/// Where a second factor lies.
pub(super) const TABLES: [&str; 2] = [TABLE, RECOVERY];

/// Whether a second factor belongs to the account beside it.
pub(super) fn has_totp(account: &str) -> Expr {
    let of = |table: &str, name: &str| Expr::col((Alias::new(table), Alias::new(name)));
    let select = Query::select()
        .expr(Expr::val(1i64))
        .from(Alias::new(TABLE))
        .and_where(of(TABLE, "tenant_id").eq(of(account, "tenant_id")))
        .and_where(of(TABLE, "user_id").eq(of(account, "user_id")))
        .and_where(of(TABLE, "confirmed_at").is_not_null())
        .take();
    Expr::exists(select)
}

/// What removes a user's rows of a table.
pub(super) fn delete_of(table: &str, tenant: &str, user_id: &str) -> DeleteStatement {
    Query::delete()
        .from_table(Alias::new(table))
        .and_where(column("tenant_id").eq(tenant))
        .and_where(column("user_id").eq(user_id))
        .take()
}

fn update(tenant: &str, user_id: &str) -> UpdateStatement {
    Query::update()
        .table(Alias::new(TABLE))
        .and_where(column("tenant_id").eq(tenant))
        .and_where(column("user_id").eq(user_id))
        .take()
}

impl Store {
    /// Stores a secret that is to be confirmed, in the place of one that never was; `false` where a second
    /// factor is on.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_totp(&self, tenant: &str, user_id: &str, secret: &str, now: i64) -> Result<bool, StoreError> {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(tenant)),
            ("user_id", Type::Text, Value::text(user_id)),
            ("secret", Type::Text, Value::text(secret)),
            ("created_at", Type::Instant, Value::Instant(now)),
            ("last_step", Type::Integer, Value::Integer(0)),
        ];
        let mut insert = insert(TABLE, cells)?;
        let again = OnConflict::columns(["tenant_id", "user_id"].map(Alias::new))
            .update_columns(["secret", "created_at"].map(Alias::new))
            .action_and_where(Expr::col((Alias::new(TABLE), Alias::new("confirmed_at"))).is_null())
            .to_owned();
        insert.on_conflict(again);
        Ok(self.alter(tenant, "storing a second factor", &[self.inner.dialect.build(&insert)]).await? == 1)
    }

    /// The second factor of a user, confirmed or not.
    ///
    /// # Errors
    ///
    /// When the database fails, or the row is not readable.
    pub async fn totp(&self, tenant: &str, user_id: &str) -> Result<Option<Totp>, StoreError> {
        let select = Query::select()
            .columns(["secret", "confirmed_at", "last_step"].map(Alias::new))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("user_id").eq(user_id))
            .take();
        let types = [Type::Text, Type::Instant, Type::Integer];
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("reading a second factor", &self.inner.dialect.build(&select), &types).await?;
        let totp = |row| {
            let mut cells = Cells::of("second factor", row);
            Ok(Totp {
                secret: cells.text()?,
                confirmed: cells.maybe_instant().is_some(),
                last_step: cells.maybe_integer().unwrap_or(i64::MAX),
            })
        };
        rows.into_iter().next().map(totp).transpose()
    }

    /// Turns on the second factor with this secret, of which the code of a step was shown; `false` where it is
    /// on, or another secret took its place.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn confirm_totp(
        &self,
        tenant: &str,
        user_id: &str,
        secret: &str,
        step: i64,
        now: i64,
        recovery: &[String],
    ) -> Result<bool, StoreError> {
        let failed = StoreError::at("turning on a second factor");
        let update = update(tenant, user_id)
            .value(Alias::new("confirmed_at"), now)
            .value(Alias::new("last_step"), step)
            .and_where(column("confirmed_at").is_null())
            .and_where(column("secret").eq(secret))
            .take();
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        if lease.execute(&self.inner.dialect.build(&update)).await.map_err(failed)? != 1 {
            lease.rollback().await?;
            return Ok(false);
        }
        let before = self.inner.dialect.build(&delete_of(RECOVERY, tenant, user_id));
        lease.execute(&before).await.map_err(failed)?;
        for hash in recovery {
            let cells = vec![
                ("tenant_id", Type::Text, Value::text(tenant)),
                ("user_id", Type::Text, Value::text(user_id)),
                ("hash", Type::Text, Value::text(hash.as_str())),
            ];
            lease.execute(&self.inner.dialect.build(&insert(RECOVERY, cells)?)).await.map_err(failed)?;
        }
        lease.commit().await?;
        Ok(true)
    }

    /// Takes the code of a step; `false` where it, or a later one, was taken before.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn take_totp_step(&self, tenant: &str, user_id: &str, step: i64) -> Result<bool, StoreError> {
        let update = update(tenant, user_id)
            .value(Alias::new("last_step"), step)
            .and_where(column("last_step").lt(step))
            .and_where(column("confirmed_at").is_not_null())
            .take();
        Ok(self.alter(tenant, "taking a code", &[self.inner.dialect.build(&update)]).await? == 1)
    }

    /// Takes what stands in for a code; `false` where there is no such, or it was used.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn take_recovery(&self, tenant: &str, user_id: &str, hash: &str) -> Result<bool, StoreError> {
        let used = delete_of(RECOVERY, tenant, user_id).and_where(column("hash").eq(hash)).take();
        Ok(self.alter(tenant, "taking a recovery code", &[self.inner.dialect.build(&used)]).await? == 1)
    }

    /// Turns a second factor off; `false` where there was none.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn drop_totp(&self, tenant: &str, user_id: &str) -> Result<bool, StoreError> {
        let statements = self.without_totp(tenant, user_id);
        Ok(self.alter(tenant, "turning off a second factor", &statements).await? == 1)
    }

    /// Takes a second factor away from its user, and notes it; `false` where there was none.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn reset_totp(&self, tenant: &str, user_id: &str, note: &AccessChange) -> Result<bool, StoreError> {
        let statements = self.without_totp(tenant, user_id);
        self.alter_noting(tenant, "taking a second factor away", &statements, note).await
    }

    fn without_totp(&self, tenant: &str, user_id: &str) -> [Statement; 2] {
        TABLES.map(|table| self.inner.dialect.build(&delete_of(table, tenant, user_id)))
    }
}
