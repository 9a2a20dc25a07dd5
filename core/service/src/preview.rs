//! What a change of policies, or of what they stand on, would do before it is made: rows lost and gained,
//! fields masked and opened, by reason code, and who was active there. The same rules as in a read,
//! counted by the database; nothing is written and nothing is published.

mod change;
mod compared;
mod contexts;
mod data;
mod impact;
mod recipient;

use std::sync::Arc;
use std::time::{Duration, Instant};

use garant_domain::policy_set::{Mode, Needs, Timing};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::{Localised, Reason};

use crate::admin::{Version, require_dpo};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::service::Service;
use crate::unit::CHANNELS;

pub use data::{ReferenceChange, RegisterChange, RowsChange};
pub use recipient::{Flow, FlowReason, ProviderCard, RecipientDraft, RecipientPreview};

/// How long a preview may take, unless told: less than a request.
const BUDGET: Duration = Duration::from_secs(20);

/// A change to be tried out.
#[derive(Clone, Debug, Default)]
pub struct PreviewRequest {
    /// A change of a policy.
    pub policy: Option<PolicyTrial>,
    /// Changes of reference tables.
    pub references: Vec<ReferenceChange>,
    /// Changes of records of registers.
    pub registers: Vec<RegisterChange>,
    /// The instant at which both are compared, in microseconds UTC; without one, when the change takes
    /// effect.
    pub at: Option<i64>,
    /// The channel that requests name; without one, none and those of the recent requests.
    pub channel: Option<String>,
    /// The recipient on whose behalf requests are made; without one, none, those of the recent requests
    /// and, where the change concerns disclosures, those registered for the purpose.
    pub recipient: Option<String>,
    /// How long it may take; 20 seconds when left out.
    pub budget: Option<Duration>,
}

/// A change of a policy, to be tried out.
#[derive(Clone, Debug, Default)]
pub struct PolicyTrial {
    /// Policy id.
    pub id: String,
    /// Its mode after the change.
    pub mode: Option<Mode>,
    /// Its settings after the change.
    pub settings: Option<serde_json::Value>,
    /// An installed version: of a policy in the set, it is exchanged for that; of any other, it is added.
    pub version: Option<Version>,
    /// What else is done; then nothing of the above is named.
    pub step: Option<TrialStep>,
    /// When it is in force.
    pub timing: Timing,
}

/// A change that needs no more to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrialStep {
    /// Out of the set.
    Remove,
    /// As it was before its last change.
    Rollback,
    /// A change that waits or runs is called off.
    Cancel(i64),
}

/// What a change would do.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Version of the set that it was compared with.
    pub set_version: i64,
    /// The instant at which both were compared, in microseconds UTC.
    pub at: i64,
    /// What the plugin would have to be granted for the change.
    pub ungranted: Needs,
    /// Whether every kind of request was looked at.
    pub complete: bool,
    /// For each entity and purpose where the rules would be others.
    pub impacts: Vec<Impact>,
    /// What to bear in mind.
    pub notes: Vec<Localised>,
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
    /// Whether a break-glass runs for whoever asks.
    pub break_glass: bool,
    /// Why policies cannot decide before the change: nothing is shown then.
    pub unavailable_before: Option<Problem>,
    /// Why they could not after it.
    pub unavailable_after: Option<Problem>,
    /// The rows; or why they could not be counted.
    pub counts: Result<Counts, Problem>,
    /// Policies that judge records besides their rules: what their verdicts would do is not counted.
    pub judges: Vec<String>,
    /// Who asked so in the last 30 days.
    pub clients: Vec<ActiveClient>,
}

impl Impact {
    /// Whether no request was made and no record is there that could fare otherwise.
    fn is_idle(&self) -> bool {
        let decided = self.unavailable_before.is_none() && self.unavailable_after.is_none();
        let nothing = matches!(&self.counts, Ok(counts) if counts.is_nothing());
        decided && nothing && self.clients.is_empty()
    }
}

/// Rows, before and after.
#[derive(Clone, Debug, Default)]
pub struct Counts {
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
}

