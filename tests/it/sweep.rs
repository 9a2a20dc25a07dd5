//! The sweep: each effect, each way to fail, again and again, killed, several at once, after a restore.

use garant_domain::value::Value;
use garant_service::{LedgerEntry, ShippedPlugin, SweepCount, SweepPreview, SweepView};
use garant_testkit::guest::Guest;
use garant_testkit::guest::image::{Effect, Node, Plan, Rule, Selector};
use garant_testkit::{TENANT, TestApp, instant, on_both_databases};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

mod commands;
mod kill;
mod restore;
mod trash;

/// What the only policy of a walk does to whoever lives in France.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Allow,
    MakeDormant,
    Anonymise,
    Erase,
    Hold,
    Trap,
    TimeOut,
}

fn in_country(country: &'static str) -> Vec<Node> {
    vec![Node::Field("country"), Node::Text(country), Node::Eq]
}

fn rule(when: Vec<Node>, effect: Effect) -> Rule {
    Rule { when, effect, target: vec![Selector::Row], code: "TST-01" }
}

/// A plugin that decides at the hook of retention alone.
fn plugin(entities: &[&str], rules: Vec<Rule>, code: &'static str) -> ShippedPlugin {
    let mut guest = Guest { plan: Plan { rules, ..Plan::default() }, ..Guest::doing(code) };
    guest.manifest.hooks = vec![3];
    guest.manifest.entities = entities.iter().map(|&entity| entity.to_owned()).collect();
    guest.manifest.fields = vec!["country".to_owned(), "kind".to_owned()];
    ShippedPlugin { id: "honest".to_owned(), bytes: guest.module(), signature: None }
}

fn case_plugin(case: Case) -> ShippedPlugin {
    let erase = || rule(in_country("FR"), Effect::Erase);
    match case {
        Case::Allow => plugin(&["contact"], vec![], ""),
        Case::MakeDormant => plugin(&["contact"], vec![rule(in_country("FR"), Effect::MakeDormant)], ""),
        Case::Anonymise => plugin(&["contact"], vec![rule(in_country("FR"), Effect::Anonymise)], ""),
        Case::Erase => plugin(&["contact"], vec![rule(in_country("FR"), Effect::Anonymise), erase()], ""),
        Case::Hold => plugin(&["contact"], vec![erase(), rule(in_country("FR"), Effect::Hold)], ""),
        Case::Trap => plugin(
            &["contact"],
            vec![erase()],
            include_str!("../../core/testkit/guests/hostile/trap_without_purpose.wat"),
        ),
        Case::TimeOut => plugin(
            &["contact"],
            vec![erase()],
            include_str!("../../core/testkit/guests/hostile/slow_without_purpose.wat"),
        ),
    }
}

async fn erasing(app: &TestApp) -> TestApp {
    TestApp::start_with(app.database.backend(), vec![case_plugin(Case::Erase)]).await
}

async fn names(app: &TestApp) -> Vec<String> {
    let sales = app.actor("sales").await.for_purpose("sales");
    let answer = sales.query("{ contacts(orderBy: [{lastName: AscNullsLast}]) { nodes { lastName } } }").await.ok();
    answer.texts("/contacts/nodes", "/lastName")
}

fn count(effect: &str, records: u64) -> SweepCount {
    SweepCount {
        entity: "contact".to_owned(),
        effect: effect.to_owned(),
        code: "honest/TST-01".to_owned(),
        archived: false,
        observed: false,
        records,
    }
}

async fn sweep(app: &TestApp) -> SweepView {
    app.service.sweep_now("a test").await.expect("a sweep")
}

async fn preview(app: &TestApp) -> SweepPreview {
    app.service.sweep_dry_run().await.expect("a preview")
}

/// The lines of sweeps in the log, the eldest first.
async fn logged(app: &TestApp) -> Vec<Json> {
    let lines = app.store.read_log(TENANT, 1_000).await.expect("the log");
    let lines = lines.iter().map(|line| serde_json::to_value(line).expect("a line"));
    lines.filter(|line| line["operation"] == "sweep").collect()
}

