//! Log-ins at providers, each under a keyed hash, and whose they are.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};

use super::{Account, column, select};
use crate::error::StoreError;
use crate::row::insert;
use crate::store::Store;

/// A log-in at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLink {
    /// Keyed hash of issuer and subject.
    pub link: String,
    /// Record id of the user.
    pub user_id: String,
    /// The provider.
    pub issuer: String,
    /// Microseconds UTC.
    pub linked_at: i64,
}

pub(super) const TABLE: &str = "account_link";

/// Whether a log-in at some provider belongs to the account beside it.
pub(super) fn has_link(account: &str) -> Expr {
    let of = |table: &str, name: &str| Expr::col((Alias::new(table), Alias::new(name)));
    let select = Query::select()
        .expr(Expr::val(1i64))
        .from(Alias::new(TABLE))
        .and_where(of(TABLE, "tenant_id").eq(of(account, "tenant_id")))
        .and_where(of(TABLE, "user_id").eq(of(account, "user_id")))
        .take();
    Expr::exists(select)
}

impl Store {
    /// The account of a log-in at a provider.
    ///
    /// # Errors
    ///
    /// When the database fails, or the row is not readable.
    pub async fn account_of_link(&self, tenant: &str, link: &str) -> Result<Option<Account>, StoreError> {
        let user = Query::select()
            .column(Alias::new("user_id"))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("link").eq(link))
            .take();
        let mut select = select(self.inner.dialect, tenant);
        select.and_where(column("user_id").in_subquery(user));
        Ok(self.read_accounts(tenant, &select).await?.pop())
    }

    /// Makes a log-in that of a user; `false` where it is somebody's, or the user has another one at this issuer.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_account_link(&self, tenant: &str, link: &AccountLink) -> Result<bool, StoreError> {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(tenant)),
            ("link", Type::Text, Value::text(link.link.as_str())),
            ("user_id", Type::Text, Value::text(link.user_id.as_str())),
            ("issuer", Type::Text, Value::text(link.issuer.as_str())),
            ("linked_at", Type::Instant, Value::Instant(link.linked_at)),
        ];
        let mut insert = insert(TABLE, cells)?;
        insert.on_conflict(OnConflict::new().do_nothing().to_owned());
        Ok(self.alter(tenant, "linking a log-in", &[self.inner.dialect.build(&insert)]).await? == 1)
    }
}
