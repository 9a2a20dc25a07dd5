//! Keys under which a client asks something once. What the request was and what is kept of it is not
//! known here: a digest and a sealed text.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};

use crate::error::StoreError;
use crate::row::{insert, optional};
use crate::store::Store;

/// What a client asked under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedOnce {
    /// Digest of the request.
    pub digest: String,
    /// What was kept, sealed; `None` while it is under way.
    pub answer: Option<String>,
}

const TABLE: &str = "idempotency_key";

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl Store {
    /// Takes a key for a request, unless it is taken: then by what. Keys that have expired are free, and
    /// go.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn take_key(
        &self,
        tenant: &str,
        actor: &str,
        key: &str,
        digest: &str,
        now: i64,
        expires_at: i64,
    ) -> Result<Option<AskedOnce>, StoreError> {
        let step = StoreError::at("taking an idempotency key");
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let mut expired = Query::delete();
        expired
            .from_table(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("expires_at").lte(now));
        lease.execute(&self.inner.dialect.build(&expired)).await.map_err(step)?;
        let mut taken = insert(
            TABLE,
            vec![
                ("tenant_id", Type::Text, Value::text(tenant)),
                ("actor_id", Type::Text, Value::text(actor)),
                ("key", Type::Text, Value::text(key)),
                ("digest", Type::Text, Value::text(digest)),
                ("expires_at", Type::Instant, Value::Instant(expires_at)),
            ],
        )?;
        let columns = ["tenant_id", "actor_id", "key"].map(Alias::new);
        taken.on_conflict(OnConflict::columns(columns).do_nothing().to_owned());
        let new = lease.execute(&self.inner.dialect.build(&taken)).await.map_err(step)? == 1;
        let mut known = None;
        if !new {
            let select = Query::select()
                .exprs(["digest", "answer"].map(column))
                .from(Alias::new(TABLE))
                .and_where(column("tenant_id").eq(tenant))
                .and_where(column("actor_id").eq(actor))
                .and_where(column("key").eq(key))
                .take();
            let types = [Type::Text, Type::Text];
            let rows = lease.fetch("reading an idempotency key", &self.inner.dialect.build(&select), &types).await?;
            let values: [Value; 2] = rows
                .into_iter()
                .next()
                .and_then(|row| row.try_into().ok())
                .ok_or(StoreError::Corrupt { what: "idempotency key" })?;
            let [digest, answer] = values;
            known = Some(AskedOnce {
                digest: digest.as_text().unwrap_or_default().to_owned(),
                answer: answer.as_text().map(str::to_owned),
            });
        }
        lease.commit().await?;
        Ok(known)
    }

    /// Keeps what a request did under its key; without it, the key is free again.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn settle_key(
        &self,
        tenant: &str,
        actor: &str,
        key: &str,
        answer: Option<&str>,
    ) -> Result<(), StoreError> {
        let step = StoreError::at("keeping an answer");
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let of = || column("tenant_id").eq(tenant).and(column("actor_id").eq(actor)).and(column("key").eq(key));
        let statement = match answer {
            Some(answer) => {
                let mut update = Query::update();
                update
                    .table(Alias::new(TABLE))
                    .value(Alias::new("answer"), crate::value::bind_as("answer", Type::Text, &optional(Some(answer)))?)
                    .and_where(of());
                self.inner.dialect.build(&update)
            }
            None => self.inner.dialect.build(&Query::delete().from_table(Alias::new(TABLE)).and_where(of()).take()),
        };
        lease.execute(&statement).await.map_err(step)?;
        lease.commit().await
    }
}
