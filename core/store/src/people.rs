//! Accounts of those who sign in: role, password and state. Who somebody is lies in the entity `user`.

mod access;
mod attempt;
mod link;
mod role;
mod session;
mod ticket;
mod totp;

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, OnConflict, Query, SelectStatement, UpdateStatement};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::row::{Cells, insert, optional};
use crate::store::Store;

pub use access::AccessChange;
pub use attempt::Attempt;
pub use link::AccountLink;
pub(crate) use role::texts_of;
pub use role::{DescribedRole, RoleTexts};
pub use session::Session;
pub use ticket::Ticket;
pub use totp::Totp;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Record id of the user.
    pub user_id: String,
    /// Keyed hash of the e-mail.
    pub login: String,
    /// Role key.
    pub role: String,
    /// ISO 3166 country where the user works.
    pub country: Option<String>,
    /// Argon2id in PHC form; `None` until a password was set.
    pub password: Option<String>,
    /// Whether the user may sign in.
    pub active: bool,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Opaque id of who made it.
    pub created_by: String,
    /// What was said of its role; not stored with it.
    pub texts: RoleTexts,
    /// Whether it has a second factor; not stored with it.
    pub totp: bool,
    /// Whether its user signs in with a provider; not stored with it.
    pub linked: bool,
}

const TABLE: &str = "account";

const COLUMNS: [(&str, Type); 8] = [
    ("user_id", Type::Text),
    ("login", Type::Text),
    ("role", Type::Text),
    ("country", Type::Text),
    ("password", Type::Text),
    ("active", Type::Boolean),
    ("created_at", Type::Instant),
    ("created_by", Type::Text),
];

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

fn select(dialect: Dialect, tenant: &str) -> SelectStatement {
    let mut select = Query::select();
    select
        .columns(COLUMNS.iter().map(|(name, _)| Alias::new(*name)))
        .exprs(texts_of(dialect, TABLE))
        .expr(totp::has_totp(TABLE))
        .expr(link::has_link(TABLE))
        .from(Alias::new(TABLE))
        .and_where(column("tenant_id").eq(tenant));
    select
}

fn update(tenant: &str, user_id: &str) -> UpdateStatement {
    let mut update = Query::update();
    update.table(Alias::new(TABLE)).and_where(column("tenant_id").eq(tenant)).and_where(column("user_id").eq(user_id));
    update
}

impl Store {
    /// Stores a new account, and notes it; `false` where the login is taken.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_account(&self, tenant: &str, account: &Account, note: &AccessChange) -> Result<bool, StoreError> {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(tenant)),
            ("user_id", Type::Text, Value::text(account.user_id.as_str())),
            ("login", Type::Text, Value::text(account.login.as_str())),
            ("role", Type::Text, Value::text(account.role.as_str())),
            ("country", Type::Text, optional(account.country.as_deref())),
            ("password", Type::Text, optional(account.password.as_deref())),
            ("active", Type::Boolean, Value::Boolean(account.active)),
            ("created_at", Type::Instant, Value::Instant(account.created_at)),
            ("created_by", Type::Text, Value::text(account.created_by.as_str())),
        ];
        let mut insert = insert(TABLE, cells)?;
        insert.on_conflict(OnConflict::new().do_nothing().to_owned());
        let statement = self.inner.dialect.build(&insert);
        self.alter_noting(tenant, "storing an account", &[statement], note).await
    }

    /// Every account, the oldest first.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn accounts(&self, tenant: &str) -> Result<Vec<Account>, StoreError> {
        let mut select = select(self.inner.dialect, tenant);
        select.order_by_expr(column("user_id"), sea_query::Order::Asc);
        self.read_accounts(tenant, &select).await
    }

    /// The account of a user.
    ///
    /// # Errors
    ///
    /// As [`Self::accounts`].
    pub async fn account(&self, tenant: &str, user_id: &str) -> Result<Option<Account>, StoreError> {
        let mut select = select(self.inner.dialect, tenant);
        select.and_where(column("user_id").eq(user_id));
        Ok(self.read_accounts(tenant, &select).await?.pop())
    }

    /// The account of a login.
    ///
    /// # Errors
    ///
    /// As [`Self::accounts`].
    pub async fn account_of_login(&self, tenant: &str, login: &str) -> Result<Option<Account>, StoreError> {
        let mut select = select(self.inner.dialect, tenant);
        select.and_where(column("login").eq(login));
        Ok(self.read_accounts(tenant, &select).await?.pop())
    }

    async fn read_accounts(&self, tenant: &str, select: &SelectStatement) -> Result<Vec<Account>, StoreError> {
        let mut lease = self.inner.read.lease(tenant).await?;
        let types: Vec<Type> =
            COLUMNS.iter().map(|(_, ty)| *ty).chain([Type::Text, Type::Text, Type::Boolean, Type::Boolean]).collect();
        let rows = lease.fetch("reading accounts", &self.inner.dialect.build(select), &types).await?;
        rows.into_iter().map(account).collect()
    }

    /// Gives a user another role, and notes it; whether there is such an account.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn set_account_role(
        &self,
        tenant: &str,
        user_id: &str,
        role: &str,
        note: &AccessChange,
    ) -> Result<bool, StoreError> {
        let update = update(tenant, user_id).value(Alias::new("role"), role).take();
        self.alter_noting(tenant, "changing a role", &[self.inner.dialect.build(&update)], note).await
    }

    /// Lets a user sign in or not, and notes it; who may not has no sessions and no tickets either.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn set_account_active(
        &self,
        tenant: &str,
        user_id: &str,
        active: bool,
        note: &AccessChange,
    ) -> Result<bool, StoreError> {
        let update = update(tenant, user_id).value(Alias::new("active"), active).take();
        let mut statements = vec![self.inner.dialect.build(&update)];
        if !active {
            let of = |table: &str| {
                let mut delete = Query::delete();
                delete
                    .from_table(Alias::new(table))
                    .and_where(column("tenant_id").eq(tenant))
                    .and_where(column("user_id").eq(user_id));
                self.inner.dialect.build(&delete)
            };
            statements.extend([of(session::TABLE), of(ticket::TABLE)]);
        }
        self.alter_noting(tenant, "changing an account", &statements, note).await
    }

    /// Runs statements in one durable transaction; the number of rows that the first one touched.
    pub(crate) async fn alter(
        &self,
        tenant: &str,
        step: &'static str,
        statements: &[crate::pool::Statement],
    ) -> Result<u64, StoreError> {
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let mut touched = None;
        for statement in statements {
            let rows = lease.execute(statement).await.map_err(StoreError::at(step))?;
            touched.get_or_insert(rows);
        }
        lease.commit().await?;
        Ok(touched.unwrap_or_default())
    }
}

fn account(row: Vec<Value>) -> Result<Account, StoreError> {
    let mut cells = Cells::of("account", row);
    Ok(Account {
        user_id: cells.text()?,
        login: cells.text()?,
        role: cells.text()?,
        country: cells.maybe_text(),
        password: cells.maybe_text(),
        active: cells.boolean()?,
        created_at: cells.instant()?,
        created_by: cells.text()?,
        texts: RoleTexts { own: cells.maybe_text(), any: cells.maybe_text() },
        totp: cells.boolean()?,
        linked: cells.boolean()?,
    })
}
