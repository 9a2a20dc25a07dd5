//! What an observed policy would have done, from the decision log: counted by entity, purpose and code.

use std::collections::BTreeMap;
use std::sync::Arc;

use garant_domain::problem::Problem;
use garant_domain::reason::Reason;

use super::request::unknown;
use super::view::require_dpo;
use crate::auth::Caller;
use crate::error::store_problem;
use crate::service::Service;

/// Days that are asked when no instant is named.
const DEFAULT_MICROS: i64 = 30 * 86_400_000_000;

/// What would have taken effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Plugin id.
    pub plugin: String,
    /// Its code.
    pub code: String,
    /// The reason, if the plugin of today still has it.
    pub reason: Option<Arc<Reason>>,
    /// Entity.
    pub entity: String,
    /// Purposes of the requests.
    pub purposes: Vec<String>,
    /// Requests in which it would have taken effect.
    pub requests: i64,
    /// Records in their answers, or written, on which it would have.
    pub rows: u64,
    /// The last of them, in microseconds UTC.
    pub last_at: i64,
}

impl Service {
    /// What a policy would have done while it was observed.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`.
    pub async fn policy_observations(
        &self,
        caller: &Caller,
        id: &str,
        since: Option<i64>,
    ) -> Result<Vec<Observed>, Problem> {
        require_dpo(caller)?;
        let set = self.stored_set(&caller.tenant).await?.at(self.clock.now());
        let entry = set.entry(id).ok_or_else(|| unknown(id))?;
        let plugin = self.publisher.plugin(&caller.tenant, id, &entry.digest).await?;
        let since = since.unwrap_or_else(|| self.clock.now().saturating_sub(DEFAULT_MICROS));
        let found = self.store.observations(&caller.tenant, since).await.map_err(store_problem)?;
        let mut counted: BTreeMap<(String, Vec<String>, String), Observed> = BTreeMap::new();
        for observation in found {
            for (full, rows) in &observation.codes {
                let Some(("", code)) = full.strip_prefix(id).map(|rest| rest.split_once('/').unwrap_or((rest, "")))
                else {
                    continue;
                };
                let key = (observation.entity.clone(), observation.purposes.clone(), code.to_owned());
                let sum = counted.entry(key).or_insert_with(|| Observed {
                    plugin: id.to_owned(),
                    code: code.to_owned(),
                    reason: plugin.manifest().reason(code).cloned(),
                    entity: observation.entity.clone(),
                    purposes: observation.purposes.clone(),
                    requests: 0,
                    rows: 0,
                    last_at: observation.last_at,
                });
                sum.requests += observation.requests;
                // Lines with the same codes and numbers were counted together.
                sum.rows += rows * observation.requests.unsigned_abs();
                sum.last_at = sum.last_at.max(observation.last_at);
            }
        }
        Ok(counted.into_values().collect())
    }
}
