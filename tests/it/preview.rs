//! A preview equals its run, writes nothing, and names who was active; an observed policy changes
//! nothing that anyone sees, and what it would have done is counted.

use garant_domain::value::Value;
use garant_policy::{Engine, Limits};
use garant_service::ShippedPlugin;
use garant_testkit::guest::Guest;
use garant_testkit::{Actor, Answer, Backend, TENANT, TestApp, TestDatabase, instant, on_both_databases};
use serde_json::{Value as Json, json};

const PREVIEW: &str = "query($change: PolicyChangeInput!, $channel: String, $recipient: ID) {
    previewPolicyChange(change: $change, channel: $channel, recipient: $recipient) { setVersion impacts {
        entity purpose roles channel recipient rowsBefore rowsAfter rowsLost rowsGained judges
        lost { plugin code article title { en fr } rows } gained { code rows }
        fields { field rowsMasked rowsOpened masked { code rows } opened { code rows } }
        clients { actor tokens role requests lastAt } } } }";

const CHANGE: &str = "mutation($id: ID!, $mode: PolicyMode!, $version: Int!) {
    setPolicyMode(id: $id, mode: $mode, expectedVersion: $version, reason: \"a test\") { version } }";

const SETTINGS: &str = "mutation($id: ID!, $settings: JSON!, $version: Int!) {
    setPolicySettings(id: $id, settings: $settings, expectedVersion: $version, reason: \"a test\") { version } }";

const SLOW: &str = include_str!("../../core/testkit/guests/hostile/slow_for_marketing.wat");
const TRAP: &str = include_str!("../../core/testkit/guests/hostile/trap_for_marketing.wat");

async fn preview(dpo: &Actor, change: &Json, channel: Option<&str>) -> Answer {
    dpo.send(PREVIEW, json!({"change": change, "channel": channel})).await
}

fn impacts(answer: &Answer) -> Vec<Json> {
    answer.data("/previewPolicyChange/impacts").as_array().expect("impacts").clone()
}

async fn policy(dpo: &Actor, id: &str) -> Json {
    let answer =
        dpo.send("query($id: ID!) { policy(id: $id) { version settings mode setVersion } }", json!({"id": id})).await;
    answer.ok().data("/policy").clone()
}

async fn make(dpo: &Actor, change: &Json) {
    let id = change["id"].as_str().expect("an id");
    for (query, part) in [(CHANGE, "mode"), (SETTINGS, "settings")] {
        if change.get(part).is_some() {
            let version = policy(dpo, id).await["version"].clone();
            let mut variables = change.clone();
            variables["version"] = version;
            dpo.send(query, variables).await.ok();
        }
    }
}

/// People of every kind: with and without consents, objections, old contacts, other countries.
async fn people(app: &TestApp) {
    for number in 0..24_i64 {
        let old = if number % 5 == 0 { "2023-06-20T10:00:00Z" } else { "2025-03-01T10:00:00Z" };
        let country = ["FR", "DE", "US"][usize::try_from(number % 3).unwrap_or_default()];
        let kind = ["prospect", "customer", "employee_of_client"][usize::try_from(number / 8).unwrap_or_default()];
        let more = [
            ("last_inbound_contact_at", Value::Instant(instant(old))),
            ("country", Value::text(country)),
            ("kind", Value::text(kind)),
            ("phone", Value::text("+33 1")),
        ];
        let id = app.contact(&format!("P{number}"), &more).await;
        if number % 2 == 0 {
            app.consent(&id, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        }
        if number % 4 == 0 {
            app.consent(&id, "marketing", "call", "given", "2026-01-10T10:00:00Z").await;
        }
        if number % 6 == 0 {
            app.consent(&id, "marketing", "email", "withdrawn", "2026-02-10T10:00:00Z").await;
        }
        if number % 7 == 0 {
            app.consent(&id, "marketing", "any", "objected", "2026-02-10T10:00:00Z").await;
        }
    }
}

/// A field's name as GraphQL has it.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |camel, word| format!("{camel}{}{}", word[..1].to_uppercase(), &word[1..]))
}

/// What a role sees of contacts: how many, and of each personal field in how many rows it is masked.
async fn seen(
    app: &TestApp,
    role: &str,
    purpose: &str,
    channel: Option<&str>,
) -> (i64, std::collections::BTreeMap<String, i64>) {
    let actor = app.actor(role).await.for_purpose(purpose);
    let actor = channel.map_or(actor.clone(), |channel| actor.through(channel));
    let catalog = garant_domain::catalog::Catalog::standard().expect("the catalogue");
    let fields: Vec<String> =
        catalog.entity("contact").expect("contacts").fields.iter().map(|field| camel(&field.name)).collect();
    let fields = fields.join(" ");
    let query =
        format!("{{ contacts(first: 100) {{ totalCount nodes {{ {fields} policy {{ masked {{ field }} }} }} }} }}");
    let answer = actor.query(&query).await;
    if answer.code() == "POLICY_REFUSED" {
        return (0, Default::default());
    }
    let answer = answer.ok();
    let mut masked = std::collections::BTreeMap::new();
    for node in answer.data("/contacts/nodes").as_array().expect("nodes") {
        let mut fields: Vec<&str> = node["policy"]["masked"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|mask| mask["field"].as_str())
            .collect();
        fields.sort_unstable();
        fields.dedup();
        for field in fields {
            *masked.entry(field.to_owned()).or_insert(0) += 1;
        }
    }
    (answer.data("/contacts/totalCount").as_i64().expect("a count"), masked)
}

on_both_databases! {
    async fn a_preview_equals_its_run(app: TestApp) {
        people(&app).await;
        let dpo = app.actor("dpo").await;
        let settings = |id: &str, change: fn(&mut Json)| {
            let (dpo, id) = (dpo.clone(), id.to_owned());
            async move {
                let mut settings = policy(&dpo, &id).await["settings"].clone();
                change(&mut settings);
                json!({"id": id, "settings": settings})
            }
        };
        let requests = [("sales", "sales", None), ("marketing", "marketing", None), ("marketing", "marketing", Some("email")), ("accountant", "accounting", None)];
        let mut changes = vec![
            json!({"id": "consent", "mode": "OFF"}),
            json!({"id": "purpose", "mode": "OFF"}),
            json!({"id": "consent", "mode": "ENFORCE"}),
            json!({"id": "retention", "mode": "OBSERVE"}),
        ];
        changes.push(settings("retention", |settings| settings["prospect_months"] = json!(6)).await);
        changes.push(json!({"id": "retention", "mode": "ENFORCE"}));
        changes.push(settings("consent", |settings| settings["validity_months"] = json!(3)).await);
        for change in changes {
            let mut previewed = Vec::new();
            for (role, purpose, channel) in requests {
                let answer = preview(&dpo, &change, channel).await.ok();
                let found = impacts(&answer).into_iter().find(|impact| {
                    impact["entity"] == "contact" && impact["purpose"] == purpose && impact["channel"] == json!(channel)
                        && impact["roles"].as_array().is_some_and(|roles| roles.contains(&json!(role)))
                });
                previewed.push((found, seen(&app, role, purpose, channel).await));
            }
            make(&dpo, &change).await;
            for ((role, purpose, channel), (impact, before)) in requests.into_iter().zip(previewed) {
                let after = seen(&app, role, purpose, channel).await;
                let Some(impact) = impact else {
                    assert_eq!(before, after, "{change}: what is not listed stays as it is: {purpose}");
                    continue;
                };
                let number = |name: &str| impact[name].as_i64().expect("a number");
                assert_eq!((number("rowsBefore"), number("rowsAfter")), (before.0, after.0), "{change}: {impact}");
                assert_eq!(number("rowsAfter") - number("rowsBefore"), number("rowsGained") - number("rowsLost"));
                let sum = |list: &Json| list.as_array().into_iter().flatten().filter_map(|count| count["rows"].as_i64()).sum::<i64>();
                assert_eq!((sum(&impact["lost"]), sum(&impact["gained"])), (number("rowsLost"), number("rowsGained")));
                // Where no row comes or goes, the masked fields can be compared as they are seen.
                if number("rowsLost") == 0 && number("rowsGained") == 0 {
                    let mut expected = before.1.clone();
                    for field in impact["fields"].as_array().expect("fields") {
                        let rows = |name: &str| field[name].as_i64().expect("rows");
                        *expected.entry(field["field"].as_str().expect("a name").to_owned()).or_insert(0) += rows("rowsMasked") - rows("rowsOpened");
                    }
                    expected.retain(|_, rows| *rows != 0);
                    assert_eq!(expected, after.1, "{change} for {purpose}: {impact}");
                }
            }
        }
    }

    async fn a_preview_names_codes_and_active_clients_and_writes_nothing(app: TestApp) {
        people(&app).await;
        let dpo = app.actor("dpo").await;
        make(&dpo, &json!({"id": "consent", "mode": "OFF"})).await;
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        for _ in 0..3 {
            marketer.query("{ contacts { nodes { lastName email } } }").await.ok();
        }
        let before = policy(&dpo, "consent").await;
        let lines = app.store.read_log(TENANT, 1_000).await.expect("the log").len();
        let answer = preview(&dpo, &json!({"id": "consent", "mode": "ENFORCE"}), None).await.ok();
        let impacts = impacts(&answer);
        let email = impacts.iter().find(|impact| impact["entity"] == "contact" && impact["purpose"] == "marketing" && impact["channel"] == "email").expect("as was asked");
        assert!(email["rowsLost"].as_i64().is_some_and(|lost| lost > 0), "{email}");
        let codes: Vec<&str> = email["lost"].as_array().into_iter().flatten().filter_map(|count| count["code"].as_str()).collect();
        assert!(codes.contains(&"CNS-05") && codes.contains(&"CNS-02"), "{codes:?}");
        let client = &email["clients"][0];
        assert_eq!((&client["tokens"], &client["role"], &client["requests"]), (&json!(["marketing"]), &json!("marketing"), &json!(3)));
        assert!(impacts.iter().all(|impact| impact["purpose"] != "sales"), "no rule for sales changes: {}", answer.text);
        assert_eq!(policy(&dpo, "consent").await, before);
        assert_eq!(app.store.read_log(TENANT, 1_000).await.expect("the log").len(), lines);
        // A month later nobody was active.
        app.clock.set(instant("2026-06-15T10:00:00Z"));
        let answer = preview(&dpo, &json!({"id": "consent", "mode": "ENFORCE"}), Some("email")).await.ok();
        assert!(answer.texts("/previewPolicyChange/impacts", "/clients/0/role").is_empty(), "{}", answer.text);
    }

    async fn a_wrong_preview_is_told_as_the_change_would_be(app: TestApp) {
        let change = json!({"id": "retention", "settings": {"nonsense": true}});
        for role in ["sales", "admin"] {
            assert_eq!(preview(&app.actor(role).await, &change, None).await.code(), "FORBIDDEN");
        }
        let dpo = app.actor("dpo").await;
        let settings = preview(&dpo, &change, None).await;
        assert_eq!(settings.code(), "BAD_USER_INPUT");
        let problem = settings.error("/problems/0");
        assert!(problem["path"].is_string() && problem["message"].is_string(), "{}", settings.text);
        let made = dpo.send(SETTINGS, json!({"id": "retention", "settings": {"nonsense": true}, "version": 1})).await;
        assert_eq!(made.error("/problems"), settings.error("/problems"));
        assert_eq!(preview(&dpo, &json!({"id": "astrology", "mode": "OFF"}), None).await.code(), "NOT_FOUND");
        assert_eq!(preview(&dpo, &json!({"id": "consent"}), None).await.error("/field"), "change");
        assert_eq!(preview(&dpo, &json!({"id": "consent", "mode": "OFF"}), Some("pigeon")).await.error("/field"), "channel");
        let unknown = dpo.send(PREVIEW, json!({"change": {"id": "transfer", "mode": "OFF"}, "recipient": "nobody"})).await;
        assert_eq!((unknown.code(), unknown.error("/field")), ("NOT_FOUND", &json!("recipient")));
    }

    async fn observing_a_policy_changes_no_byte_and_counts_what_it_would_do(app: TestApp) {
        people(&app).await;
        let dpo = app.actor("dpo").await;
        for id in ["consent", "retention", "purpose"] {
            let mut answers = Vec::new();
            for mode in ["OFF", "OBSERVE"] {
                make(&dpo, &json!({"id": id, "mode": mode})).await;
                answers.push(bytes(&app, &policy(&dpo, id).await["setVersion"]).await);
            }
            assert_eq!(answers[0], answers[1], "{id}");
            let observed = observations(&dpo, id).await;
            assert!(!observed.is_empty() && observed.iter().all(|one| one["plugin"] == id), "{id}: {observed:?}");
            assert!(observed.iter().any(|one| one["rows"].as_i64().is_some_and(|rows| rows > 0)), "{id}: {observed:?}");
            make(&dpo, &json!({"id": id, "mode": "ENFORCE"})).await;
        }
        // Counted exactly: 24 people, none of them with consent to be called but every fourth.
        make(&dpo, &json!({"id": "consent", "mode": "OBSERVE"})).await;
        app.clock.set(instant("2026-05-02T10:00:00Z"));
        let since = "2026-05-02T00:00:00Z";
        let caller = app.actor("marketing").await.for_purpose("marketing").through("call");
        let shown = caller.query("{ contacts(first: 100) { totalCount nodes { id } } }").await.ok();
        let asked = "query($id: ID!, $since: DateTime) { policyObservations(id: $id, since: $since) { code entity purposes requests rows } }";
        let counted = dpo.send(asked, json!({"id": "consent", "since": since})).await.ok();
        let total = shown.data("/contacts/totalCount").as_i64().expect("a count");
        make(&dpo, &json!({"id": "consent", "mode": "ENFORCE"})).await;
        let left = caller.query("{ contacts(first: 100) { totalCount } }").await.ok().data("/contacts/totalCount").as_i64().expect("a count");
        let denied = counted.data("/policyObservations").as_array().into_iter().flatten().find(|one| one["code"] == "CNS-02").cloned().expect("CNS-02");
        assert_eq!(denied["requests"], 1);
        assert!(denied["rows"].as_i64().is_some_and(|rows| rows <= total - left && rows > 0), "{denied}, {total}, {left}");
        assert_eq!(app.actor("sales").await.send(asked, json!({"id": "consent"})).await.code(), "FORBIDDEN");
        assert_eq!(dpo.send(asked, json!({"id": "astrology"})).await.code(), "NOT_FOUND");
    }
}

async fn observations(dpo: &Actor, id: &str) -> Vec<Json> {
    let query = "query($id: ID!) { policyObservations(id: $id) { plugin code entity purposes requests rows lastAt title { en } } }";
    let answer = dpo.send(query, json!({"id": id})).await.ok();
    answer.data("/policyObservations").as_array().expect("observations").clone()
}

/// What everybody is answered, byte for byte but for the version of the set.
async fn bytes(app: &TestApp, set_version: &Json) -> Vec<String> {
    let mut bytes = Vec::new();
    for (role, purpose) in [("sales", "sales"), ("marketing", "marketing"), ("accountant", "accounting")] {
        let actor = app.actor(role).await.for_purpose(purpose);
        for query in [
            "{ contacts(first: 10, orderBy: [{lastName: AscNullsLast}]) { totalCount pageInfo { endCursor hasNextPage } nodes { id lastName email phone
                policy { masked { field code } flags { code } } consentEvents { nodes { purpose state } } deals { nodes { name } } } } }",
            "{ contacts(filter: {phone: {like: \"%33%\"}}) { totalCount } }",
            "mutation { createContact(input: {lastName: \"X\", country: \"FR\"}) { lastName policy { masked { field } } } }",
            "{ contacts(orderBy: [{astrology: AscNullsLast}]) { totalCount } }",
        ] {
            let answer = actor.query(query).await;
            bytes.push(answer.text.replace(&format!("\"setVersion\":{set_version}"), "\"setVersion\":0"));
            // What was made by this round must not be there in the next.
            if query.starts_with("mutation") {
                let found = actor.query("{ contacts(filter: {lastName: {eq: \"X\"}}) { nodes { id } } }").await;
                for id in found.texts("/contacts/nodes", "/id") {
                    actor.send("mutation($id: ID!) { deleteContact(id: $id) { id } }", json!({"id": id})).await;
                }
            }
        }
    }
    bytes
}

