//! What a server bears: requests per second and the slowest of a hundred, on 200,000 contacts with every
//! shipped policy on and the decision log written, through the real router; in turn with the same data
//! asked for by SQL over sqlx, which decides nothing and logs nothing. `cargo bench --bench requests`, or
//! with the name of a database.

#[path = "../pages/data.rs"]
mod data;
mod hand;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use garant_bench::{median, ratio};
use garant_domain::value::Value;
use garant_policy::{Engine, Limits};
use garant_testkit::{Actor, Backend, TestApp};
use serde_json::{Value as Json, json};

use hand::Hand;

/// Clients at once, each of which waits for its answer.
const CLIENTS: u64 = 8;
/// How often the two sides take turns, and for how long each.
const ROUNDS: usize = 7;
const TURN: Duration = Duration::from_millis(1_500);
/// Deals, a few for each of the first contacts.
const DEALS: u32 = 60_000;

const FIELDS: &str = "firstName lastName email phone country";

/// What is asked for, as GraphQL and as SQL.
struct Task {
    name: &'static str,
    graphql: String,
    sql: &'static [&'static str],
    /// Whether an answer is what was asked for.
    holds: fn(&Json) -> bool,
}

fn tasks() -> Vec<Task> {
    let page = "first: 50, filter: {country: {eq: \"FR\"}}, orderBy: [{lastName: AscNullsLast}]";
    vec![
        Task {
            name: "contact by id",
            graphql: format!("query($id: ID!) {{ contact(id: $id) {{ {FIELDS} }} }}"),
            sql: &["SELECT first_name, last_name, email, phone, country FROM contact WHERE tenant_id = 'test' AND id = $1 AND deleted_at IS NULL"],
            holds: |data| data.pointer("/contact/lastName").is_some_and(Json::is_string),
        },
        Task {
            name: "page of 50",
            graphql: format!("{{ contacts({page}) {{ nodes {{ {FIELDS} }} }} }}"),
            sql: &[PAGE],
            holds: |data| data.pointer("/contacts/nodes/49/lastName").is_some_and(Json::is_string),
        },
        Task {
            name: "page of 50 with its count",
            graphql: format!("{{ contacts({page}) {{ totalCount nodes {{ {FIELDS} }} }} }}"),
            sql: &[PAGE, "SELECT count(id) FROM contact WHERE tenant_id = 'test' AND country = 'FR' AND deleted_at IS NULL"],
            holds: |data| data.pointer("/contacts/totalCount").and_then(Json::as_u64).is_some_and(|total| total > 50),
        },
        Task {
            name: "20 contacts with 10 deals each",
            graphql: "{ contacts(first: 20, orderBy: [{email: AscNullsLast}]) { nodes { lastName deals(first: 10) { nodes { name stage } } } } }".to_owned(),
            sql: &[
                "SELECT id, last_name FROM contact WHERE tenant_id = 'test' AND deleted_at IS NULL ORDER BY email_fold, id LIMIT 21",
                "SELECT contact_id, name, stage FROM (SELECT contact_id, name, stage, row_number() OVER (PARTITION BY contact_id ORDER BY id) AS place FROM deal
                 WHERE tenant_id = 'test' AND deleted_at IS NULL AND contact_id IN (SELECT id FROM contact WHERE tenant_id = 'test' AND deleted_at IS NULL ORDER BY email_fold, id LIMIT 20)) AS deals WHERE place <= 11",
            ],
            holds: |data| data.pointer("/contacts/nodes/19/deals/nodes").is_some_and(Json::is_array),
        },
        Task {
            name: "create a contact",
            graphql: "mutation { createContact(input: {lastName: \"Nouveau\", country: \"FR\"}) { id } }".to_owned(),
            sql: &["INSERT INTO contact (tenant_id, id, version, created_at, updated_at, last_name, last_name_fold, country) VALUES ('test', $1, 1, 0, 0, 'Nouveau', 'nouveau', 'FR')"],
            holds: |data| data.pointer("/createContact/id").is_some_and(Json::is_string),
        },
    ]
}

const PAGE: &str = "SELECT id, version, first_name, last_name, email, phone, country FROM contact
    WHERE tenant_id = 'test' AND country = 'FR' AND deleted_at IS NULL ORDER BY last_name_fold, id LIMIT 51";

/// Requests per second and milliseconds of the slowest of a hundred, over all turns.
#[derive(Default)]
struct Side {
    per_second: Vec<f64>,
    latencies: Vec<f64>,
}

impl Side {
    fn add(&mut self, latencies: Vec<f64>, took: Duration) {
        self.per_second.push(latencies.len() as f64 / took.as_secs_f64());
        self.latencies.extend(latencies);
    }

