//! The register of legal holds: a claim may need the data, so nothing of the people in scope is destroyed
//! until the hold is released. It never opens anything. The scope is frozen to ids when it is opened; it
//! may name people who sleep, and does not tell whether somebody is there.

use garant_domain::catalog::SubjectPath;
use garant_domain::clock::new_id;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::role::Duty;
use garant_store::{LegalHold, LogDetail, LogLine};

use crate::admin::check_reason;
use crate::auth::Caller;
use crate::error::store_problem;
use crate::service::Service;

/// The most people of one hold.
const MAX_PEOPLE: usize = 10_000;
/// The longest name of a case or a basis.
const MAX_WORDS: usize = 200;

const DAY_MICROS: i64 = 86_400_000_000;
const DETAIL_DAYS: i64 = 365;

/// A hold to be opened.
#[derive(Clone, Debug)]
pub struct NewHold {
    /// Ids of the people.
    pub people: Vec<String>,
    /// The case, as counsel knows it.
    pub case_id: String,
    /// As cited: `GDPR 17(3)(e)`.
    pub basis: String,
    /// The day on which it is looked at again: days since 1970-01-01.
    pub review_on: i32,
}

impl Service {
    /// Opens a hold; it holds at once, and waits for another person's approval.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `BAD_USER_INPUT` naming the input.
    pub async fn open_legal_hold(&self, caller: &Caller, new: NewHold) -> Result<LegalHold, Problem> {
        require_keeper(caller)?;
        let now = self.clock.now();
        let mut people = new.people;
        people.sort();
        people.dedup();
        if people.is_empty() || people.len() > MAX_PEOPLE {
            return Err(Problem::input("people", format!("A hold is about 1 to {MAX_PEOPLE} people"))
                .mend("Open several holds of one case for more."));
        }
        if i64::from(new.review_on).saturating_mul(DAY_MICROS) <= now {
            return Err(Problem::input("reviewOn", "The hold would be looked at again in the past")
                .mend("Give a day that lies ahead."));
        }
        let hold = LegalHold {
            id: new_id(),
            case_id: words("caseId", &new.case_id)?,
            basis: words("basis", &new.basis)?,
            opened_at: now,
            opened_by: caller.actor.id.clone(),
            approved_at: None,
            approved_by: None,
            review_on: new.review_on,
            released_at: None,
            released_by: None,
            release_reason: None,
            people: i64::try_from(people.len()).unwrap_or(i64::MAX),
        };
        self.store.open_hold(&caller.tenant, &hold, &people).await.map_err(store_problem)?;
        self.log_hold(caller, "opened", &people).await?;
        Ok(hold)
    }

    /// Notes that a second person approves a hold.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`; `NOT_FOUND` for one that does not wait for this person.
    pub async fn approve_legal_hold(&self, caller: &Caller, id: &str) -> Result<(), Problem> {
        require_keeper(caller)?;
        let approved = self.store.approve_hold(&caller.tenant, id, self.clock.now(), &caller.actor.id).await;
        if !approved.map_err(store_problem)? {
            return Err(Problem::new(ErrorCode::NotFound, "No such hold waits for your approval")
                .at("id")
                .mend("`legalHolds { id approvedAt openedBy }` lists them; whoever opened one cannot approve it."));
        }
        self.log_hold(caller, "approved", &[]).await
    }

    /// Releases a hold; what is due by then is destroyed by the next sweep.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `BAD_USER_INPUT` without a reason, `NOT_FOUND` for one that does not hold.
    pub async fn release_legal_hold(&self, caller: &Caller, id: &str, reason: &str) -> Result<(), Problem> {
        require_keeper(caller)?;
        let reason = check_reason(reason)?;
        let (now, actor) = (self.clock.now(), &caller.actor.id);
        let released = self.store.release_hold(&caller.tenant, id, now, actor, &reason).await;
        if !released.map_err(store_problem)? {
            return Err(Problem::new(ErrorCode::NotFound, "There is no such hold, or it was released")
                .at("id")
                .mend("`legalHolds { id releasedAt }` lists them."));
        }
        self.log_hold(caller, "released", &[]).await
    }

    /// Every hold, the latest first.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`.
    pub async fn legal_holds(&self, caller: &Caller, limit: u32) -> Result<Vec<LegalHold>, Problem> {
        require_keeper(caller)?;
        self.store.holds(&caller.tenant, limit).await.map_err(store_problem)
    }

    async fn log_hold(&self, caller: &Caller, outcome: &str, people: &[String]) -> Result<(), Problem> {
        let now = self.clock.now();
        let person = self.person().unwrap_or_default();
        let reference = |id: &String| self.sealer.record_reference(&caller.tenant, person, id);
        let line = LogLine {
            tenant: caller.tenant.clone(),
            at: now,
            actor: caller.actor.id.clone(),
            role: caller.actor.role.clone(),
            operation: "legal-hold".to_owned(),
            entity: person.to_owned(),
            purposes: vec![],
            channel: None,
            recipient: None,
            set_version: 0,
            outcome: outcome.to_owned(),
            fields: vec![],
            codes: vec![],
            observed: vec![],
            observed_rows: vec![],
            break_glass: None,
            approval: None,
            detail: LogDetail {
                refs: people.iter().map(reference).collect(),
                ends_at: now.saturating_add(DETAIL_DAYS * DAY_MICROS),
            },
        };
        self.store.log().append(line).await.map_err(store_problem)
    }

    /// The entity whose records are people.
    pub(crate) fn person(&self) -> Option<&str> {
        let people = self.catalog.entities.iter().find(|entity| entity.subject == SubjectPath::Itself);
        people.map(|entity| entity.name.as_str())
    }
}

fn require_keeper(caller: &Caller) -> Result<(), Problem> {
    if caller.role().may(Duty::LegalHolds) {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::Forbidden, "Only the DPO and counsel keep legal holds").mend("Ask one of them."))
}

fn words(field: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_WORDS {
        return Err(Problem::input(field, format!("This needs 1 to {MAX_WORDS} characters")).mend("Give it."));
    }
    Ok(text.to_owned())
}
