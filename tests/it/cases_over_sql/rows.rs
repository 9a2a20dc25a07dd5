//! Rows that make the facts of a case true: the person with their fields, the record, and consent events
//! that fold to the states named. What cannot be made is told by its name.

use std::collections::{BTreeMap, BTreeSet};

use garant_domain::catalog::{Catalog, Entity, SubjectPath};
use garant_domain::fact;
use garant_domain::rule::FactCall;
use garant_domain::value::{Type, Value};
use garant_plugin_testkit::Case;
use garant_store::{LedgerEntry, NewRecord, Store};

/// A day before the request, unless the case says when.
const DAY: i64 = 86_400_000_000;
/// Channels that stand for "another one".
const CHANNELS: [&str; 4] = ["sms", "post", "call", "email"];

/// What a case says of one purpose and channel.
#[derive(Default)]
struct Consent {
    facts: BTreeMap<String, Value>,
}

/// Makes the rows of a case; answers the record's id.
pub async fn make(store: &Store, tenant: &str, catalog: &Catalog, case: &Case) -> Result<String, String> {
    let entity = catalog.entity(&case.entity).ok_or("no such entity")?;
    let person = catalog.entities.iter().find(|entity| entity.subject == SubjectPath::Itself).ok_or("no person")?;
    let subject = match &entity.subject {
        SubjectPath::Via(via) => case.field(via, Type::Text)?.as_text().unwrap_or("person").to_owned(),
        _ => "person".to_owned(),
    };
    let mut records: Vec<(&str, NewRecord)> = vec![("contact", of_person(case, entity, person, &subject)?)];
    let mut id = subject.clone();
    if entity.name != person.name {
        let record = of_record(case, entity, &subject)?;
        id = record.id.clone();
        records.push((entity.name.as_str(), record));
    }
    records.extend(events(case, &subject)?.into_iter().map(|event| ("consent_event", event)));
    let mut tx = store.begin_write(tenant).await.map_err(|error| error.to_string())?;
    for (entity, record) in &records {
        tx.insert(entity, record).await.map_err(|error| format!("{entity} cannot be stored: {error}"))?;
    }
    if let Some(Value::Instant(at)) = case.fact("subject.erased_at", Type::Instant)? {
        let reached = tx.addresses_of(std::slice::from_ref(&subject)).await.map_err(|error| error.to_string())?;
        let entry = |reference| LedgerEntry {
            reference,
            kind: "address".to_owned(),
            entity: person.name.clone(),
            effect: "erase".to_owned(),
            at,
        };
        let entries: Vec<LedgerEntry> = reached.into_iter().map(entry).collect();
        tx.enter_ledger(&entries, false).await.map_err(|error| error.to_string())?;
    }
    // Held against what the case says, so that a run cannot pass on facts that are not those of the case.
    let (_, calls) = case.mentioned();
    for text in calls {
        let call = parse(text)?;
        let known = fact::find(&call.name).ok_or_else(|| format!("there is no fact `{text}`"))?;
        if fact::is_of_request(known.name) || entity.subject == SubjectPath::None {
            continue;
        }
        let said = if case.unknown.iter().any(|unknown| unknown == text) { None } else { case.fact(text, known.ty)? };
        let wanted = said.unwrap_or_default();
        let found = tx.facts(&subject, std::slice::from_ref(&call)).await.map_err(|error| error.to_string())?;
        if found != [wanted] {
            return Err(format!("no rows make `{text}` true"));
        }
    }
    tx.commit().await.map_err(|error| error.to_string())?;
    Ok(id)
}

