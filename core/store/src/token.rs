//! API keys and tokens, found by the hash of the secret; the secret itself is never stored.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Func, Order, Query, SelectStatement};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::people::{RoleTexts, texts_of};
use crate::row::{Cells, insert, optional};
use crate::store::Store;

/// A key to be stored.
#[derive(Clone, Debug, Default)]
pub struct NewToken {
    /// SHA-256 of the secret, hex.
    pub hash: String,
    /// The tenant.
    pub tenant: String,
    /// Id of the key, which may be told; the beginning of the hash where it is empty.
    pub id: String,
    /// How the secret begins, so that people tell keys apart.
    pub prefix: String,
    /// Opaque id of the client.
    pub actor_id: String,
    /// For people.
    pub name: String,
    /// Role key.
    pub role: String,
    /// ISO 3166 country where the actor works.
    pub country: Option<String>,
    /// Record id of the recipient on whose behalf the client works.
    pub recipient_id: Option<String>,
    /// The purposes that a request may name; `None`: all that the role may.
    pub purposes: Option<Vec<String>>,
    /// Purpose of requests that name none.
    pub default_purpose: Option<String>,
    /// Microseconds UTC.
    pub expires_at: Option<i64>,
    /// Requests that it may send a minute; `None`: as many as the server lets any.
    pub requests_per_minute: Option<u32>,
    /// Opaque id of who made it.
    pub created_by: Option<String>,
}

/// A key as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The tenant.
    pub tenant: String,
    /// Id of the key.
    pub id: String,
    /// How the secret begins.
    pub prefix: String,
    /// Opaque id of the client.
    pub actor_id: String,
    /// For people.
    pub name: String,
    /// Role key.
    pub role: String,
    /// ISO 3166 country where the actor works.
    pub country: Option<String>,
    /// Record id of the recipient on whose behalf the client works.
    pub recipient_id: Option<String>,
    /// The purposes that a request may name; `None`: all that the role may.
    pub purposes: Option<Vec<String>>,
    /// Purpose of requests that name none.
    pub default_purpose: Option<String>,
    /// Microseconds UTC; the caller compares it with its clock.
    pub expires_at: Option<i64>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Opaque id of who made it.
    pub created_by: Option<String>,
    /// Microseconds UTC, to the minute.
    pub used_at: Option<i64>,
    /// Microseconds UTC.
    pub revoked_at: Option<i64>,
    /// Id of the key that takes its place.
    pub rotated_to: Option<String>,
    /// Requests that it may send a minute; `None`: as many as the server lets any.
    pub requests_per_minute: Option<u32>,
    /// What was said of its role.
    pub texts: RoleTexts,
}

const TABLE: &str = "api_token";

const COLUMNS: [(&str, Type); 17] = [
    ("tenant_id", Type::Text),
    ("id", Type::Text),
    ("prefix", Type::Text),
    ("actor_id", Type::Text),
    ("name", Type::Text),
    ("role", Type::Text),
    ("country", Type::Text),
    ("recipient_id", Type::Text),
    ("purposes", Type::Text),
    ("default_purpose", Type::Text),
    ("expires_at", Type::Instant),
    ("created_at", Type::Instant),
    ("created_by", Type::Text),
    ("used_at", Type::Instant),
    ("revoked_at", Type::Instant),
    ("rotated_to", Type::Text),
    ("requests_per_minute", Type::Integer),
];

/// A token that was looked up before its tenant was known.
const FOUND: &str = "found";

