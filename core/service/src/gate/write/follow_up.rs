//! What a write obliges somebody to do, opened in its own transaction: who got a person is told to stop once
//! the person is taken away from the purpose, and people are told of a processor that is new.

use garant_domain::calendar;
use garant_domain::catalog::{Entity, SubjectPath};
use garant_domain::clock::new_id;
use garant_domain::consent::{EventKind, Track};
use garant_domain::context::RegisterTable;
use garant_domain::problem::Problem;
use garant_domain::rule::FactCall;
use garant_domain::value::{Value, covers};
use garant_store::{Obligation, WriteTx};

use crate::error::store_problem;
use crate::input::Input;
use crate::register;
use crate::unit::Unit;

/// Within how many days a recipient is told to stop (Art. 19, 21(3): without undue delay).
const STOP_DAYS: i32 = 3;
/// Within how many days people are told of a new processor (Art. 13(1)(e), 14(3)(a): a month).
const NOTICE_DAYS: i32 = 30;

const RESTRICTED: &str = "subject.restricted";
const LINK: &str = "processing_link";
/// What makes another processor, or the same one in another chain.
const LINK_FIELDS: [&str; 5] = ["processor_id", "recipient_id", "hosting", "engaged_by_id", "valid_from"];

/// From what people are taken away.
struct Stop<'a> {
    cause: &'a str,
    /// A purpose, or every one.
    purpose: Option<&'a str>,
    /// What stands above the purpose as well.
    upwards: bool,
}

impl Unit {
    /// Opens what follows from a record that was written.
    pub(super) async fn follow_up(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        id: &str,
        values: &Input,
        written: &[String],
    ) -> Result<(), Problem> {
        if entity.name == super::consent::EVENTS {
            return self.after_event(tx, id, values).await;
        }
        let names = |field: &str| written.iter().any(|written| written == field);
        if entity.name == LINK && LINK_FIELDS.iter().any(|field| names(field)) {
            return self.after_link(tx, entity, id, values).await;
        }
        let restricted = entity.fields.iter().find(|field| field.fact.as_deref() == Some(RESTRICTED));
        let set = |field: &str| values.get(field) == Some(&Value::Boolean(true));
        if entity.subject == SubjectPath::Itself
            && restricted.is_some_and(|field| names(&field.name) && set(&field.name))
        {
            let stop = Stop { cause: "restricted", purpose: None, upwards: false };
            return self.stop_deliveries(tx, vec![id.to_owned()], &stop).await;
        }
        Ok(())
    }

    /// People are erased or made anonymous: whoever got them is told (Art. 19), for whatever purpose.
    pub(in crate::gate) async fn tell_of_erasure(
        &self,
        tx: &mut WriteTx,
        people: &[String],
        cause: &str,
    ) -> Result<(), Problem> {
        let stop = Stop { cause, purpose: None, upwards: false };
        self.stop_deliveries(tx, people.to_vec(), &stop).await
    }

    /// Something was said for an address: whoever has it is taken away, and nobody learns whether anybody does.
    pub(super) async fn stop_said(
        &self,
        tx: &mut WriteTx,
        event: &str,
        kind: EventKind,
        purpose: &str,
    ) -> Result<(), Problem> {
        let people = tx.covered_by(event, None).await.map_err(store_problem)?;
        self.stop_deliveries(tx, people, &stop(kind, purpose)).await
    }