    fn slowest(&mut self) -> f64 {
        self.latencies.sort_by(f64::total_cmp);
        self.latencies.get(self.latencies.len() * 99 / 100).copied().unwrap_or_default()
    }
}

/// Lets clients ask until the turn is over; milliseconds of each answer.
async fn turn<F, G>(client: F) -> (Vec<f64>, Duration)
where
    F: Fn(u64) -> G,
    G: Future<Output = Vec<f64>> + Send + 'static,
{
    let started = Instant::now();
    let clients: Vec<_> = (0..CLIENTS).map(|number| tokio::spawn(client(number))).collect();
    let mut all = Vec::new();
    for client in clients {
        all.extend(client.await.expect("a client"));
    }
    (all, started.elapsed())
}

async fn compare(backend: Backend, app: &TestApp, actor: &Actor, task: &Task, next: &Arc<AtomicU64>) {
    let (mut garant, mut hand) = (Side::default(), Side::default());
    // One turn to warm up.
    for round in 0..=ROUNDS {
        let asked = turn(|_| {
            let (actor, next, graphql, holds) = (actor.clone(), Arc::clone(next), task.graphql.clone(), task.holds);
            async move {
                let (end, mut latencies) = (Instant::now() + TURN, Vec::new());
                while Instant::now() < end {
                    let started = Instant::now();
                    let answer = actor.send(&graphql, json!({ "id": some_contact(&next) })).await;
                    latencies.push(started.elapsed().as_secs_f64() * 1e3);
                    assert!(holds(&answer.body["data"]), "{}", answer.text);
                }
                latencies
            }
        })
        .await;
        let sent = turn(|_| {
            let (url, next, sql) = (app.database.url.clone(), Arc::clone(next), task.sql);
            async move {
                let mut hand = Hand::open(backend, &url).await;
                let (end, mut latencies) = (Instant::now() + TURN, Vec::new());
                while Instant::now() < end {
                    let started = Instant::now();
                    hand.send(sql, &some_contact(&next)).await;
                    latencies.push(started.elapsed().as_secs_f64() * 1e3);
                }
                latencies
            }
        })
        .await;
        if round > 0 {
            garant.add(asked.0, asked.1);
            hand.add(sent.0, sent.1);
        }
    }
    println!(
        "  {:<32} {:>8.0}/s p99 {:>8.2} ms   by hand {:>8.0}/s p99 {:>8.2} ms   ratio {:.3}",
        task.name,
        median(&garant.per_second).value,
        garant.slowest(),
        median(&hand.per_second).value,
        hand.slowest(),
        ratio(&garant.per_second, &hand.per_second),
    );
}

/// The id of one contact after the other; for a new record one that is not there yet.
fn some_contact(next: &AtomicU64) -> String {
    let number = next.fetch_add(1, Ordering::Relaxed);
    format!("c{}", 1 + number * 7_919 % u64::from(garant_bench::contacts()))
}

async fn fill_deals(app: &TestApp) {
    let contact = app.contact("Client", &[]).await;
    app.create(
        "deal",
        &[("name", Value::text("Seed")), ("contact_id", Value::text(contact)), ("stage", Value::text("won"))],
    )
    .await;
    let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {DEALS})");
    data::run(
        &app.database,
        &[
            format!(
                "INSERT INTO deal (tenant_id, id, version, created_at, updated_at, collected_at, collected_for, name, stage, contact_id)
                 {numbers} SELECT deal.tenant_id, 'd' || i, 1, deal.created_at, deal.updated_at, deal.collected_at, deal.collected_for, 'Deal ' || i, deal.stage,
                 'c' || (1 + i % 5000) FROM deal, n WHERE deal.name = 'Seed'"
            ),
        ],
    )
    .await;
    data::analyse(&app.database).await;
}

async fn run(backend: Backend) {
    let engine = Engine::new(Limits::standard()).expect("an engine");
    let app = TestApp::start_on(backend, garant::shipped_plugins(), &engine).await;
    data::fill(&app).await;
    fill_deals(&app).await;
    let actor = app.actor("sales").await.for_purpose("sales");
    println!(
        "\n{backend:?}, {} contacts, {CLIENTS} clients, {ROUNDS} turns of {TURN:?} each",
        garant_bench::contacts()
    );
    let next = Arc::new(AtomicU64::new(0));
    for task in tasks() {
        compare(backend, &app, &actor, &task, &next).await;
    }
}

fn main() {
    garant_bench::on_named_databases(|name| async move {
        run(if name == "sqlite" { Backend::Sqlite } else { Backend::Postgres }).await;
    });
}
