//! API tokens, found by the hash of the secret; the secret itself is never stored.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Func, SelectStatement};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::row::{insert, optional};
use crate::store::Store;

/// A token to be stored.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// SHA-256 of the secret, hex.
    pub hash: String,
    /// The tenant.
    pub tenant: String,
    /// Opaque id of the user or client.
    pub actor_id: String,
    /// For people.
    pub name: String,
    /// Role key.
    pub role: String,
    /// ISO 3166 country where the actor works.
    pub country: Option<String>,
    /// Record id of the recipient on whose behalf the client works.
    pub recipient_id: Option<String>,
    /// Purpose of requests that name none.
    pub default_purpose: Option<String>,
    /// Microseconds UTC.
    pub expires_at: Option<i64>,
}

/// A token as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The tenant.
    pub tenant: String,
    /// Opaque id of the user or client.
    pub actor_id: String,
    /// For people.
    pub name: String,
    /// Role key.
    pub role: String,
    /// ISO 3166 country where the actor works.
    pub country: Option<String>,
    /// Record id of the recipient on whose behalf the client works.
    pub recipient_id: Option<String>,
    /// Purpose of requests that name none.
    pub default_purpose: Option<String>,
    /// Microseconds UTC; the caller compares it with its clock.
    pub expires_at: Option<i64>,
}

const COLUMNS: [(&str, Type); 8] = [
    ("tenant_id", Type::Text),
    ("actor_id", Type::Text),
    ("name", Type::Text),
    ("role", Type::Text),
    ("country", Type::Text),
    ("recipient_id", Type::Text),
    ("default_purpose", Type::Text),
    ("expires_at", Type::Instant),
];

impl Store {
    /// Stores a token.
    ///
    /// # Errors
    ///
    /// When the database fails, or the hash is known already.
    pub async fn put_token(&self, token: &NewToken, now: i64) -> Result<(), StoreError> {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(token.tenant.as_str())),
            ("hash", Type::Text, Value::text(token.hash.as_str())),
            ("actor_id", Type::Text, Value::text(token.actor_id.as_str())),
            ("name", Type::Text, Value::text(token.name.as_str())),
            ("role", Type::Text, Value::text(token.role.as_str())),
            ("country", Type::Text, optional(token.country.as_deref())),
            ("recipient_id", Type::Text, optional(token.recipient_id.as_deref())),
            ("default_purpose", Type::Text, optional(token.default_purpose.as_deref())),
            ("expires_at", Type::Instant, token.expires_at.map_or(Value::Null, Value::Instant)),
            ("created_at", Type::Instant, Value::Instant(now)),
        ];
        let insert = insert("api_token", cells)?;
        let step = StoreError::at("storing a token");
        let mut lease = self.inner.write.lease(&token.tenant).await?;
        lease.begin(true).await?;
        lease.execute(&self.inner.dialect.build(&insert)).await.map_err(step)?;
        lease.commit().await
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
                select.from_function(Func::cust("garant_find_token").arg(hash), Alias::new("found"));
            }
            Dialect::Sqlite => {
                select.from(Alias::new("api_token")).and_where(Expr::col(Alias::new("hash")).eq(hash));
            }
        }
        let mut lease = self.inner.read.lease_any().await?;
        let types = COLUMNS.map(|(_, ty)| ty);
        let rows = lease.fetch("looking a token up", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter().next().map(token).transpose()
    }
}

fn token(values: Vec<Value>) -> Result<Token, StoreError> {
    let corrupt = || StoreError::Corrupt { what: "token" };
    let values: [Value; 8] = values.try_into().map_err(|_| corrupt())?;
    let [tenant, actor_id, name, role, country, recipient_id, default_purpose, expires_at] = values;
    let optional = |value: Value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    };
    let required = |value: Value| optional(value).ok_or_else(corrupt);
    Ok(Token {
        tenant: required(tenant)?,
        actor_id: required(actor_id)?,
        name: required(name)?,
        role: required(role)?,
        country: optional(country),
        recipient_id: optional(recipient_id),
        default_purpose: optional(default_purpose),
        expires_at: match expires_at {
            Value::Instant(at) => Some(at),
            _ => None,
        },
    })
}