fn of_person(case: &Case, entity: &Entity, person: &Entity, id: &str) -> Result<NewRecord, String> {
    let mut record = blank(case, id)?;
    if entity.name == person.name {
        fill(case, entity, &mut record)?;
    }
    for field in &person.fields {
        let Some(name) = &field.fact else { continue };
        let known = fact::find(name).ok_or_else(|| format!("there is no fact `{name}`"))?;
        match case.fact(name, known.ty)? {
            Some(value) => {
                // Of a write, the record is what shall be, and the fact what is.
                if record.values.get(&field.name).is_some_and(|known| *known != value) {
                    return Err(format!("no row holds `{}` as the record and `{name}` as the fact say", field.name));
                }
                record.values.insert(field.name.clone(), value);
            }
            None if case.unknown.contains(name) => {
                record.values.insert(field.name.clone(), Value::Null);
            }
            // What is never null is as the host leaves it where nothing was entered.
            None if !known.nullable => {
                let known = record.values.get(&field.name).is_some_and(|value| !value.is_null());
                if !known {
                    record.values.insert(field.name.clone(), Value::Boolean(false));
                }
            }
            None => {}
        }
    }
    if case.fact("subject.erased_at", Type::Instant)?.is_some() {
        record.values.entry("email".to_owned()).or_insert(Value::text("ada@example.org"));
    }
    match case.fact("subject.collected_at", Type::Instant)? {
        Some(Value::Instant(at)) => record.collected_at = Some(at),
        Some(_) => record.collected_at = None,
        None => {}
    }
    if let Some(purpose) = case.fact("subject.collected_for", Type::Text)? {
        record.collected_for = purpose.as_text().map(str::to_owned);
    }
    Ok(record)
}

fn of_record(case: &Case, entity: &Entity, subject: &str) -> Result<NewRecord, String> {
    let mut record = blank(case, "record")?;
    fill(case, entity, &mut record)?;
    if entity.name == "consent_event" {
        for (name, value) in [
            ("contact_id", Value::text(subject)),
            ("purpose", Value::text("marketing")),
            ("state", Value::text("requested")),
            ("happened_at", Value::Instant(case.now()? - 2 * DAY)),
        ] {
            record.values.entry(name.to_owned()).or_insert(value);
        }
    }
    Ok(record)
}

fn blank(case: &Case, id: &str) -> Result<NewRecord, String> {
    Ok(NewRecord {
        id: id.to_owned(),
        // Evidence of any date that a case names is of the past.
        now: case.now()?.saturating_add(100 * 366 * DAY),
        collected_at: None,
        collected_for: None,
        values: BTreeMap::new(),
    })
}

/// The fields that the case gives to its record.
fn fill(case: &Case, entity: &Entity, record: &mut NewRecord) -> Result<(), String> {
    for name in case.mentioned().0 {
        match (name, entity.field(name)) {
            (_, Some(field)) => {
                record.values.insert(name.to_owned(), case.field(name, field.value_type())?);
            }
            ("collected_at", None) => match case.field(name, Type::Instant)? {
                Value::Instant(at) => record.collected_at = Some(at),
                _ => record.collected_at = None,
            },
            ("collected_for", None) => {
                record.collected_for = case.field(name, Type::Text)?.as_text().map(str::to_owned);
            }
            (name, None) => return Err(format!("no rows make field `{name}` so")),
        }
    }
    Ok(())
}

/// `consent.status(marketing,email)`.
fn parse(text: &str) -> Result<FactCall, String> {
    let (name, args) = match text.split_once('(') {
        None => (text, vec![]),
        Some((name, args)) => {
            let args = args.strip_suffix(')').ok_or_else(|| format!("`{text}` is no call"))?;
            (name, args.split(',').map(|arg| arg.trim().to_owned()).collect())
        }
    };
    Ok(FactCall { name: name.to_owned(), args })
}

