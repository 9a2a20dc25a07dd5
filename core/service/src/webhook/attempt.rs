//! One attempt to tell a subscriber: claimed, read through the door, signed, sent by somebody else, and
//! settled. A subscriber learns of a record only what it sees now, and of one that it sees no longer
//! only that.

use std::sync::Arc;

use garant_domain::catalog::camel;
use garant_domain::problem::Problem;
use garant_domain::value::Value;
use garant_store::{Delivery, DeliveryState, Settled, Webhook};
use serde_json::{Value as Json, json};

use super::sign;
use crate::error::store_problem;
use crate::service::Service;

/// Seconds until the next attempt, after each that failed: as Standard Webhooks suggests, over four days.
const BACK_OFF_SECONDS: [i64; 10] =
    [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600, 24 * 3600];
/// How long a claimed delivery is left to whoever claimed it; longer than any attempt.
const CLAIM_SECONDS: i64 = 120;
const SECOND: i64 = 1_000_000;
/// Changes that are fanned out in one transaction.
const FAN_OUT: u64 = 500;
/// Records whose view is looked at together.
const SWEEP: u64 = 500;

/// Something to be posted.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Where to.
    pub url: String,
    /// Headers of the signature.
    pub headers: [(&'static str, String); 3],
    /// The JSON body.
    pub body: String,
    /// What it tells: `created`, `updated`, `access_ended`.
    pub event: &'static str,
    delivery: Delivery,
    /// What the subscriber has been told once it has taken this: a digest, or nothing any more.
    told: Option<String>,
}

/// How a post ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The subscriber took it (a status of 2xx).
    Taken {
        /// HTTP status.
        status: u16,
    },
    /// It did not.
    Failed {
        /// HTTP status, if there was an answer.
        status: Option<u16>,
        /// A code: `STATUS`, `TIMEOUT`, `UNREACHABLE`, `PRIVATE_ADDRESS`.
        code: &'static str,
    },
}

/// What there is to say of a record.
enum Look {
    Tell(Box<Attempt>),
    /// It never saw the record, or sees nothing new.
    Nothing,
    /// Something that it did not subscribe to; known from now on, so that what follows is told as what it is.
    Unwanted(Option<String>),
}

impl Service {
    /// Turns changed records into deliveries; answers how many changes were taken.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when the database fails; nothing is lost then.
    pub async fn fan_out_changes(&self) -> Result<usize, Problem> {
        self.store.fan_out(&self.tenant, self.clock.now(), FAN_OUT).await.map_err(store_problem)
    }

    /// Claims the next delivery that has something to say. What has nothing to say is settled on the way.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when the database fails.
    pub async fn next_attempt(self: &Arc<Self>) -> Result<Option<Attempt>, Problem> {
        loop {
            let now = self.clock.now();
            let until = now.saturating_add(CLAIM_SECONDS * SECOND);
            let claimed = self.store.claim_delivery(&self.tenant, now, until).await.map_err(store_problem)?;
            let Some(delivery) = claimed else { return Ok(None) };
            let webhooks = self.store.webhooks(&self.tenant).await.map_err(store_problem)?;
            let webhook = webhooks.into_iter().find(|webhook| webhook.id == delivery.webhook_id && webhook.active);
            let Some(webhook) = webhook else {
                self.cancel(&delivery).await?;
                continue;
            };
            match self.attempt(&webhook, &delivery).await {
                Ok(Look::Tell(attempt)) => return Ok(Some(*attempt)),
                Ok(Look::Nothing) => self.cancel(&delivery).await?,
                Ok(Look::Unwanted(digest)) => {
                    self.settle(&delivery, &cancelled(&delivery), Some(digest.as_deref())).await?;
                }
                // Nobody can tell what may be told: later, and nothing until then.
                Err(_) => self.failed(&delivery, None, None, "POLICY_UNAVAILABLE").await?,
            }
        }
    }

    /// Notes how an attempt ended.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when the database fails: then the delivery is tried again after a while.
    pub async fn settle_attempt(self: &Arc<Self>, attempt: &Attempt, outcome: AttemptOutcome) -> Result<(), Problem> {
        match outcome {
            AttemptOutcome::Taken { status } => {
                let settled = Settled {
                    state: DeliveryState::Delivered,
                    next_at: attempt.delivery.next_at,
                    status: Some(i64::from(status)),
                    failure: None,
                    event: Some(attempt.event.to_owned()),
                };
                self.note_taken(attempt).await?;
                self.settle(&attempt.delivery, &settled, Some(attempt.told.as_deref())).await
            }
            AttemptOutcome::Failed { status, code } => {
                self.failed(&attempt.delivery, Some(attempt.event), status.map(i64::from), code).await
            }
        }
    }

