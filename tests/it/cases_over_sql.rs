//! The case files of every shipped policy a third time: rules out of the sandbox, a real record with real
//! rows behind its facts, and a database that says of each condition whether it is true. What comes out
//! must be what the cases expect, on SQLite and on PostgreSQL, and the guard must do it to a page.
//!
//! A case whose facts no rows can make true fails, unless it says why (`over_sql = "..."`); and one that
//! says so although rows can fails too.

mod rows;

use std::sync::Arc;

use garant_domain::catalog::{Catalog, Entity};
use garant_domain::query::{FieldTest, Filter, Guard, Guards, MaskRule, Page, Query, Rows};
use garant_domain::rule::{Cond, Hook, Mask, Rule};
use garant_domain::value::Value;
use garant_plugin_testkit::{Case, Joined, Judged, check_codes, compare};
use garant_policy::{Engine, Limits};
use garant_store::{AddressKey, Durability, Store, StoreConfig};
use garant_testkit::{Backend, TestDatabase};

use crate::cases::{codes, planned, shipped_cases, with_custom};

/// Conditions of one statement.
const CONDITIONS: usize = 25;

/// A case with the rules that it is judged by.
struct Run {
    name: String,
    case: Case,
    rules: Vec<Rule>,
}

/// What the sandbox answers to every case, and the catalogue with every field that a case adds.
async fn runs() -> (Vec<Run>, Arc<Catalog>) {
    let engine = Engine::new(Limits::standard()).expect("an engine");
    let mut runs = vec![];
    let mut entities = Catalog::standard().expect("the catalogue").entities;
    for (id, cases) in shipped_cases() {
        let shipped = garant::shipped_plugins().into_iter().find(|shipped| shipped.id == id).expect("a plugin");
        for case in cases {
            let catalog = Arc::new(with_custom(&case, Catalog::standard().expect("the catalogue")));
            let plugin = engine.load(&shipped.bytes, Arc::clone(&catalog)).await.expect("a plugin");
            let name = format!("{id}: {}", case.name);
            // What a plugin says of the record itself, and what it cannot plan, is held by the other runs.
            if let Ok(Some(rules)) = planned(&plugin, &catalog, &case).await {
                check_codes(&rules, &codes(&plugin)).expect("known codes");
                add_fields(&mut entities, &case);
                runs.push(Run { name, case, rules });
            }
        }
    }
    (runs, Arc::new(Catalog::new(entities).expect("a catalogue")))
}

fn add_fields(entities: &mut [Entity], case: &Case) {
    let Some(entity) = entities.iter_mut().find(|entity| entity.name == case.entity) else { return };
    for field in &case.custom {
        match entity.field(&field.name) {
            Some(known) => assert_eq!(known.ty, field.ty, "two cases add `{}` with two types", field.name),
            None => entity.fields.push(field.clone()),
        }
    }
}

/// A database with the tenant of one case.
struct Base<'a> {
    store: &'a Store,
    catalog: &'a Catalog,
    tenant: String,
}

/// Runs every case on a database; answers how many ran.
async fn over(backend: Backend) -> usize {
    let (runs, catalog) = runs().await;
    let database = TestDatabase::create(backend).await;
    let config = StoreConfig {
        url: database.url.clone(),
        durability: Durability::Normal,
        max_connections: 2,
        address_key: AddressKey::derived(&[1; 32]),
    };
    let store = Store::connect(&config, Arc::clone(&catalog)).await.expect("a store");
    let (mut ran, mut failures) = (0, vec![]);
    for (index, run) in runs.iter().enumerate() {
        // Each case has a tenant of its own: nothing of another is there.
        let base = Base { store: &store, catalog: &catalog, tenant: format!("case-{index}") };
        let made = rows::make(&store, &base.tenant, &catalog, &run.case).await;
        match (made, &run.case.over_sql) {
            (Ok(record), None) => match outcome(&base, run, &record).await {
                Ok(()) => ran += 1,
                Err(error) => failures.push(format!("{}: {error}", run.name)),
            },
            (Err(error), None) => failures.push(format!("{}: {error}", run.name)),
            (Ok(_), Some(_)) => failures.push(format!("{}: rows make its facts true; drop `over_sql`", run.name)),
            (Err(_), Some(_)) => {}
        }
    }
    store.close().await;
    let excused = runs.iter().filter(|run| run.case.over_sql.is_some()).count();
    assert!(
        failures.is_empty(),
        "{} of {} cases differ over SQL:\n{}",
        failures.len(),
        runs.len(),
        failures.join("\n")
    );
    assert!(excused * 8 < runs.len(), "{excused} of {} cases say that they cannot run over SQL", runs.len());
    ran
}

