//! Filling an empty demo. Everything passes the import, so the policies see it like any other write.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use chrono::{DateTime, NaiveDate};
use garant_domain::context;
use garant_domain::query::{Page, Query};
use garant_service::import::{ImportRequest, Mapping, Reject, RejectSink};
use garant_service::{Caller, ReviewedRow, Service, UnitRequest, token_hash};
use garant_store::NewToken;

use super::relative;
use crate::token;

/// Records of one file, in the order in which they refer to each other.
struct Step {
    mapping: &'static str,
    rows: &'static str,
    role: &'static str,
    purposes: &'static [&'static str],
}

macro_rules! step {
    ($name:literal, $role:literal, $purposes:expr) => {
        Step {
            mapping: include_str!(concat!("../../../../examples/demo/", $name, ".toml")),
            rows: include_str!(concat!("../../../../examples/demo/", $name, ".csv")),
            role: $role,
            purposes: $purposes,
        }
    };
}

const STEPS: &[Step] = &[
    step!("purposes", "dpo", &[]),
    step!("assessments", "dpo", &[]),
    step!("legal_entities", "dpo", &[]),
    step!("ownerships", "dpo", &[]),
    step!("recipients", "dpo", &[]),
    step!("processing_links", "dpo", &[]),
    step!("companies", "sales", &[]),
    step!("contacts", "sales", &["sales"]),
    step!("consents", "sales", &["sales"]),
    step!("deals", "sales", &["sales"]),
    step!("activities", "sales", &["sales"]),
];

/// A person of the demo, or a client that works on behalf of a recipient.
struct Actor {
    name: &'static str,
    role: &'static str,
    country: &'static str,
    recipient: Option<&'static str>,
}

const fn person(role: &'static str) -> Actor {
    Actor { name: role, role, country: "FR", recipient: None }
}

const ACTORS: &[Actor] = &[
    person("sales"),
    person("marketing"),
    person("dpo"),
    person("admin"),
    person("support"),
    person("accountant"),
    person("counsel"),
    Actor { name: "mailer-us", role: "marketing", country: "US", recipient: Some("Brightsend Inc.") },
    Actor { name: "mailer-de", role: "marketing", country: "DE", recipient: Some("Postwerk GmbH") },
];

/// A token of the demo.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its name.
    pub name: &'static str,
    /// The secret.
    pub secret: String,
}

/// Fills the demo unless that was done before, and answers its tokens.
///
/// # Errors
///
/// If a record is refused: the demo's files and the policies do not fit each other.
pub async fn seed(service: &Arc<Service>, secret: &[u8; 32]) -> anyhow::Result<Vec<Token>> {
    let tokens: Vec<Token> =
        ACTORS.iter().map(|Actor { name, .. }| Token { name, secret: token::derived(secret, name) }).collect();
    // The tokens come last, so that a start which was killed is completed by the next.
    let done = match tokens.last() {
        Some(last) => service.authenticate(Some(&last.secret)).await.is_ok(),
        None => true,
    };
    if !done {
        let now = service.clock().now();
        let today = DateTime::from_timestamp_micros(now).context("the clock is out of range")?.date_naive();
        for step in STEPS {
            fill(service, step, today).await?;
        }
        put_tokens(service, &tokens, now).await?;
    }
    Ok(tokens)
}

async fn fill(service: &Arc<Service>, step: &Step, today: NaiveDate) -> anyhow::Result<()> {
    let mapping = Mapping::parse(step.mapping, service.catalog()).context("a mapping of the demo")?;
    let rows = dated(step.rows, today)?;
    let mut rejects = Refused(None);
    let report = service
        .import(
            &caller(service, step.role),
            ImportRequest {
                mapping: &mapping,
                reader: rows.as_slice(),
                purposes: step.purposes.iter().map(|&purpose| purpose.to_owned()).collect(),
                rejects: &mut rejects,
                progress: &mut |_| {},
            },
        )
        .await
        .with_context(|| format!("the demo's `{}`", mapping.entity))?;
    let Refused(first) = rejects;
    ensure!(report.rejected == 0, "the demo's `{}`: {}", mapping.entity, first.unwrap_or_default());
    Ok(())
}

/// The file with its relative dates made absolute.
fn dated(rows: &str, today: NaiveDate) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in csv::ReaderBuilder::new().has_headers(false).from_reader(rows.as_bytes()).records() {
        let cells: Result<Vec<String>, String> = record?.iter().map(|cell| relative::resolve(cell, today)).collect();
        writer.write_record(cells.map_err(anyhow::Error::msg)?)?;
    }
    writer.into_inner().context("the demo's rows")
}

async fn put_tokens(service: &Arc<Service>, tokens: &[Token], now: i64) -> anyhow::Result<()> {
    let recipients = recipients(service).await?;
    for (token, actor) in tokens.iter().zip(ACTORS) {
        let registered =
            |name: &str| recipients.get(name).cloned().with_context(|| format!("the demo's recipient {name}"));
        let new = NewToken {
            hash: token_hash(&token.secret),
            tenant: service.tenant().to_owned(),
            actor_id: format!("demo:{}", actor.name),
            name: actor.name.to_owned(),
            role: actor.role.to_owned(),
            country: Some(actor.country.to_owned()),
            recipient_id: actor.recipient.map(registered).transpose()?,
            // A client has one purpose; people name theirs.
            default_purpose: actor.recipient.map(|_| actor.role.to_owned()),
            ..NewToken::default()
        };
        service.store().put_token(&new, now).await.context("a token of the demo")?;
    }
    Ok(())
}

/// Ids of the registered recipients, by name.
async fn recipients(service: &Arc<Service>) -> anyhow::Result<HashMap<String, String>> {
    let unit = service.begin(&caller(service, "dpo"), UnitRequest::default()).await?;
    let query = Query {
        entity: "recipient".to_owned(),
        fields: vec!["name".to_owned()],
        page: Page { limit: 100, ..Page::default() },
        ..Query::default()
    };
    let named = |row: &ReviewedRow| Some((row.get("name").as_text()?.to_owned(), row.id().to_owned()));
    Ok(unit.page(query).await?.rows.iter().filter_map(named).collect())
}

fn caller(service: &Service, role: &str) -> Caller {
    Caller {
        tenant: service.tenant().to_owned(),
        actor: context::Actor { id: "demo:seed".to_owned(), role: role.to_owned(), country: Some("FR".to_owned()) },
        name: "demo".to_owned(),
        recipient: None,
        default_purpose: None,
        access: garant_service::Access::default(),
    }
}

/// Keeps the first reason: the demo's files are not supposed to have a bad row.
struct Refused(Option<String>);

impl RejectSink for Refused {
    fn reject(&mut self, _: &[String], row: &Reject) -> std::io::Result<()> {
        self.0.get_or_insert_with(|| format!("line {}: {}", row.line, row.reason));
        Ok(())
    }
}