    /// What a subscriber has taken of a person was disclosed to its recipient.
    async fn note_taken(self: &Arc<Self>, attempt: &Attempt) -> Result<(), Problem> {
        if attempt.told.is_none() {
            return Ok(());
        }
        let webhooks = self.store.webhooks(&self.tenant).await.map_err(store_problem)?;
        let webhook = webhooks.into_iter().find(|webhook| webhook.id == attempt.delivery.webhook_id);
        match webhook {
            Some(webhook) => self.note_told(&webhook, &attempt.delivery.record_id).await,
            None => Ok(()),
        }
    }

    /// Looks for records that subscribers were told of and see no longer, and queues the one event that
    /// says so. Answers how many; a second run queues nothing more.
    ///
    /// # Errors
    ///
    /// `POLICY_UNAVAILABLE`, `INTERNAL`.
    pub async fn sweep_views(self: &Arc<Self>) -> Result<u64, Problem> {
        let mut ended = 0;
        let webhooks = self.store.webhooks(&self.tenant).await.map_err(store_problem)?;
        for webhook in webhooks.iter().filter(|webhook| webhook.active) {
            let mut after = String::new();
            loop {
                let store = &self.store;
                let told = store.told_after(&self.tenant, &webhook.id, &after, SWEEP).await.map_err(store_problem)?;
                let Some((last, _)) = told.last_key_value() else { break };
                after.clone_from(last);
                let records: Vec<&str> = told.keys().map(String::as_str).collect();
                let seen = self.seen_by(webhook, &records).await?;
                let gone: Vec<&str> = records.into_iter().filter(|record| !seen.contains_key(*record)).collect();
                let queued = store.due_records(&self.tenant, &webhook.id, &gone).await.map_err(store_problem)?;
                for record in gone.into_iter().filter(|record| !queued.contains(*record)) {
                    let now = self.clock.now();
                    store.enqueue_delivery(&self.tenant, &webhook.id, record, now).await.map_err(store_problem)?;
                    ended += 1;
                }
            }
        }
        Ok(ended)
    }

    async fn attempt(self: &Arc<Self>, webhook: &Webhook, delivery: &Delivery) -> Result<Look, Problem> {
        let record = delivery.record_id.as_str();
        let told = self.store.told(&self.tenant, &webhook.id, &[record]).await.map_err(store_problem)?.remove(record);
        let seen = self.seen_by(webhook, &[record]).await?.remove(record);
        let (event, data, digest) = match (seen, told) {
            // It never saw the record, so it is not told that there is one.
            (None, None) => return Ok(Look::Nothing),
            (None, Some(_)) => ("access_ended", json!({ "id": record }), None),
            (Some(data), told) => {
                let digest = self.sealer.record_reference(&self.tenant, "webhook-view", &data.to_string());
                match told {
                    // What changed is nothing that it sees.
                    Some(known) if known == digest => return Ok(Look::Nothing),
                    Some(_) => ("updated", data, Some(digest)),
                    None => ("created", data, Some(digest)),
                }
            }
        };
        if !webhook.events.iter().any(|wanted| wanted == event) {
            return Ok(Look::Unwanted(digest));
        }
        Ok(Look::Tell(Box::new(self.signed(webhook, delivery, event, &data, digest))))
    }

    fn signed(
        &self,
        webhook: &Webhook,
        delivery: &Delivery,
        event: &'static str,
        data: &Json,
        told: Option<String>,
    ) -> Attempt {
        let now = self.clock.now();
        let at = Value::Instant(now).display();
        let body = json!({ "type": format!("{}.{event}", camel(&webhook.entity)), "timestamp": at, "data": data });
        let body = body.to_string();
        let key = self.sealer.webhook_key(&self.tenant, &webhook.id);
        let headers = sign::headers(&key, &delivery.id, now, &body);
        Attempt { url: webhook.url.clone(), headers, body, event, delivery: delivery.clone(), told }
    }

    async fn cancel(&self, delivery: &Delivery) -> Result<(), Problem> {
        self.settle(delivery, &cancelled(delivery), None).await
    }

    async fn failed(
        &self,
        delivery: &Delivery,
        event: Option<&str>,
        status: Option<i64>,
        code: &str,
    ) -> Result<(), Problem> {
        let again = usize::try_from(delivery.attempts - 1).ok().and_then(|made| BACK_OFF_SECONDS.get(made));
        let settled = Settled {
            state: if again.is_some() { DeliveryState::Due } else { DeliveryState::Dead },
            next_at: self.clock.now().saturating_add(again.copied().unwrap_or_default() * SECOND),
            status,
            failure: Some(code.to_owned()),
            event: event.map(str::to_owned),
        };
        self.settle(delivery, &settled, None).await
    }

    async fn settle(&self, delivery: &Delivery, settled: &Settled, told: Option<Option<&str>>) -> Result<(), Problem> {
        let now = self.clock.now();
        self.store.settle_delivery(&self.tenant, delivery, settled, told, now).await.map_err(store_problem)
    }
}

fn cancelled(delivery: &Delivery) -> Settled {
    Settled { state: DeliveryState::Cancelled, next_at: delivery.next_at, status: None, failure: None, event: None }
}