async fn outcome(base: &Base<'_>, run: &Run, record: &str) -> Result<(), String> {
    let joined = Joined::new(&run.case, &run.rules)?;
    let mut truths: Vec<(Cond, Option<bool>)> = vec![];
    for conditions in joined.conditions().chunks(CONDITIONS) {
        let conditions: Vec<Cond> = conditions.iter().map(|cond| (*cond).clone()).collect();
        let found = truths_of(base, &run.case.entity, record, &conditions).await?;
        truths.extend(conditions.into_iter().zip(found));
    }
    let truth = |cond: &Cond| truths.iter().find(|(known, _)| known == cond).and_then(|(_, truth)| *truth);
    let judged = joined.outcome(&run.case, &truth);
    compare(&run.case, &judged)?;
    if matches!(run.case.hook, Hook::Read | Hook::Transfer) && judged.effect != "refuse" {
        page(base, run, record, joined.guard(), &judged).await?;
    }
    Ok(())
}

/// What the database says of conditions over one record. They travel as masks, each with its negation, so
/// that true, false and unknown are told apart.
async fn truths_of(
    base: &Base<'_>,
    entity: &str,
    record: &str,
    conditions: &[Cond],
) -> Result<Vec<Option<bool>>, String> {
    let field = some_field(base, entity);
    let rule = |when: Cond| MaskRule { fields: vec![field.clone()], mask: Mask::None, when, reason: 0 };
    let both = |cond: &Cond| [rule(cond.clone()), rule(Cond::Not(Box::new(cond.clone())))];
    let guard = Guard { masks: conditions.iter().flat_map(both).collect(), ..Guard::default() };
    let rows = read(base, entity, record, vec![field.clone()], guard).await?;
    let row = rows.rows.first().ok_or("the record is not there")?;
    let truth = |bitten: &[bool]| match bitten {
        [false, _] => Some(false),
        [true, false] => Some(true),
        _ => None,
    };
    Ok(row.bitten.chunks_exact(2).map(truth).collect())
}

/// The guard itself: a hidden record is no row, a masked field is null where it holds something.
async fn page(base: &Base<'_>, run: &Run, record: &str, guard: &Guard, judged: &Judged) -> Result<(), String> {
    let (fields, _) = run.case.mentioned();
    let known = base.catalog.entity(&run.case.entity).ok_or("no such entity")?;
    let fields: Vec<String> =
        fields.into_iter().filter(|name| known.field(name).is_some()).map(str::to_owned).collect();
    let open = read(base, &run.case.entity, record, fields.clone(), Guard::default()).await?;
    let shown = read(base, &run.case.entity, record, fields.clone(), guard.clone()).await?;
    let hidden = judged.effect == "hide";
    if shown.rows.is_empty() != hidden {
        return Err(format!("{} rows in a page, and the effect is {}", shown.rows.len(), judged.effect));
    }
    let (Some(open), Some(shown)) = (open.rows.first(), shown.rows.first()) else { return Ok(()) };
    for ((name, was), is) in fields.iter().zip(&open.values).zip(&shown.values) {
        let masked = judged.effect == "mask" && judged.fields.contains(name);
        let right = if masked { is.is_null() || is != was } else { is == was };
        if !right {
            return Err(format!("`{name}` is shown wrongly in a page (masked: {masked})"));
        }
    }
    Ok(())
}

fn some_field(base: &Base<'_>, entity: &str) -> String {
    base.catalog.entity(entity).and_then(|entity| entity.fields.first()).expect("a field").name.clone()
}

async fn read(base: &Base<'_>, entity: &str, record: &str, fields: Vec<String>, guard: Guard) -> Result<Rows, String> {
    let query = Query {
        entity: entity.to_owned(),
        fields,
        filter: Some(Filter::Field("id".to_owned(), FieldTest::Eq(Value::text(record)))),
        page: Page { limit: 1, ..Page::default() },
        ..Query::default()
    };
    let mut guards: Guards = base.catalog.entities.iter().map(|entity| (entity.name.clone(), Arc::default())).collect();
    guards.insert(entity.to_owned(), Arc::new(guard));
    base.store.page(&base.tenant, &query, &guards).await.map_err(|error| format!("{error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_has_the_same_outcome_over_sqlite() {
    let ran = over(Backend::Sqlite).await;
    assert!(ran > 250, "only {ran} cases");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_has_the_same_outcome_over_postgres() {
    if TestDatabase::postgres_or_skip("every_case_has_the_same_outcome_over_postgres").await {
        let ran = over(Backend::Postgres).await;
        assert!(ran > 250, "only {ran} cases");
    }
}
