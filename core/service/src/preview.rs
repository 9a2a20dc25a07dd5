//! What a change of the policies would do, before it is made: rows lost and gained, fields masked and
//! opened, by reason code, and who was active there. The same rules as in a read, counted by the
//! database; nothing is written and nothing is published.

mod contexts;
mod impact;

use std::sync::Arc;

use garant_domain::policy_set::Mode;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::Reason;

use crate::admin::{check_settings, require_dpo, unknown};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::gate;
use crate::published::PublishedSet;
use crate::service::Service;
use crate::unit::CHANNELS;

/// A change to be tried out.
#[derive(Clone, Debug, Default)]
pub struct PreviewRequest {
    /// Policy id.
    pub id: String,
    /// Its mode after the change.
    pub mode: Option<Mode>,
    /// Its settings after the change.
    pub settings: Option<serde_json::Value>,
    /// The channel that requests name; without one, none and those of the recent requests.
    pub channel: Option<String>,
    /// The recipient on whose behalf requests are made; without one, none and those of the recent
    /// requests.
    pub recipient: Option<String>,
}

/// What a change would do.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Version of the set that it was compared with.
    pub set_version: i64,
    /// For each entity and purpose where the rules would be others.
    pub impacts: Vec<Impact>,
}

/// What a change would do to requests of one kind.
#[derive(Clone, Debug)]
pub struct Impact {
    /// Entity.
    pub entity: String,
    /// Purpose.
    pub purpose: String,
    /// Roles whose requests it would treat so.
    pub roles: Vec<String>,
    /// The channel that the requests name.
    pub channel: Option<String>,
    /// The recipient on whose behalf they are made.
    pub recipient: Option<String>,
    /// Rows shown now.
    pub rows_before: i64,
    /// Rows shown after the change.
    pub rows_after: i64,
    /// Rows that are shown now and would not be, by the first reason that would hide them.
    pub lost: Vec<Count>,
    /// Rows that are not shown now and would be, by the first reason that hides them now.
    pub gained: Vec<Count>,
    /// Fields that would be masked or opened, in rows shown both now and after.
    pub fields: Vec<FieldImpact>,
    /// Policies that judge records besides their rules: what their verdicts would do is not counted.
    pub judges: Vec<String>,
    /// Who asked so in the last 30 days.
    pub clients: Vec<ActiveClient>,
}

impl Impact {
    /// All rows lost.
    #[must_use]
    pub fn rows_lost(&self) -> i64 {
        self.lost.iter().map(|count| count.rows).sum()
    }

    /// All rows gained.
    #[must_use]
    pub fn rows_gained(&self) -> i64 {
        self.gained.iter().map(|count| count.rows).sum()
    }
}

/// Rows, with why.
#[derive(Clone, Debug)]
pub struct Count {
    /// The reason.
    pub reason: Arc<Reason>,
    /// How many.
    pub rows: i64,
}

/// What would happen to a field.
#[derive(Clone, Debug)]
pub struct FieldImpact {
    /// Field name.
    pub field: String,
    /// Rows in which it would be masked, by the first reason that would.
    pub masked: Vec<Count>,
    /// Rows in which it would be opened, by the first reason that masks it now.
    pub opened: Vec<Count>,
}

/// Somebody who was active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveClient {
    /// Opaque id of the user or client.
    pub actor: String,
    /// Names of its tokens.
    pub names: Vec<String>,
    /// Role.
    pub role: String,
    /// Requests in the last 30 days.
    pub requests: i64,
    /// The last of them, in microseconds UTC.
    pub last_at: i64,
}

impl Service {
    /// Tells what a change of a policy would do.
    ///
    /// # Errors
    ///
    /// As the change itself: `FORBIDDEN`, `NOT_FOUND`, `BAD_USER_INPUT` with the problems of the
    /// settings, `POLICY_UNAVAILABLE`.
    pub async fn preview_policy_change(
        self: &Arc<Self>,
        caller: &Caller,
        request: PreviewRequest,
    ) -> Result<Preview, Problem> {
        require_dpo(caller)?;
        if request.mode.is_none() && request.settings.is_none() {
            return Err(Problem::input("change", "The change names nothing that would change")
                .mend("Name `mode`, `settings` or both."));
        }
        if let Some(channel) = &request.channel
            && !CHANNELS.contains(&channel.as_str())
        {
            return Err(Problem::input("channel", "There is no such channel")
                .mend(format!("Use one of: {}.", CHANNELS.join(", "))));
        }
        let (before, after) = self.both_sets(caller, &request).await?;
        let asking = self.preview_contexts(caller, &request, &before, &after).await?;
        let mut impacts = Vec::new();
        for changed in self.changed_rules(asking, &before, &after).await? {
            impacts.push(self.impact(caller, changed).await?);
        }
        Ok(Preview { set_version: before.version, impacts })
    }

    /// The set in force, and the set as it would be, proved.
    async fn both_sets(
        &self,
        caller: &Caller,
        request: &PreviewRequest,
    ) -> Result<(Arc<PublishedSet>, PublishedSet), Problem> {
        let now = self.clock.now();
        let before = self.publisher.current(&caller.tenant, now).await?;
        let stored = self.store.load_set(&caller.tenant, before.version).await.map_err(store_problem)?;
        let mut set = stored.at(now);
        let entry = set.entries.iter_mut().find(|entry| entry.id == request.id);
        let entry = entry.ok_or_else(|| unknown(&request.id))?;
        if let Some(mode) = request.mode {
            entry.mode = mode;
        }
        if let Some(settings) = &request.settings {
            check_settings(settings)?;
            entry.settings = settings.clone();
        }
        let entry = entry.clone();
        if entry.is_asked() || request.settings.is_some() {
            let changed = self.publisher.activate(entry).await?;
            gate::prove(self, &caller.tenant, set.version, &changed).await?;
        }
        let after = self.publisher.prepare(&set, now).await?;
        Ok((before, after))
    }

    /// Names of tokens, by the actor who holds them.
    pub(super) async fn token_names(&self, caller: &Caller) -> Result<Vec<(String, String)>, Problem> {
        self.store.token_names(&caller.tenant).await.map_err(store_problem)
    }
}

/// The recipient is not there.
fn no_recipient() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is no such recipient")
        .at("recipient")
        .mend("`recipients { nodes { id name } }` lists them.")
}