    async fn after_event(&self, tx: &mut WriteTx, id: &str, values: &Input) -> Result<(), Problem> {
        let text = |name: &str| values.get(name).and_then(Value::as_text).unwrap_or_default();
        let Some(kind) = EventKind::from_key(text("state")).filter(|kind| takes_away(*kind)) else { return Ok(()) };
        let (person, purpose, channel) = (text("contact_id"), text("purpose"), text("channel"));
        // Evidence of the past may have been overtaken: only what counts today stops anything.
        let call = |name: &str, args: &[&str]| FactCall {
            name: name.to_owned(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        };
        let call = match kind.track() {
            Track::Objection => call("objection.active", &[purpose]),
            Track::Consent => call("consent.status", &[purpose, channel]),
        };
        let now = tx.facts(person, &[call]).await.map_err(store_problem)?.pop().unwrap_or_default();
        let stands = now == Value::Boolean(false) || matches!(now.as_text(), Some("given" | "renewed"));
        if stands {
            return Ok(());
        }
        let people = tx.covered_by(id, Some(person)).await.map_err(store_problem)?;
        self.stop_deliveries(tx, people, &stop(kind, purpose)).await
    }

    /// Opens a task for every recipient who got one of these people for the purpose.
    async fn stop_deliveries(&self, tx: &mut WriteTx, people: Vec<String>, stop: &Stop<'_>) -> Result<(), Problem> {
        let entity = self.service.person().unwrap_or_default();
        let tenant = &self.context.tenant;
        let reference = |id: &String| self.service.sealer.record_reference(tenant, entity, id);
        let people: Vec<(String, String)> = people.into_iter().map(|id| (reference(&id), id)).collect();
        let references: Vec<String> = people.iter().map(|(reference, _)| reference.clone()).collect();
        let disclosed = tx.disclosures_of(&references).await.map_err(store_problem)?;
        let concerned = disclosed.into_iter().filter(|one| {
            stop.purpose
                .is_none_or(|purpose| covers(purpose, &one.purpose) || (stop.upwards && covers(&one.purpose, purpose)))
        });
        let wanted = concerned.map(|one| {
            let record = people.iter().find(|(reference, _)| *reference == one.subject).map(|(_, id)| id.clone());
            self.obligation("stop_delivery", stop.cause, STOP_DAYS, one.subject, record)
                .of(Some(one.recipient), one.purpose)
        });
        let wanted = wanted.collect();
        tx.open_obligations(wanted).await.map(drop).map_err(store_problem)
    }

    /// A new processor: people are told, for each purpose that rests on their consent. The consent stands.
    async fn after_link(&self, tx: &mut WriteTx, entity: &Entity, id: &str, values: &Input) -> Result<(), Problem> {
        let columns: Vec<String> = entity.fields.iter().map(|field| field.name.clone()).collect();
        let row = columns.iter().map(|name| values.get(name).cloned().unwrap_or_default()).collect();
        let link = RegisterTable { name: entity.name.clone(), columns, rows: vec![row] };
        let (service, tenant) = (&self.service, &self.context.tenant);
        let today = calendar::local_date(self.context.now, self.context.zone);
        let reached = register::newly_engaged(service, tenant, &link, today).await?;
        let purposes = register::all_purposes(&service.store, tenant, &service.purpose_fields).await?;
        let on_consent = |purpose: &&register::Registered| purpose.info.purpose.legal_basis == "A6-1-a";
        let mut wanted = vec![];
        for purpose in purposes.iter().filter(on_consent) {
            let key = &purpose.info.purpose.key;
            let reference = service.sealer.record_reference(tenant, LINK, id);
            let notice = |recipient: Option<String>| {
                self.obligation(
                    "notice_of_new_processor",
                    "new_processor",
                    NOTICE_DAYS,
                    reference.clone(),
                    Some(id.to_owned()),
                )
                .of(recipient, key.clone())
            };
            wanted.extend(reached.hosting.then(|| notice(None)));
            let served = reached.recipients.iter().filter(|(_, purposes)| {
                purposes.split_whitespace().any(|served| covers(served, key) || covers(key, served))
            });
            wanted.extend(served.map(|(recipient, _)| notice(Some(recipient.clone()))));
        }
        tx.open_obligations(wanted).await.map(drop).map_err(store_problem)
    }

    fn obligation(&self, kind: &str, cause: &str, days: i32, reference: String, record: Option<String>) -> Unaddressed {
        let today = calendar::local_date(self.context.now, self.context.zone);
        Unaddressed(Obligation {
            id: new_id(),
            kind: kind.to_owned(),
            cause: cause.to_owned(),
            recipient: None,
            purpose: None,
            reference,
            record,
            opened_at: self.context.now,
            due_on: today.saturating_add(days),
            done_at: None,
            done_by: None,
            note: None,
        })
    }
}

/// An obligation before it is said towards whom and for what.
struct Unaddressed(Obligation);

impl Unaddressed {
    fn of(self, recipient: Option<String>, purpose: String) -> Obligation {
        Obligation { recipient, purpose: Some(purpose), ..self.0 }
    }
}

fn takes_away(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Withdrawn
            | EventKind::Refused
            | EventKind::Objected
            | EventKind::Expired
            | EventKind::Terminated
            | EventKind::Invalidated
    )
}

fn stop(kind: EventKind, purpose: &str) -> Stop<'_> {
    Stop { cause: kind.key(), purpose: Some(purpose), upwards: kind.track() == Track::Objection }
}
