//! What the sandbox costs: a plan from the cache, a plan by a fresh instance of each shipped plugin,
//! and judging 1,000 rows at once beside the same decisions one record at a time as JSON.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use garant_domain::catalog::Catalog;
use garant_domain::chain::{self, Graph};
use garant_domain::context::{ATTRIBUTES, RegisterTable};
use garant_domain::rule::Hook;
use garant_domain::value::Value;
use garant_policy::{
    Column, ColumnData, Configured, Engine, JudgeCall, JudgeRequest, Limits, PlanRequest, Plugin, ReferenceTable,
};
use garant_testkit::guest::image::{Effect, Judge, Manifest, Plan, Selector};
use garant_testkit::guest::{Guest, configure};
use tokio::runtime::Runtime;

/// Rows that are judged.
const ROWS: usize = 1_000;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn catalog() -> Arc<Catalog> {
    Arc::new(Catalog::standard().expect("the catalogue"))
}

/// A plugin with default settings.
async fn load(engine: &Arc<Engine>, bytes: &[u8]) -> (Arc<Plugin>, Arc<Configured>) {
    let plugin = engine.load(bytes, catalog()).await.expect("a plugin");
    let configured = configure(&plugin).await.expect("settings");
    (plugin, configured)
}

/// Everything that the host knows of a request for marketing, as it is given to every plugin.
fn request(plugin: &Plugin) -> PlanRequest {
    let value = |name: &str| match name {
        "purpose.key" => Value::text("marketing"),
        "purpose.legal_basis" => Value::text("A6-1-a"),
        "purpose.direct_marketing" => Value::Boolean(true),
        "actor.role" => Value::text("marketing"),
        "actor.country" => Value::text("FR"),
        "channel" => Value::text("email"),
        // A processor in a third country, under clauses: the longest way through the policy of transfers.
        "recipient.present" | "recipient.mechanism_complete" => Value::Boolean(true),
        "recipient.plaintext_needed" => Value::Boolean(false),
        "recipient.role" => Value::text("processor"),
        "recipient.country" => Value::text("US"),
        "recipient.mechanism" => Value::text("scc"),
        "recipient.mechanism_module" => Value::text("2"),
        "recipient.assessment" => Value::text("positive"),
        "recipient.key_holder" => Value::text("customer"),
        _ => Value::Null,
    };
    let references = plugin.manifest().references.iter().map(|name| Arc::new(table(name))).collect();
    let attributes = ATTRIBUTES.iter().map(|(name, _)| ((*name).to_owned(), value(name))).collect();
    PlanRequest { hook: Hook::Read, entity: "contact".to_owned(), attributes, references }
}