/// The columns' types, and those of what was said of the role.
fn types() -> Vec<Type> {
    COLUMNS.iter().map(|(_, ty)| *ty).chain([Type::Text, Type::Text]).collect()
}

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl Store {
    /// Stores a token.
    ///
    /// # Errors
    ///
    /// When the database fails, or the hash is known already.
    pub async fn put_token(&self, token: &NewToken, now: i64) -> Result<(), StoreError> {
        let insert = self.inner.dialect.build(&insert(TABLE, cells(token, now))?);
        self.alter(&token.tenant, "storing a token", &[insert]).await.map(drop)
    }

    /// Stores a key that takes the place of another one, which ends at an instant.
    ///
    /// # Errors
    ///
    /// `VersionConflict` where the other key has ended, or was rotated by somebody else first.
    pub async fn rotate_token(&self, old: &str, new: &NewToken, ends_at: i64, now: i64) -> Result<(), StoreError> {
        let step = StoreError::at("rotating a key");
        let update = Query::update()
            .table(Alias::new(TABLE))
            .value(Alias::new("rotated_to"), new.id.as_str())
            .value(Alias::new("expires_at"), ends_at)
            .and_where(column("tenant_id").eq(new.tenant.as_str()))
            .and_where(column("id").eq(old))
            .and_where(column("revoked_at").is_null())
            .and_where(column("rotated_to").is_null())
            .take();
        let insert = insert(TABLE, cells(new, now))?;
        let mut lease = self.inner.write.lease(&new.tenant).await?;
        lease.begin(true).await?;
        if lease.execute(&self.inner.dialect.build(&update)).await.map_err(step)? != 1 {
            lease.rollback().await?;
            return Err(StoreError::VersionConflict);
        }
        lease.execute(&self.inner.dialect.build(&insert)).await.map_err(step)?;
        lease.commit().await
    }

    /// Ends a key for good; whether there was one that had not been ended so.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn revoke_token(&self, tenant: &str, id: &str, now: i64) -> Result<bool, StoreError> {
        let update = Query::update()
            .table(Alias::new(TABLE))
            .value(Alias::new("revoked_at"), now)
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("id").eq(id))
            .and_where(column("revoked_at").is_null())
            .take();
        Ok(self.alter(tenant, "revoking a key", &[self.inner.dialect.build(&update)]).await? == 1)
    }

    /// Notes that a key was used.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn touch_token(&self, tenant: &str, id: &str, now: i64) -> Result<(), StoreError> {
        let update = Query::update()
            .table(Alias::new(TABLE))
            .value(Alias::new("used_at"), now)
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("id").eq(id))
            .take();
        self.alter(tenant, "noting the use of a key", &[self.inner.dialect.build(&update)]).await.map(drop)
    }

    /// Every key of a tenant, the oldest first.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn tokens(&self, tenant: &str) -> Result<Vec<Token>, StoreError> {
        let mut select = SelectStatement::new();
        select
            .columns(COLUMNS.iter().map(|(column, _)| Alias::new(*column)))
            .exprs(texts_of(self.inner.dialect, TABLE))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .order_by_expr(column("created_at"), Order::Asc)
            .order_by_expr(column("id"), Order::Asc);
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = types();
        let rows = lease.fetch("reading keys", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter().map(token).collect()
    }

    /// A key by its id, whatever became of it.
    ///
    /// # Errors
    ///
    /// When the database fails, or the row is not readable.
    pub async fn token(&self, tenant: &str, id: &str) -> Result<Option<Token>, StoreError> {
        let mut select = SelectStatement::new();
        select
            .columns(COLUMNS.iter().map(|(column, _)| Alias::new(*column)))
            .exprs(texts_of(self.inner.dialect, TABLE))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("id").eq(id));
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("reading a key", &self.inner.dialect.build(&select), &types()).await?;
        rows.into_iter().next().map(token).transpose()
    }

    /// Actors and the names of their tokens.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn token_names(&self, tenant: &str) -> Result<Vec<(String, String)>, StoreError> {
        let mut select = SelectStatement::new();
        select
            .columns(["actor_id", "name"].map(Alias::new))
            .from(Alias::new("api_token"))
            .and_where(Expr::col(Alias::new("tenant_id")).eq(tenant))
            .distinct();
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = [Type::Text, Type::Text];
        let rows = lease.fetch("reading the names of tokens", &self.inner.dialect.build(&select), &types).await?;
        let pair = |row: Vec<Value>| match row.as_slice() {
            [Value::Text(actor), Value::Text(name)] => Some((actor.clone(), name.clone())),
            _ => None,
        };
        Ok(rows.into_iter().filter_map(pair).collect())
    }

    /// Finds the token of a secret, in whatever tenant.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn find_token(&self, hash: &str) -> Result<Option<Token>, StoreError> {
        let mut select = SelectStatement::new();
        select.columns(COLUMNS.iter().map(|(column, _)| Alias::new(*column)));
        match self.inner.dialect {
            // Row-level security would hide it, as the tenant is not known yet; the function is the
            // one way around, see the migration.
            Dialect::Postgres => {
                select
                    .exprs(texts_of(self.inner.dialect, FOUND))
                    .from_function(Func::cust("garant_find_token").arg(hash), Alias::new(FOUND));
            }
            Dialect::Sqlite => {
                select
                    .exprs(texts_of(self.inner.dialect, TABLE))
                    .from(Alias::new(TABLE))
                    .and_where(column("hash").eq(hash));
            }
        }
        let mut lease = self.inner.read.lease_any().await?;
        let types = types();
        let rows = lease.fetch("looking a token up", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter().next().map(token).transpose()
    }
}

