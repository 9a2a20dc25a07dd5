//! The task that reads changes for all who follow some in this process. It runs while anybody does.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use garant_domain::clock::new_id;
use garant_domain::problem::{ErrorCode, Problem};
use garant_store::{ChangeMark, CurrentState};

use super::Inbox;
use crate::error::store_problem;
use crate::service::Service;

/// Time between two readings.
const POLL: Duration = Duration::from_millis(200);
/// How often the process says that it still follows, and for how long that holds.
const SAY: Duration = Duration::from_secs(30);
const HOLDS_MICROS: i64 = 120 * 1_000_000;
/// Changes read at a time.
const AT_ONCE: u64 = 1_000;
/// So many sayings later, what was read is taken away: about five minutes.
const KEPT_SAYINGS: usize = 10;

/// Who follows what in this process.
pub(crate) struct Feed {
    /// Names the process among those that follow.
    process: String,
    state: Mutex<State>,
    /// Held while a tenant's task is begun, so that nobody who follows waits for less than a whole beginning.
    beginning: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    next: u64,
    followers: BTreeMap<u64, Follower>,
    /// Tenants whose changes are being read, with the entities that were said to be followed.
    running: BTreeMap<String, BTreeSet<String>>,
}

struct Follower {
    tenant: String,
    entity: String,
    inbox: Arc<Inbox>,
}

impl Default for Feed {
    fn default() -> Self {
        Self { process: new_id(), state: Mutex::default(), beginning: tokio::sync::Mutex::default() }
    }
}

impl Feed {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(&self, tenant: &str, entity: &str, inbox: Arc<Inbox>, most: usize) -> Result<u64, Problem> {
        let mut state = self.state();
        if state.followers.len() >= most {
            let message = format!("This server follows changes for {most} subscriptions already");
            let mut problem = Problem::new(ErrorCode::RateLimited, message)
                .mend("Try again later, close what is not needed, or use a webhook.");
            problem.retry_after_seconds = Some(30);
            return Err(problem);
        }
        state.next += 1;
        let number = state.next;
        state.followers.insert(number, Follower { tenant: tenant.to_owned(), entity: entity.to_owned(), inbox });
        Ok(number)
    }

    pub(super) fn leave(&self, number: u64) {
        self.state().followers.remove(&number);
    }

    pub(super) fn len(&self) -> usize {
        self.state().followers.len()
    }

    /// The entities of a tenant that somebody follows.
    fn followed(&self, tenant: &str) -> BTreeSet<String> {
        let state = self.state();
        let of_tenant = state.followers.values().filter(|follower| follower.tenant == tenant);
        of_tenant.map(|follower| follower.entity.clone()).collect()
    }

    /// Sees to it that changes of all that is followed are written down by everybody from now on, and are read.
    pub(super) async fn begin(&self, service: &Arc<Service>, tenant: &str) -> Result<(), Problem> {
        let _alone = self.beginning.lock().await;
        let wanted = self.followed(tenant);
        let said = self.state().running.get(tenant).cloned();
        if said.as_ref().is_some_and(|said| wanted.is_subset(said)) {
            return Ok(());
        }
        let begins = said.is_none();
        let mut all = said.unwrap_or_default();
        all.extend(wanted);
        self.say(service, tenant, &all, None).await?;
        if begins {
            let read = service.store.change_mark(tenant).await.map_err(store_problem)?;
            let known = service.store.current_state(tenant).await.map_err(store_problem)?;
            let said = (Instant::now(), service.clock.now());
            let reading = Reading { tenant: tenant.to_owned(), read, known, said, marks: VecDeque::new() };
            tokio::spawn(run(Arc::downgrade(service), reading));
        }
        self.state().running.insert(tenant.to_owned(), all);
        Ok(())
    }

    async fn say(
        &self,
        service: &Service,
        tenant: &str,
        entities: &BTreeSet<String>,
        read: Option<&ChangeMark>,
    ) -> Result<(), Problem> {
        let entities: Vec<String> = entities.iter().cloned().collect();
        let now = service.clock.now();
        let until = now.saturating_add(HOLDS_MICROS);
        service.store.follow(tenant, &self.process, &entities, until, now, read).await.map_err(store_problem)
    }

    fn tell(&self, tenant: &str, entity: &str, id: &str) {
        let state = self.state();
        let concerned = |follower: &&Follower| follower.tenant == tenant && follower.entity == entity;
        state.followers.values().filter(concerned).for_each(|follower| follower.inbox.put(id));
    }

    fn tell_all(&self, tenant: &str) {
        let state = self.state();
        let concerned = |follower: &&Follower| follower.tenant == tenant;
        state.followers.values().filter(concerned).for_each(|follower| follower.inbox.everything());
    }
}

/// Where a task is.
struct Reading {
    tenant: String,
    read: ChangeMark,
    known: CurrentState,
    /// When it said last that the process follows, by both clocks: the service's own may be moved.
    said: (Instant, i64),
    /// How far it had read then and before.
    marks: VecDeque<ChangeMark>,
}

/// Reads on until nobody follows anything of the tenant.
async fn run(service: Weak<Service>, mut reading: Reading) {
    loop {
        tokio::time::sleep(POLL).await;
        let Some(service) = service.upgrade() else { return };
        match reading.step(&service).await {
            Ok(true) => {}
            Ok(false) => return,
            // The store has logged it. What was not read is read when it can be.
            Err(_) => {
                drop(service);
                tokio::time::sleep(10 * POLL).await;
            }
        }
    }
}

impl Reading {
    /// One reading; `false` once nobody follows.
    async fn step(&mut self, service: &Arc<Service>) -> Result<bool, Problem> {
        let (feed, tenant) = (&service.feed, self.tenant.as_str());
        let now = service.clock.now();
        if self.said.0.elapsed() >= SAY || now.saturating_sub(self.said.1) >= HOLDS_MICROS / 4 {
            let _alone = feed.beginning.lock().await;
            let followed = feed.followed(tenant);
            self.marks.push_back(self.read.clone());
            let done = if self.marks.len() > KEPT_SAYINGS { self.marks.pop_front() } else { None };
            feed.say(service, tenant, &followed, done.as_ref()).await?;
            let mut state = feed.state();
            if followed.is_empty() {
                state.running.remove(tenant);
                return Ok(false);
            }
            state.running.insert(tenant.to_owned(), followed);
            self.said = (Instant::now(), now);
        }
        loop {
            let read = service.store.changes_after(tenant, &self.read, AT_ONCE).await;
            let (changes, mark) = read.map_err(store_problem)?;
            for change in &changes {
                feed.tell(tenant, &change.entity, &change.record_id);
            }
            self.read = mark;
            if (changes.len() as u64) < AT_ONCE {
                break;
            }
        }
        let state = service.store.current_state(tenant).await.map_err(store_problem)?;
        if state != self.known {
            self.known = state;
            feed.tell_all(tenant);
        }
        Ok(true)
    }
}