/// A policy that never answers for marketing, or crashes, observed: marketing is served as without it.
async fn a_failing_policy_is_only_noted(backend: Backend, code: &'static str) {
    let engine = Engine::new(Limits::standard()).expect("an engine");
    let mut slow = Guest::doing(code);
    slow.manifest.hooks = vec![0];
    slow.manifest.entities = vec!["contact".to_owned()];
    let id = slow.manifest.id.clone();
    let plugins = vec![ShippedPlugin { id: id.clone(), bytes: slow.module(), signature: None }];
    let app = TestApp::start_on(backend, plugins, &engine).await;
    let dpo = app.actor("dpo").await;
    make(&dpo, &json!({"id": id, "mode": "OFF"})).await;
    app.contact("Ada", &[]).await;
    let mut answers = Vec::new();
    for mode in ["OFF", "OBSERVE"] {
        make(&dpo, &json!({"id": id, "mode": mode})).await;
        answers.push(bytes(&app, &policy(&dpo, &id).await["setVersion"]).await);
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[1][4].contains("Ada"), "{:?}", answers[1]);
    let observed = observations(&dpo, &id).await;
    let failed =
        observed.iter().find(|one| one["code"] == "POLICY_UNAVAILABLE" && one["purposes"] == json!(["marketing"]));
    assert!(failed.is_some_and(|one| one["requests"].as_i64().is_some_and(|requests| requests > 0)), "{observed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_observed_policy_changes_nothing_on_sqlite() {
    for code in [SLOW, TRAP] {
        a_failing_policy_is_only_noted(Backend::Sqlite, code).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_observed_policy_changes_nothing_on_postgres() {
    if TestDatabase::postgres_or_skip("observe").await {
        for code in [SLOW, TRAP] {
            a_failing_policy_is_only_noted(Backend::Postgres, code).await;
        }
    }
}
