//! Plans: what a guest is given, and when it need not be asked again.

use std::sync::Arc;

use garant_domain::catalog::Catalog;
use garant_domain::context::{ATTRIBUTES, BOUND_ATTRIBUTES};
use garant_domain::rule::Hook;
use garant_domain::value::Value;
use garant_policy::{Engine, Limits, PlanRequest, PluginError, ReferenceTable};

use crate::guest::{Guest, configure, engine, limits, read};
use crate::image::Manifest;

#[tokio::test]
async fn a_guest_is_given_what_it_declared_and_nothing_else() {
    let guest = Guest::doing(include_str!("../../../testkit/guests/honest/echo_context.wat"));
    let error = guest.decide(&engine()).await.unwrap_err();
    assert_eq!(error, PluginError::PluginSaid { message: "marketing".to_owned() });
}

#[tokio::test]
async fn a_plan_is_made_once_per_declared_context() {
    let engine = Engine::new(limits()).unwrap();
    let entities = vec!["contact".to_owned(), "company".to_owned()];
    let manifest = Manifest { entities, ..Manifest::default() };
    let plugin = Guest { manifest, ..Guest::default() }.load(&engine).await.unwrap();
    let configured = configure(&plugin).await.unwrap();
    let ask = async |request| plugin.plan(&configured, &request).await.unwrap();
    let counts = || (engine.stats().plan_hits, engine.stats().plan_misses);

    let first = ask(read("marketing")).await;
    assert_eq!(counts(), (0, 1));
    let mut other_role = read("marketing");
    other_role.attributes[1].1 = Value::text("support");
    assert!(Arc::ptr_eq(&first, &ask(other_role).await), "an undeclared attribute must not count");
    assert_eq!(counts(), (1, 1));

    ask(read("billing")).await;
    ask(PlanRequest { hook: Hook::Transfer, ..read("marketing") }).await;
    ask(PlanRequest { entity: "company".to_owned(), ..read("marketing") }).await;
    assert_eq!(counts(), (1, 4), "each of these is another context");

    let other_settings = plugin.configure(r#"{"days": 3}"#).await.unwrap();
    plugin.plan(&other_settings, &read("marketing")).await.unwrap();
    assert_eq!(counts(), (1, 5), "other settings, another plan");
}

/// The guest repeats every name and value that reaches it, so whatever could influence it is heard.
#[tokio::test]
async fn an_undeclared_attribute_cannot_influence_a_plan() {
    const TELL: &str = include_str!("../../../testkit/guests/hostile/tell_attributes.wat");
    let marked = |name: &str| (name.to_owned(), Value::text(format!("<{name}>")));
    let everything = || PlanRequest {
        attributes: ATTRIBUTES.iter().chain(BOUND_ATTRIBUTES).map(|(name, _)| marked(name)).collect(),
        ..read("marketing")
    };
    let said = async |declared: &[&str], request: PlanRequest| {
        let attributes = declared.iter().map(ToString::to_string).collect();
        let guest = Guest { manifest: Manifest { attributes, ..Manifest::default() }, ..Guest::doing(TELL) };
        let plugin = guest.load(&engine()).await.unwrap();
        match plugin.plan(&configure(&plugin).await.unwrap(), &request).await.unwrap_err() {
            PluginError::PluginSaid { message } => message,
            other => panic!("{other}"),
        }
    };
    assert_eq!(said(&[], everything()).await, "");
    for (name, _) in ATTRIBUTES {
        assert_eq!(said(&[name], everything()).await, format!("{name}=<{name}>;"));
    }
    // Declared but not given: null, not somebody else's value.
    assert_eq!(said(&["actor.role"], PlanRequest { attributes: vec![], ..everything() }).await, "actor.role=;");
}

#[tokio::test]
async fn another_catalogue_is_another_key() {
    let engine = Engine::new(limits()).unwrap();
    let guest = Guest::default();
    let mut entities = crate::guest::catalog().entities.clone();
    entities[0].label.en.push('!');
    let other = Arc::new(Catalog::new(entities).unwrap());
    for (catalog, misses) in [(crate::guest::catalog(), 1), (other, 2), (crate::guest::catalog(), 2)] {
        let plugin = engine.load(&guest.module(), catalog).await.unwrap();
        plugin.plan(&configure(&plugin).await.unwrap(), &read("marketing")).await.unwrap();
        assert_eq!(engine.stats().plan_misses, misses);
    }
}

#[tokio::test]
async fn the_cache_is_bounded() {
    let engine = Engine::new(Limits { cached_nodes: 200, ..limits() }).unwrap();
    let plugin = Guest::default().load(&engine).await.unwrap();
    let configured = configure(&plugin).await.unwrap();
    for time in 0..200 {
        plugin.plan(&configured, &read(&time.to_string())).await.unwrap();
    }
    let stats = engine.stats();
    assert_eq!(stats.plan_misses, 200);
    // A plan of one rule weighs more than ten nodes.
    assert!(stats.cached_plans < 20, "{} plans in a cache for 200 nodes", stats.cached_plans);
}

#[tokio::test]
async fn a_failed_plan_is_asked_again() {
    let engine = Engine::new(limits()).unwrap();
    let guest = Guest::doing(include_str!("../../../testkit/guests/hostile/trap_in_plan.wat"));
    let plugin = guest.load(&engine).await.unwrap();
    let configured = configure(&plugin).await.unwrap();
    for _ in 0..2 {
        assert_eq!(plugin.plan(&configured, &read("marketing")).await.unwrap_err().code(), "TRAP");
    }
    assert_eq!(engine.stats().plan_misses, 2);
}

#[tokio::test]
async fn declared_tables_are_needed_and_count() {
    let engine = Engine::new(limits()).unwrap();
    let manifest = Manifest { references: vec!["territories".to_owned()], ..Manifest::default() };
    let plugin = Guest { manifest, ..Guest::default() }.load(&engine).await.unwrap();
    let configured = configure(&plugin).await.unwrap();
    let table = |iso: &str| {
        let columns = vec!["iso".to_owned(), "area".to_owned()];
        let rows = vec![vec![Value::text(iso), Value::text("EEA")]];
        Arc::new(ReferenceTable::new("territories", columns, rows).unwrap())
    };
    let missing = plugin.plan(&configured, &read("marketing")).await.unwrap_err();
    assert_eq!(missing.code(), "BAD_REQUEST");

    for iso in ["FR", "DE", "FR"] {
        let references = vec![table(iso)];
        plugin.plan(&configured, &PlanRequest { references, ..read("marketing") }).await.unwrap();
    }
    let stats = engine.stats();
    assert_eq!((stats.plan_hits, stats.plan_misses), (1, 2));
}

#[tokio::test]
async fn a_ragged_table_is_refused() {
    let error = ReferenceTable::new("t", vec!["a".to_owned()], vec![vec![]]).unwrap_err();
    assert_eq!(error.code(), "BAD_REQUEST");
}

#[tokio::test]
async fn a_plugin_is_asked_only_where_it_has_rules() {
    let manifest = Manifest { hooks: vec![0], ..Manifest::default() };
    let plugin = Guest { manifest, ..Guest::default() }.load(&engine()).await.unwrap();
    let configured = configure(&plugin).await.unwrap();
    assert!(plugin.manifest().covers(Hook::Read, "contact"));
    assert!(!plugin.manifest().covers(Hook::Write, "contact"));
    for request in [
        PlanRequest { hook: Hook::Write, ..read("marketing") },
        PlanRequest { entity: "purpose".to_owned(), ..read("marketing") },
    ] {
        assert_eq!(plugin.plan(&configured, &request).await.unwrap_err().code(), "UNDECLARED");
    }
}

#[tokio::test]
async fn settings_belong_to_one_plugin() {
    let one = Guest::default().load(&engine()).await.unwrap();
    let manifest = Manifest { id: "other".to_owned(), ..Manifest::default() };
    let other = Guest { manifest, ..Guest::default() }.load(&engine()).await.unwrap();
    let error = other.plan(&configure(&one).await.unwrap(), &read("marketing")).await.unwrap_err();
    assert_eq!(error.code(), "BAD_REQUEST");
}

#[tokio::test]
async fn the_same_component_keeps_its_digest() {
    let plugin = Guest::default().load(&engine()).await.unwrap();
    let again = engine().load(plugin.component(), crate::guest::catalog()).await.unwrap();
    assert_eq!(plugin.digest(), again.digest());
    assert_eq!(plugin.digest().len(), 64);
}