impl Counts {
    fn is_nothing(&self) -> bool {
        let shown = self.rows_before + self.rows_after;
        shown == 0 && self.lost.is_empty() && self.gained.is_empty() && self.fields.is_empty()
    }

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
    /// Tells what a change of a policy, of reference data or of a register would do.
    ///
    /// Where a policy cannot decide, the requests concerned say so, and the others are counted; where the
    /// time is over, the counts that are missing say so.
    ///
    /// # Errors
    ///
    /// As the change itself: `FORBIDDEN`, `NOT_FOUND`, `BAD_USER_INPUT` with the problems of the
    /// settings, `POLICY_UNAVAILABLE` for a changed policy that cannot be proved.
    pub async fn preview_policy_change(
        self: &Arc<Self>,
        caller: &Caller,
        request: PreviewRequest,
    ) -> Result<Preview, Problem> {
        require_dpo(caller)?;
        let until = Instant::now() + request.budget.unwrap_or(BUDGET);
        if let Some(channel) = &request.channel
            && !CHANNELS.contains(&channel.as_str())
        {
            return Err(Problem::input("channel", "There is no such channel")
                .mend(format!("Use one of: {}.", CHANNELS.join(", "))));
        }
        let drill = self.drill(caller, &request).await?;
        let (asking, all) = self.preview_contexts(caller, &request, &drill).await?;
        let with_break_glass = asking.iter().any(|asking| asking.before.break_glass.is_some());
        let (changed, complete) = self.changed_rules(asking, &drill, until).await?;
        let mut counted = impact::Counted::until(until);
        let mut impacts = Vec::with_capacity(changed.len());
        for changed in changed {
            impacts.push(self.impact(caller, &drill, changed, &mut counted).await?);
        }
        // Of an entity without records nothing is lost or gained, and nobody asked for it.
        impacts.retain(|impact| !impact.is_idle());
        let mut notes = Vec::new();
        if impacts.iter().any(|impact| !impact.judges.is_empty()) {
            notes.push(judged());
        }
        if !self.break_glass_roles.is_empty() && !with_break_glass {
            notes.push(no_break_glass());
        }
        if drill.at > self.clock.now() {
            notes.push(later());
        }
        if !complete {
            notes.push(incomplete());
        }
        if !all {
            notes.push(too_many_recipients());
        }
        Ok(Preview {
            set_version: drill.set_version,
            at: drill.at,
            ungranted: drill.ungranted,
            complete: complete && all,
            impacts,
            notes,
        })
    }

    /// Names of tokens, by the actor who holds them.
    pub(super) async fn token_names(&self, caller: &Caller) -> Result<Vec<(String, String)>, Problem> {
        self.store.token_names(&caller.tenant).await.map_err(store_problem)
    }
}

fn judged() -> Localised {
    Localised {
        en: "The policies under `judges` look at records besides their rules; what their verdicts would mask is not counted."
            .to_owned(),
        fr: "Les politiques sous `judges` examinent aussi les enregistrements ; ce que leurs verdicts masqueraient n'est pas compté."
            .to_owned(),
    }
}

fn no_break_glass() -> Localised {
    Localised {
        en: "No policy looks at break-glass here: requests under it fare like all others.".to_owned(),
        fr: "Aucune politique ne tient compte ici d'un accès d'urgence : ces requêtes sont traitées comme les autres."
            .to_owned(),
    }
}

fn later() -> Localised {
    Localised {
        en: "The records of today, counted with the clock and the law of that instant.".to_owned(),
        fr: "Les enregistrements d'aujourd'hui, comptés avec l'horloge et le droit de cet instant.".to_owned(),
    }
}

fn incomplete() -> Localised {
    Localised {
        en: "The time was over before every kind of request was looked at: name a channel or a recipient.".to_owned(),
        fr:
            "Le temps était écoulé avant l'examen de tous les types de requêtes : indiquez un canal ou un destinataire."
                .to_owned(),
    }
}

fn too_many_recipients() -> Localised {
    Localised {
        en: "More recipients are registered than a preview looks at: name one.".to_owned(),
        fr: "Plus de destinataires sont enregistrés que n'en examine un aperçu : indiquez-en un.".to_owned(),
    }
}

/// The recipient is not there.
fn no_recipient() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is no such recipient")
        .at("recipient")
        .mend("`recipients { nodes { id name } }` lists them.")
}