async fn walk(app: &TestApp, case: Case) {
    let app = TestApp::start_with(app.database.backend(), vec![case_plugin(case)]).await;
    app.contact("Ada", &[]).await;
    app.contact("Bea", &[("country", Value::text("DE"))]).await;
    // Nobody can tell whether she lives in France: nothing is destroyed on a guess.
    app.contact("Cleo", &[("country", Value::Null)]).await;
    let swept = app.service.sweep_now("a walk").await;
    let all = ["Ada", "Bea", "Cleo"];
    match case {
        Case::Allow | Case::Hold => {
            assert_eq!(swept.expect("a sweep").counts, []);
            assert_eq!(names(&app).await, all);
        }
        Case::MakeDormant => {
            assert_eq!(swept.expect("a sweep").counts, [count("make-dormant", 1)]);
            assert_eq!(names(&app).await, ["Bea", "Cleo"]);
        }
        Case::Anonymise => {
            assert_eq!(swept.expect("a sweep").counts, [count("anonymise", 1)]);
            assert_eq!(names(&app).await, ["Bea", "Cleo"], "and one without a name");
            // RET-10: a hash of what identifies is a pseudonym, so there is none either.
            let digest = Sha256::digest("ada@example.org");
            let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            let dump = app.database.dump().await;
            assert!(!dump.contains(&hash) && !dump.contains("ada@example.org"));
        }
        Case::Erase => {
            assert_eq!(swept.expect("a sweep").counts, [count("erase", 1)]);
            assert_eq!(names(&app).await, ["Bea", "Cleo"]);
        }
        Case::Trap | Case::TimeOut => {
            let problem = swept.expect_err("nobody can decide");
            assert_eq!(problem.field.as_deref(), Some("honest"), "{problem}");
            assert_eq!(names(&app).await, all);
            let lines = logged(&app).await;
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert_eq!(lines[0]["outcome"], "unavailable");
            assert_eq!(lines[0]["codes"], json!(["honest/POLICY_UNAVAILABLE"]));
            let runs = app.store.sweeps(TENANT, 10).await.expect("runs");
            assert_eq!(
                (runs.len(), runs[0].outcome.as_str(), runs[0].culprit.as_deref()),
                (1, "unavailable", Some("honest"))
            );
        }
    }
}

/// Names that are null are told as empty by `texts`.
async fn activity_of(app: &TestApp, id: &str) -> Json {
    let dpo = app.actor("dpo").await.for_purpose("sales");
    let query = "query($id: ID!) { activity(id: $id) { kind subjectLine body contactId } }";
    dpo.send(query, json!({ "id": id })).await.ok().data("/activity").clone()
}