/// Events that fold to what the case says.
fn events(case: &Case, subject: &str) -> Result<Vec<NewRecord>, String> {
    let mut consents: BTreeMap<(String, String), Consent> = BTreeMap::new();
    let mut objections: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for text in case.mentioned().1.into_iter().filter(|text| !case.unknown.iter().any(|unknown| unknown == text)) {
        let call = parse(text)?;
        let Some(known) = fact::find(&call.name) else { return Err(format!("there is no fact `{text}`")) };
        let value = case.fact(text, known.ty)?.unwrap_or_default();
        match (call.name.as_str(), call.args.as_slice()) {
            (name, [purpose, channel]) if name.starts_with("consent.") => {
                let consent = consents.entry((purpose.clone(), channel.clone())).or_default();
                consent.facts.insert(name.to_owned(), value);
            }
            ("objection.active" | "objection.overridden", [purpose]) if value == Value::Boolean(true) => {
                objections.entry(purpose.clone()).or_default().insert(call.name.clone());
            }
            _ => {}
        }
    }
    let taken: Vec<&String> = consents.keys().map(|(_, channel)| channel).collect();
    let other = CHANNELS.into_iter().find(|channel| !taken.iter().any(|taken| taken == channel)).unwrap_or("post");
    let mut made = Made { case, subject, events: vec![] };
    for ((purpose, channel), consent) in &consents {
        made.consent(purpose, channel, consent)?;
        if consent.facts.get("consent.other_channel") == Some(&Value::Boolean(true)) {
            made.add(purpose, other, "given", case.now()? - DAY, &Consent::default())?;
        }
    }
    for (purpose, facts) in objections {
        made.add(&purpose, "any", "objected", case.now()? - DAY, &Consent::default())?;
        if facts.contains("objection.overridden") {
            made.add(&purpose, "any", "objection_overridden", case.now()? - DAY + 1, &Consent::default())?;
        }
    }
    Ok(made.events)
}

struct Made<'a> {
    case: &'a Case,
    subject: &'a str,
    events: Vec<NewRecord>,
}

impl Made<'_> {
    fn consent(&mut self, purpose: &str, channel: &str, consent: &Consent) -> Result<(), String> {
        let Some(Value::Text(status)) = consent.facts.get("consent.status") else { return Ok(()) };
        // What is nearer to the purpose is later, so that it is what counts.
        let depth = i64::try_from(purpose.matches('.').count()).unwrap_or_default();
        let at = match consent.facts.get("consent.given_at") {
            Some(Value::Instant(at)) => *at,
            _ => self.case.now()? - DAY + depth,
        };
        if status == "none" {
            return Ok(());
        }
        if matches!(status.as_str(), "renewed" | "expired" | "terminated" | "invalidated") {
            self.add(purpose, channel, "given", at - 1, consent)?;
        }
        self.add(purpose, channel, status, at, consent)?;
        if consent.facts.get("consent.confirmed") == Some(&Value::Boolean(true)) {
            self.add(purpose, channel, "confirmed", at, consent)?;
        }
        Ok(())
    }

    fn add(&mut self, purpose: &str, channel: &str, state: &str, at: i64, consent: &Consent) -> Result<(), String> {
        let is = |name: &str| consent.facts.get(name) == Some(&Value::Boolean(true));
        let proof = if is("consent.proven") { Value::text("on file") } else { Value::Null };
        let text = |name: &str| match consent.facts.get(name) {
            Some(Value::Text(text)) if !text.is_empty() => Value::text(text.as_str()),
            _ => Value::Null,
        };
        let method = text("consent.method");
        let notice = match text("consent.notice") {
            Value::Null => proof.clone(),
            notice => notice,
        };
        let mut record = blank(self.case, &format!("event-{}", self.events.len()))?;
        record.values = [
            ("contact_id", Value::text(self.subject)),
            ("purpose", Value::text(purpose)),
            ("channel", Value::text(channel)),
            ("state", Value::text(state)),
            ("happened_at", Value::Instant(at)),
            ("wording", proof.clone()),
            ("notice_version", notice),
            ("given_by", text("consent.given_by")),
            ("conditionality", Value::text(if is("consent.conditional") { "conditional" } else { "free" })),
            ("explicit", Value::Boolean(is("consent.explicit"))),
            ("method", method),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        self.events.push(record);
        Ok(())
    }
}
