//! The steps of an approval. Each is an update that says in its `WHERE` what must still hold, so that of
//! two at once one finds nothing to change.

use std::collections::BTreeSet;

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Func, Query, UpdateStatement};

use super::{Approval, TABLE, column, corrupt, usable};
use crate::error::StoreError;
use crate::row::{insert, optional};
use crate::write::WriteTx;

fn update(tenant: &str) -> UpdateStatement {
    let mut update = Query::update();
    update.table(Alias::new(TABLE)).and_where(column("tenant_id").eq(tenant));
    update
}

impl WriteTx {
    /// Stores what was asked.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn ask_approval(&mut self, asked: &Approval) -> Result<(), StoreError> {
        let purposes = serde_json::to_string(&asked.purposes).map_err(|_| corrupt())?;
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
            ("id", Type::Text, Value::text(asked.id.as_str())),
            ("at", Type::Instant, Value::Instant(asked.at)),
            ("actor", Type::Text, Value::text(asked.actor.as_str())),
            ("role", Type::Text, Value::text(asked.role.as_str())),
            ("kind", Type::Text, Value::text(asked.kind.as_str())),
            ("digest", Type::Text, Value::text(asked.digest.as_str())),
            ("entity", Type::Text, Value::text(asked.entity.as_str())),
            ("outline", Type::Text, Value::text(asked.outline.as_str())),
            ("purposes", Type::Text, Value::text(purposes)),
            ("channel", Type::Text, optional(asked.channel.as_deref())),
            ("recipient", Type::Text, optional(asked.recipient.as_deref())),
            ("code", Type::Text, Value::text(asked.code.as_str())),
            ("reason", Type::Text, Value::text(asked.reason.as_str())),
            ("expires_at", Type::Instant, Value::Instant(asked.expires_at)),
        ];
        let insert = self.inner.dialect.build(&insert(TABLE, cells)?);
        self.lease.execute(&insert).await.map_err(StoreError::at("storing what is to be approved")).map(drop)
    }

    /// Approves, as somebody else than who asked.
    ///
    /// # Errors
    ///
    /// `Conflict` when it was decided, or has lapsed.
    pub async fn approve(&mut self, id: &str, by: &str, now: i64) -> Result<(), StoreError> {
        let mut update = update(&self.tenant);
        update
            .value(Alias::new("approved_at"), now)
            .value(Alias::new("approved_by"), by)
            .and_where(column("id").eq(id))
            .and_where(column("actor").ne(by))
            .and_where(column("approved_at").is_null())
            .and_where(column("declined_at").is_null())
            .and_where(column("expires_at").gt(now));
        self.touch(&update, 1).await
    }

    /// Turns it down, or takes it back where it was approved and not used.
    ///
    /// # Errors
    ///
    /// `Conflict` when it was declined or used, or has lapsed.
    pub async fn decline_approval(&mut self, id: &str, by: &str, reason: &str, now: i64) -> Result<(), StoreError> {
        let mut update = update(&self.tenant);
        update
            .value(Alias::new("declined_at"), now)
            .value(Alias::new("declined_by"), by)
            .value(Alias::new("declined_reason"), reason)
            .and_where(column("id").eq(id))
            .and_where(column("declined_at").is_null())
            .and_where(column("used_at").is_null())
            .and_where(column("expires_at").gt(now));
        self.touch(&update, 1).await
    }

    /// Uses approvals in a run, all of them or none; in the same run again they stay used.
    ///
    /// # Errors
    ///
    /// `Conflict` when another run used one, it was taken back, or it has lapsed.
    pub async fn use_approvals(&mut self, ids: &BTreeSet<String>, run: &str, now: i64) -> Result<(), StoreError> {
        let mut update = update(&self.tenant);
        update
            // The first use is the one that is told.
            .value(Alias::new("used_at"), Func::coalesce([column("used_at"), Expr::val(now)]))
            .value(Alias::new("used_in"), run)
            .and_where(column("id").is_in(ids.iter().map(String::as_str)))
            .cond_where(usable(run, now));
        self.touch(&update, ids.len() as u64).await
    }

    async fn touch(&mut self, update: &UpdateStatement, expected: u64) -> Result<(), StoreError> {
        let statement = self.inner.dialect.build(update);
        let touched = self.lease.execute(&statement).await.map_err(StoreError::at("deciding on an approval"))?;
        if touched == expected { Ok(()) } else { Err(StoreError::Conflict) }
    }
}