fn cells(token: &NewToken, now: i64) -> Vec<crate::row::Cell<'_>> {
    let id = if token.id.is_empty() { token.hash.chars().take(32).collect() } else { token.id.clone() };
    let instant = |at: Option<i64>| at.map_or(Value::Null, Value::Instant);
    vec![
        ("tenant_id", Type::Text, Value::text(token.tenant.as_str())),
        ("hash", Type::Text, Value::text(token.hash.as_str())),
        ("id", Type::Text, Value::Text(id)),
        ("prefix", Type::Text, Value::text(token.prefix.as_str())),
        ("actor_id", Type::Text, Value::text(token.actor_id.as_str())),
        ("name", Type::Text, Value::text(token.name.as_str())),
        ("role", Type::Text, Value::text(token.role.as_str())),
        ("country", Type::Text, optional(token.country.as_deref())),
        ("recipient_id", Type::Text, optional(token.recipient_id.as_deref())),
        ("purposes", Type::Text, token.purposes.as_ref().map_or(Value::Null, |keys| Value::Text(keys.join(" ")))),
        ("default_purpose", Type::Text, optional(token.default_purpose.as_deref())),
        ("expires_at", Type::Instant, instant(token.expires_at)),
        ("created_at", Type::Instant, Value::Instant(now)),
        ("created_by", Type::Text, optional(token.created_by.as_deref())),
        (
            "requests_per_minute",
            Type::Integer,
            token.requests_per_minute.map_or(Value::Null, |limit| Value::Integer(limit.into())),
        ),
    ]
}

fn token(row: Vec<Value>) -> Result<Token, StoreError> {
    let mut cells = Cells::of("token", row);
    let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
    Ok(Token {
        tenant: cells.text()?,
        id: cells.text()?,
        prefix: cells.text()?,
        actor_id: cells.text()?,
        name: cells.text()?,
        role: cells.text()?,
        country: cells.maybe_text(),
        recipient_id: cells.maybe_text(),
        purposes: cells.maybe_text().map(words),
        default_purpose: cells.maybe_text(),
        expires_at: cells.maybe_instant(),
        created_at: cells.instant()?,
        created_by: cells.maybe_text(),
        used_at: cells.maybe_instant(),
        revoked_at: cells.maybe_instant(),
        rotated_to: cells.maybe_text(),
        requests_per_minute: cells.maybe_integer().and_then(|limit| u32::try_from(limit).ok()),
        texts: RoleTexts { own: cells.maybe_text(), any: cells.maybe_text() },
    })
}
