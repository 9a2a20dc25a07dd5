//! What policies cost a page: 200,000 contacts and 400,000 consents on SQLite and on PostgreSQL, the
//! whole way of a request (begin, decide, select, log, review). Servers over copies of one database,
//! which differ in their policies only, answer in turn; what is printed are ratios of such pairs.
//!
//! The hand-written SQL of `hand/` takes the table's place in a copy without policies: it shows the
//! same rows and the same fields, through the same layers. That it does is checked before anything
//! is measured.

mod copies;
mod data;

use std::sync::Arc;
use std::time::Instant;

use garant_bench::{median, ratio};
use garant_domain::context::Actor;
use garant_domain::query::{FieldTest, Filter, Order, Page, Query};
use garant_domain::value::Value;
use garant_policy::{Engine, Limits};
use garant_service::{Caller, ReviewedPage, UnitRequest};
use garant_testkit::{Backend, TENANT, TestApp};

/// Pairs of each comparison.
const PAIRS: usize = 201;
const FIELDS: [&str; 5] = ["first_name", "last_name", "email", "phone", "country"];

/// A server over a copy of the data.
struct Variant {
    name: String,
    app: TestApp,
}

/// What is asked.
#[derive(Clone, Copy)]
struct Ask {
    purpose: &'static str,
    role: &'static str,
    channel: Option<&'static str>,
    limit: u32,
}

fn caller(role: &str) -> Caller {
    Caller {
        tenant: TENANT.to_owned(),
        actor: Actor { id: "bench".to_owned(), role: role.to_owned(), country: Some("FR".to_owned()) },
        name: "bench".to_owned(),
        recipient: None,
        default_purpose: None,
        access: garant_service::Access::default(),
    }
}

async fn page(variant: &Variant, ask: Ask) -> ReviewedPage {
    let channel = ask.channel.map(str::to_owned);
    let request = UnitRequest { purposes: vec![ask.purpose.to_owned()], channel };
    let unit = variant.app.service.begin(&caller(ask.role), request).await.expect("a unit");
    let query = Query {
        entity: "contact".to_owned(),
        fields: FIELDS.map(str::to_owned).to_vec(),
        filter: Some(Filter::Field("country".to_owned(), FieldTest::Eq(Value::text("FR")))),
        order: vec![Order { field: "last_name".to_owned(), descending: false, nulls_first: false }],
        page: Page { limit: ask.limit, ..Page::default() },
        ..Query::default()
    };
    unit.page(query).await.expect("a page")
}

/// What a page shows.
fn shown(page: &ReviewedPage) -> Vec<(String, Vec<Value>)> {
    let value = |field: &str, row: &garant_service::ReviewedRow| row.get(field).clone();
    page.rows.iter().map(|row| (row.id().to_owned(), FIELDS.map(|field| value(field, row)).to_vec())).collect()
}

async fn variants(backend: Backend, engine: &Arc<Engine>) -> Vec<Variant> {
    let shipped = garant::shipped_plugins();
    let all = shipped.len();
    let original = TestApp::start_on(backend, shipped.clone(), engine).await;
    data::fill(&original).await;
    original.store.close().await;
    let mut variants = Vec::new();
    for (name, count, by_hand) in
        [("0", 0, false), ("1", 1, false), ("3", 3, false), ("all", all, false), ("by hand", 0, true)]
    {
        let copy = original.database.copy().await;
        // A tenant without a policy set starts with the plugins that ship.
        copies::forget_policies(&copy).await;
        let app = TestApp::over(copy, shipped[..count].to_vec(), engine).await;
        if by_hand {
            copies::by_hand(&app).await;
        }
        let name = if by_hand { name.to_owned() } else { format!("{name} policies ({count})") };
        variants.push(Variant { name, app });
    }
    variants
}

/// Milliseconds of each variant, in turn.
async fn measure(variants: &[&Variant], ask: Ask, pairs: usize) -> Vec<Vec<f64>> {
    let mut samples = vec![Vec::with_capacity(pairs); variants.len()];
    for round in 0..pairs + 5 {
        for offset in 0..variants.len() {
            // Whoever goes first has the colder caches, so the first place goes round.
            let index = (round + offset) % variants.len();
            let started = Instant::now();
            let page = page(variants[index], ask).await;
            let took = started.elapsed();
            assert_eq!(page.rows.len(), ask.limit as usize);
            if round >= 5 {
                samples[index].push(took.as_secs_f64() * 1e3);
            }
        }
    }
    samples
}

async fn compare(backend: Backend, variants: &[&Variant], ask: Ask) {
    // The first place is what the others are compared with.
    let pairs = if ask.limit > 100 { PAIRS / 4 } else { PAIRS };
    let samples = measure(variants, ask, pairs).await;
    println!("\n{backend:?}, page of {} for `{}`, {pairs} pairs", ask.limit, ask.purpose);
    for (variant, times) in variants.iter().zip(&samples) {
        println!("  {:<18} {:.3} ms   ratio {:.3}", variant.name, median(times), ratio(times, &samples[0]));
    }
}

async fn run(backend: Backend) {
    let engine = Engine::new(Limits::standard()).expect("an engine");
    let variants = variants(backend, &engine).await;
    let [none, one, three, all, hand] = variants.as_slice() else { unreachable!("five variants") };
    for limit in [50, 1_000] {
        let sales = Ask { purpose: "sales", role: "sales", channel: None, limit };
        compare(backend, &[none, one, three, all], sales).await;
        let marketing = Ask { purpose: "marketing", role: "marketing", channel: Some("email"), limit };
        let (decided, written) = (shown(&page(all, marketing).await), shown(&page(hand, marketing).await));
        assert_eq!(decided, written, "the hand-written SQL shows other rows or fields");
        compare(backend, &[hand, one, three, all, none], marketing).await;
    }
    if std::env::var_os("GARANT_BENCH_KEEP").is_some() {
        println!("all: {}  by hand: {}", all.app.database.url, hand.app.database.url);
        std::thread::sleep(std::time::Duration::from_secs(600));
    }
}

fn main() {
    garant_bench::on_named_databases(|name| async move {
        run(if name == "sqlite" { Backend::Sqlite } else { Backend::Postgres }).await;
    });
}