/// A reference table of the repository, or a register without records.
fn table(name: &str) -> ReferenceTable {
    if name == chain::NAME {
        let RegisterTable { columns, rows, .. } = chain::table(&Graph::from_tables(&[]), &[], 0);
        return ReferenceTable::new(name, columns, rows).expect("a table");
    }
    if let Some(register) = catalog().entity(name) {
        let columns = ["id".to_owned()].into_iter().chain(register.fields.iter().map(|field| field.name.clone()));
        return ReferenceTable::new(name, columns.collect(), vec![]).expect("a table");
    }
    let file = format!("{}/../service/reference/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(&file).expect(name);
    let columns = reader.headers().expect(name).iter().map(str::to_owned).collect();
    let cell = |cell: &str| if cell.is_empty() { Value::Null } else { Value::text(cell) };
    let rows = reader.records().map(|row| row.expect(name).iter().map(cell).collect()).collect();
    ReferenceTable::new(name, columns, rows).expect("a table")
}

fn plans(criterion: &mut Criterion) {
    let runtime = runtime();
    let cached = Engine::new(Limits::standard()).expect("an engine");
    // A cache for nothing: each plan takes a fresh instance.
    let fresh = Engine::new(Limits { cached_nodes: 0, ..Limits::standard() }).expect("an engine");
    for shipped in garant::shipped_plugins() {
        for (what, engine) in [("cached", &cached), ("fresh instance", &fresh)] {
            let (plugin, configured) = runtime.block_on(load(engine, &shipped.bytes));
            let mut request = request(&plugin);
            if !plugin.manifest().covers(request.hook, &request.entity) {
                request.hook = plugin.manifest().hooks[0];
            }
            criterion.bench_function(&format!("plan, {what}/{}", shipped.id), |bencher| {
                let plan = || async { plugin.plan(&configured, black_box(&request)).await.expect("a plan") };
                bencher.to_async(&runtime).iter(plan);
            });
        }
    }
    let stats = fresh.stats();
    assert_eq!((stats.plan_hits, stats.cached_plans), (0, 0), "the engine without a cache cached");
}

fn judging(criterion: &mut Criterion) {
    let runtime = runtime();
    let engine = Engine::new(Limits::standard()).expect("an engine");
    let guest = |code, fields: &[&str]| {
        let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
        let judge = Judge {
            fields: fields.clone(),
            facts: vec![],
            verdicts: vec![(Effect::Mask, vec![Selector::Personal], "TST-01")],
        };
        let plan = Plan { judge: Some(judge), ..Plan::default() };
        Guest { manifest: Manifest { fields, ..Manifest::default() }, plan, ..Guest::doing(code) }
    };
    let numbers = || (0..ROWS as i64).map(|row| row * 7_919 % 1_000).collect::<Vec<_>>();
    let expected: Vec<u8> = numbers().iter().map(|number| u8::from(*number < 500)).collect();

    let columns = guest(include_str!("../../testkit/guests/honest/judge_numbers.wat"), &["own_customer", "version"]);
    let (plugin, configured, judge) = runtime.block_on(prepared(&engine, &columns));
    let column = |name: &str, data| Column { name: name.to_owned(), present: vec![true; ROWS], data };
    let page = || {
        let flags = ColumnData::Integers(vec![1; ROWS]);
        call(vec![column("own_customer", flags), column("version", ColumnData::Integers(numbers()))], ROWS)
    };
    let verdicts = runtime.block_on(plugin.judge(&configured, &judge, page())).expect("verdicts");
    assert_eq!(verdicts, expected);
    criterion.bench_function("judge/1,000 rows as columns", |bencher| {
        let judged = || async { plugin.judge(&configured, &judge, page()).await.expect("verdicts") };
        bencher.to_async(&runtime).iter(judged);
    });

    let records = guest(include_str!("../../testkit/guests/honest/judge_json.wat"), &["country"]);
    let (plugin, configured, judge) = runtime.block_on(prepared(&engine, &records));
    let one_by_one = || async {
        let mut verdicts = Vec::with_capacity(ROWS);
        for number in numbers() {
            let record = serde_json::json!({ "ownCustomer": true, "version": number }).to_string();
            let data = ColumnData::Texts(vec![record]);
            let column = Column { name: "country".to_owned(), present: vec![true], data };
            verdicts.extend(plugin.judge(&configured, &judge, call(vec![column], 1)).await.expect("a verdict"));
        }
        verdicts
    };
    assert_eq!(runtime.block_on(one_by_one()), expected);
    let mut group = criterion.benchmark_group("judge");
    group.sample_size(20);
    group.bench_function("1,000 records one at a time as JSON", |bencher| {
        bencher.to_async(&runtime).iter(one_by_one);
    });
    group.finish();
}

async fn prepared(engine: &Arc<Engine>, guest: &Guest) -> (Arc<Plugin>, Arc<Configured>, JudgeRequest) {
    let (plugin, configured) = load(engine, &guest.module()).await;
    let request = PlanRequest { references: vec![], ..request(&plugin) };
    let plan = plugin.plan(&configured, &request).await.expect("a plan");
    (plugin, configured, plan.judge.clone().expect("a wish to judge"))
}

fn call(columns: Vec<Column>, rows: usize) -> JudgeCall {
    JudgeCall { hook: Hook::Read, entity: "contact".to_owned(), attributes: vec![], columns, rows }
}

criterion_group!(benches, plans, judging);
criterion_main!(benches);
