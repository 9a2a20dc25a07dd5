//! Policy sets and their history. A set is inserted, never updated; its commit survives a power cut
//! whatever the store's durability.

use garant_domain::policy_set::{PolicyChange, PolicySet};
use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Order, Query};

use crate::error::StoreError;
use crate::pending::{Decision, decide};
use crate::row::{as_instant, insert, instant, optional};
use crate::store::Store;

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl Store {
    /// The version of the current set; `None` for a tenant that has none yet.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn current_set_version(&self, tenant: &str) -> Result<Option<i64>, StoreError> {
        let select = Query::select()
            .expr(column("version").max())
            .from(Alias::new("policy_set"))
            .and_where(column("tenant_id").eq(tenant))
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease
            .fetch("reading the policy set's version", &self.inner.dialect.build(&select), &[Type::Integer])
            .await?;
        Ok(match rows.first().map(Vec::as_slice) {
            Some([Value::Integer(version)]) => Some(*version),
            _ => None,
        })
    }

    /// The version of the set that was in force at an instant; `None` before the first.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn set_version_at(&self, tenant: &str, instant: i64) -> Result<Option<i64>, StoreError> {
        let select = Query::select()
            .expr(column("set_version").max())
            .from(Alias::new("policy_change"))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("at").lte(instant))
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let statement = self.inner.dialect.build(&select);
        let rows = lease.fetch("reading which policy set was in force", &statement, &[Type::Integer]).await?;
        Ok(match rows.first().map(Vec::as_slice) {
            Some([Value::Integer(version)]) => Some(*version),
            _ => None,
        })
    }

    /// A set by its version.
    ///
    /// # Errors
    ///
    /// When there is no such set, or it is not readable.
    pub async fn load_set(&self, tenant: &str, version: i64) -> Result<PolicySet, StoreError> {
        let select = Query::select()
            .expr(column("body"))
            .from(Alias::new("policy_set"))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("version").eq(version))
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("reading a policy set", &self.inner.dialect.build(&select), &[Type::Text]).await?;
        let corrupt = || StoreError::Corrupt { what: "policy set" };
        let body = rows.first().and_then(|row| row.first()).and_then(Value::as_text).ok_or_else(corrupt)?;
        serde_json::from_str(body).map_err(|_| corrupt())
    }

    /// Appends a set as the version after the current one, with what changed, in one transaction.
    ///
    /// # Errors
    ///
    /// `Conflict` when the current version is not the one before: somebody else was first.
    pub async fn append_set(&self, tenant: &str, set: &PolicySet, changes: &[PolicyChange]) -> Result<(), StoreError> {
        self.append_decided(tenant, set, changes, None).await
    }

    /// The same, and with it the decision on the pending change that asked for it.
    ///
    /// # Errors
    ///
    /// `Conflict` also when that one was decided meanwhile.
    pub async fn append_decided(
        &self,
        tenant: &str,
        set: &PolicySet,
        changes: &[PolicyChange],
        decision: Option<&Decision>,
    ) -> Result<(), StoreError> {
        let step = StoreError::at("storing a policy set");
        let body = serde_json::to_string(set).map_err(|_| StoreError::Corrupt { what: "policy set" })?;
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let current = Query::select()
            .expr(column("version").max())
            .from(Alias::new("policy_set"))
            .and_where(column("tenant_id").eq(tenant))
            .take();
        let rows = lease
            .fetch("reading the policy set's version", &self.inner.dialect.build(&current), &[Type::Integer])
            .await?;
        let current = match rows.first().map(Vec::as_slice) {
            Some([Value::Integer(version)]) => *version,
            _ => 0,
        };
        if current + 1 != set.version {
            return Err(StoreError::Conflict);
        }
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(tenant)),
            ("version", Type::Integer, Value::Integer(set.version)),
            ("body", Type::Text, Value::text(body)),
        ];
        if let Err(error) = lease.execute(&self.inner.dialect.build(&insert("policy_set", cells)?)).await {
            // Two at once saw the same current version; the primary key lets one of them through.
            let taken = error.as_database_error().is_some_and(|database| database.is_unique_violation());
            return Err(if taken { StoreError::Conflict } else { step(error) });
        }
        for (seq, change) in (1i64..).zip(changes) {
            let cells = vec![
                ("tenant_id", Type::Text, Value::text(tenant)),
                ("set_version", Type::Integer, Value::Integer(change.set_version)),
                ("seq", Type::Integer, Value::Integer(seq)),
                ("at", Type::Instant, Value::Instant(change.at)),
                ("actor", Type::Text, Value::text(change.actor.as_str())),
                ("reason", Type::Text, Value::text(change.reason.as_str())),
                ("policy", Type::Text, Value::text(change.policy.as_str())),
                ("what", Type::Text, Value::text(change.what.as_str())),
                ("before", Type::Text, Value::text(change.before.to_string())),
                ("after", Type::Text, Value::text(change.after.to_string())),
                ("effective_from", Type::Instant, instant(change.effective_from)),
                ("expires_at", Type::Instant, instant(change.expires_at)),
                ("confirmed_by", Type::Text, optional(change.confirmed_by.as_deref())),
            ];
            lease.execute(&self.inner.dialect.build(&insert("policy_change", cells)?)).await.map_err(step)?;
        }
        if let Some(decision) = decision {
            decide(&mut lease, &self.inner, tenant, decision).await?;
        }
        lease.commit().await
    }

    /// The history of changes, of one policy or of all, the latest first.
    ///
    /// # Errors
    ///
    /// When the database fails, or a change is not readable.
    pub async fn changes(
        &self,
        tenant: &str,
        policy: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PolicyChange>, StoreError> {
        let columns = [
            ("set_version", Type::Integer),
            ("at", Type::Instant),
            ("actor", Type::Text),
            ("reason", Type::Text),
            ("policy", Type::Text),
            ("what", Type::Text),
            ("before", Type::Text),
            ("after", Type::Text),
            ("effective_from", Type::Instant),
            ("expires_at", Type::Instant),
            ("confirmed_by", Type::Text),
        ];
        let mut select = Query::select();
        select
            .columns(columns.iter().map(|(name, _)| Alias::new(*name)))
            .from(Alias::new("policy_change"))
            .and_where(column("tenant_id").eq(tenant))
            .and_where_option(policy.map(|policy| column("policy").eq(policy)))
            .order_by_expr(column("set_version"), Order::Desc)
            .order_by_expr(column("seq"), Order::Desc)
            .limit(u64::from(limit));
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = columns.map(|(_, ty)| ty);
        let rows = lease.fetch("reading the history of policies", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter().map(change).collect()
    }
}

fn change(row: Vec<Value>) -> Result<PolicyChange, StoreError> {
    let corrupt = || StoreError::Corrupt { what: "policy change" };
    let values: [Value; 11] = row.try_into().map_err(|_| corrupt())?;
    let [
        Value::Integer(set_version),
        Value::Instant(at),
        actor,
        reason,
        policy,
        what,
        before,
        after,
        from,
        until,
        confirmed_by,
    ] = values
    else {
        return Err(corrupt());
    };
    let text = |value: Value| value.as_text().map(str::to_owned).ok_or_else(corrupt);
    let document = |value: Value| value.as_text().and_then(|text| serde_json::from_str(text).ok()).ok_or_else(corrupt);
    Ok(PolicyChange {
        set_version,
        at,
        actor: text(actor)?,
        reason: text(reason)?,
        policy: text(policy)?,
        what: text(what)?,
        before: document(before)?,
        after: document(after)?,
        effective_from: as_instant(&from),
        expires_at: as_instant(&until),
        confirmed_by: confirmed_by.as_text().map(str::to_owned),
    })
}