on_both_databases! {
    async fn what_no_rule_destroys_stays(app: TestApp) {
        walk(&app, Case::Allow).await;
    }

    async fn what_is_put_to_sleep_is_not_there(app: TestApp) {
        walk(&app, Case::MakeDormant).await;
    }

    async fn what_is_made_anonymous_stays_without_its_person(app: TestApp) {
        walk(&app, Case::Anonymise).await;
    }

    async fn the_strongest_wins(app: TestApp) {
        walk(&app, Case::Erase).await;
    }

    async fn a_hold_stops_all(app: TestApp) {
        walk(&app, Case::Hold).await;
    }

    async fn a_policy_that_crashes_destroys_nothing(app: TestApp) {
        walk(&app, Case::Trap).await;
    }

    async fn a_policy_that_never_answers_destroys_nothing(app: TestApp) {
        walk(&app, Case::TimeOut).await;
    }

    async fn a_missing_policy_destroys_nothing(app: TestApp) {
        let app = erasing(&app).await;
        app.contact("Ada", &[]).await;
        // A component that nobody has any more: the set cannot be loaded by a process that starts now.
        app.database.execute("DELETE FROM plugin_component").await;
        let other = app.service_process(vec![]).await;
        let problem = other.sweep_now("a test").await.expect_err("nobody can decide");
        assert_eq!(problem.field.as_deref(), Some("honest"), "{problem}");
        assert_eq!(logged(&app).await[0]["codes"], json!(["honest/POLICY_UNAVAILABLE"]));
    }

    async fn a_second_sweep_changes_nothing(app: TestApp) {
        for case in [Case::Erase, Case::Anonymise, Case::MakeDormant] {
            let app = TestApp::start_with(app.database.backend(), vec![case_plugin(case)]).await;
            app.contact("Ada", &[]).await;
            let first = sweep(&app).await;
            assert_eq!(first.counts.len(), 1, "{case:?}");
            assert_ne!(first.run.receipt, "", "{case:?}");
            let second = sweep(&app).await;
            assert_eq!((second.counts.as_slice(), second.run.receipt.as_str()), ([].as_slice(), ""), "{case:?}");
            let runs = app.store.sweeps(TENANT, 10).await.expect("runs");
            assert!(runs.iter().all(|run| run.outcome.as_str() == "done"), "{case:?} {runs:?}");
        }
    }

    /// RET-12.
    async fn a_preview_counts_what_the_run_then_does(app: TestApp) {
        let rules = vec![rule(in_country("FR"), Effect::Erase), rule(in_country("DE"), Effect::Anonymise)];
        let app = TestApp::start_with(app.database.backend(), vec![plugin(&["contact"], rules, "")]).await;
        for index in 0..7 {
            let country = ["FR", "DE", "IT"][index % 3];
            app.contact(&format!("Name{index}"), &[("country", Value::text(country))]).await;
        }
        let held = app.contact("Held", &[("legal_hold", Value::Boolean(true))]).await;
        let before = preview(&app).await;
        assert_eq!(before.counts, [count("anonymise", 2), count("erase", 3)]);
        let run = sweep(&app).await;
        assert_eq!(run.counts, before.counts);
        assert_eq!(preview(&app).await.counts, []);
        assert!(names(&app).await.contains(&"Held".to_owned()), "{held}");
    }

    async fn nothing_is_destroyed_under_legal_hold_whatever_the_policies_say(app: TestApp) {
        let app = erasing(&app).await;
        let ada = app.contact("Ada", &[]).await;
        let hold = app.hold(&[&ada]).await;
        assert_eq!(sweep(&app).await.counts, []);
        assert_eq!(names(&app).await, ["Ada"]);
        app.release(&hold).await;
        assert_eq!(sweep(&app).await.counts, [count("erase", 1)]);
        assert_eq!(names(&app).await, Vec::<String>::new());
    }

    async fn what_tells_of_the_person_goes_with_them(app: TestApp) {
        let app = erasing(&app).await;
        let ada = app.contact("Ada", &[]).await;
        let deal = app.create("deal", &[("name", Value::text("Boat")), ("note", Value::text("Ada likes blue")), ("contact_id", Value::text(ada.as_str()))]).await;
        let call = app.create("activity", &[("kind", Value::text("call")), ("subject_line", Value::text("Ada called")), ("contact_id", Value::text(ada.as_str()))]).await;
        app.consent(&ada, "marketing", "email", "given", "2026-03-01T10:00:00Z").await;
        sweep(&app).await;
        let dpo = app.actor("dpo").await.for_purpose("sales");
        let found = dpo.send("query($id: ID!) { deal(id: $id) { name note contactId } }", json!({ "id": deal })).await.ok();
        assert_eq!(found.data("/deal"), &json!({ "name": "Boat", "note": null, "contactId": null }));
        assert_eq!(activity_of(&app, &call).await, json!({ "kind": "call", "subjectLine": null, "body": null, "contactId": null }));
        // The proof of a consent stays, and points at nobody.
        let proof = dpo.query("{ consentEvents { nodes { purpose state wording contactId } } }").await.ok();
        assert_eq!(proof.data("/consentEvents/nodes/0/state"), &json!("given"));
        assert_eq!(proof.data("/consentEvents/nodes/0/contactId"), &json!(null));
        // Nor is there anything in any table that held her.
        assert!(!app.database.dump().await.contains("Ada"));
        assert!(!app.database.dump().await.contains("ada@example.org"));
    }

    async fn a_record_that_goes_along_and_is_held_holds_its_person(app: TestApp) {
        let rules = vec![
            rule(vec![Node::Field("kind"), Node::Text("meeting"), Node::Eq], Effect::Hold),
            rule(vec![Node::Field("kind"), Node::Text("prospect"), Node::Eq], Effect::Erase),
        ];
        let app = TestApp::start_with(app.database.backend(), vec![plugin(&["contact", "activity"], rules, "")]).await;
        let (ada, bea) = (app.contact("Ada", &[]).await, app.contact("Bea", &[]).await);
        for (person, kind) in [(&ada, "meeting"), (&bea, "call")] {
            app.create("activity", &[("kind", Value::text(kind)), ("subject_line", Value::text("x")), ("contact_id", Value::text(person.as_str()))]).await;
        }
        assert_eq!(preview(&app).await.counts, [count("erase", 1)]);
        assert_eq!(sweep(&app).await.counts, [count("erase", 1)]);
        assert_eq!(names(&app).await, ["Ada"]);
    }

    async fn the_trash_is_swept_too(app: TestApp) {
        let app = erasing(&app).await;
        let ada = app.contact("Ada", &[]).await;
        let dpo = app.actor("dpo").await.for_purpose("sales");
        dpo.send("mutation($id: ID!) { deleteContact(id: $id) { id } }", json!({ "id": ada })).await.ok();
        assert_eq!(sweep(&app).await.counts, [count("erase", 1)]);
        assert!(!app.database.dump().await.contains("ada@example.org"));
    }

    async fn an_observed_policy_destroys_nothing_and_tells_what_it_would(app: TestApp) {
        let app = erasing(&app).await;
        app.contact("Ada", &[]).await;
        let dpo = app.actor("dpo").await;
        dpo.query("mutation { setPolicyMode(id: \"honest\", mode: OBSERVE, expectedVersion: 1, reason: \"A test\") { mode } }").await.ok();
        let would = [SweepCount { observed: true, ..count("erase", 1) }];
        assert_eq!(preview(&app).await.counts, would);
        assert_eq!(sweep(&app).await.counts, would);
        assert_eq!(names(&app).await, ["Ada"]);
        assert_eq!(logged(&app).await[0]["observed"], json!(["honest/TST-01"]));
    }

    async fn the_log_holds_references_and_codes_alone(app: TestApp) {
        let app = erasing(&app).await;
        let ada = app.contact("Ada", &[]).await;
        sweep(&app).await;
        let lines = logged(&app).await;
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!((&lines[0]["outcome"], &lines[0]["codes"]), (&json!("erased"), &json!(["honest/TST-01"])));
        let text = lines[0].to_string();
        assert!(!text.contains(&ada) && !text.contains("Ada"), "{text}");
        assert!(app.store.verify_log(TENANT).await.expect("the log").broken.is_none());
    }

    async fn an_import_of_what_was_erased_is_refused_unless_it_was_collected_since(app: TestApp) {
        let app = erasing(&app).await;
        let dpo = app.actor("dpo").await.for_purpose("sales");
        let put = "mutation { createContacts(inputs: [{lastName: \"Ada\", country: \"FR\"}], onConflict: {source: \"crm\", keys: [\"7\"]}) { id } }";
        dpo.query(put).await.ok();
        sweep(&app).await;
        let again = dpo.query(put).await;
        assert_eq!(again.code(), "CONFLICT", "{}", again.text);
        assert_eq!(names(&app).await, Vec::<String>::new());
    }
}
