//! Following changes: one task of the process reads which records changed, whoever changed them in whichever
//! process, and puts their ids into the boxes of those who follow their entity. What may be told of them is not
//! known here: whoever is woken looks through the door.

mod feed;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use garant_domain::problem::Problem;
use tokio::sync::Notify;

pub(crate) use feed::Feed;

use crate::service::Service;

/// Ids that wait in one box at most; past that, everything is looked at.
const MOST_IDS: usize = 500;

/// Why somebody who follows an entity is woken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Woken {
    /// These records changed.
    Changed(BTreeSet<String>),
    /// What is visible may have changed as a whole: policies, purposes, registers, or too many records.
    Everything,
    /// Nothing changed for as long as was to be waited.
    Nothing,
}

/// What waits for somebody who follows an entity.
#[derive(Default)]
struct Inbox {
    waiting: Mutex<Waiting>,
    filled: Notify,
}

#[derive(Default)]
struct Waiting {
    ids: BTreeSet<String>,
    everything: bool,
}

impl Inbox {
    fn put(&self, id: &str) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.ids.len() < MOST_IDS {
            waiting.ids.insert(id.to_owned());
        } else {
            waiting.everything = true;
        }
        drop(waiting);
        self.filled.notify_one();
    }

    fn everything(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).everything = true;
        self.filled.notify_one();
    }

    fn take(&self) -> Woken {
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        match waiting {
            Waiting { everything: true, .. } => Woken::Everything,
            Waiting { ids, .. } if !ids.is_empty() => Woken::Changed(ids),
            Waiting { .. } => Woken::Nothing,
        }
    }
}

/// Somebody's following of an entity; it ends when it is dropped.
pub struct Watch {
    service: Arc<Service>,
    number: u64,
    inbox: Arc<Inbox>,
}

impl Watch {
    /// Waits until something may have changed, and no longer than this.
    pub async fn next(&self, longest: Duration) -> Woken {
        let filled = self.inbox.filled.notified();
        match self.inbox.take() {
            Woken::Nothing => {
                let _ = tokio::time::timeout(longest, filled).await;
                self.inbox.take()
            }
            woken => woken,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.service.feed.leave(self.number);
    }
}

impl Service {
    /// Follows an entity of a tenant: what commits from now on, in any process, wakes whoever follows. `most`
    /// bounds how many do so in this process.
    ///
    /// # Errors
    ///
    /// `RATE_LIMITED` where too many do already, `INTERNAL` when the store fails.
    pub async fn watch(self: &Arc<Self>, tenant: &str, entity: &str, most: usize) -> Result<Watch, Problem> {
        let inbox = Arc::new(Inbox::default());
        let number = self.feed.enter(tenant, entity, Arc::clone(&inbox), most)?;
        // Made first, so that it is left again whatever comes next.
        let watch = Watch { service: Arc::clone(self), number, inbox };
        self.feed.begin(self, tenant).await?;
        Ok(watch)
    }

    /// Subscriptions that this process serves now.
    #[must_use]
    pub fn watches(&self) -> usize {
        self.feed.len()
    }
}
