//! GraphQL as clients speak it: fragments, aliases, variables left out, introspection, batches of
//! records, languages, and what HTTP says around it.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use garant_domain::value::Value;
use garant_testkit::on_both_databases;
use serde_json::{Value as Json, json};
use tower::ServiceExt;

/// What GraphiQL and code generators send.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema { queryType { name } mutationType { name }
    types { ...FullType } directives { name description locations args { ...InputValue } } } }
    fragment FullType on __Type { kind name description
        fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated }
        inputFields { ...InputValue } interfaces { ...TypeRef }
        enumValues(includeDeprecated: true) { name description } possibleTypes { ...TypeRef } }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

on_both_databases! {
    async fn a_variable_that_was_not_given_changes_nothing(app: TestApp) {
        let id = app.contact("Petit", &[("job_title", Value::text("CEO"))]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let update = "mutation($id: ID!, $title: String, $city: String) {
            updateContact(id: $id, input: {jobTitle: $title, city: $city}) { jobTitle city } }";
        let kept = sales.send(update, json!({"id": id, "city": "Lyon"})).await.ok();
        assert_eq!(kept.data("/updateContact"), &json!({"jobTitle": "CEO", "city": "Lyon"}));
        let cleared = sales.send(update, json!({"id": id, "title": null})).await.ok();
        assert_eq!(cleared.data("/updateContact"), &json!({"jobTitle": null, "city": "Lyon"}));
        let all = "query($name: String) { contacts(filter: {lastName: {eq: $name}}) { totalCount } }";
        let absent = sales.send(all, json!({})).await.ok();
        assert_eq!(absent.data("/contacts/totalCount"), &json!(1), "no test at all");
        let null = sales.send(all, json!({"name": null})).await;
        assert_eq!((null.code(), null.error("/field")), ("BAD_USER_INPUT", &json!("filter.lastName.eq")));
        let missing = sales.send(update, json!({"title": "CTO"})).await;
        assert_eq!((missing.code(), missing.error("/field")), ("BAD_USER_INPUT", &json!("variables.id")));
    }

    async fn fragments_and_aliases_meet_in_one_answer(app: TestApp) {
        let company = app.create("company", &[("name", Value::text("Acme")), ("country", Value::text("FR"))]).await;
        let contact = app.contact("Ada", &[("company_id", Value::text(company.clone()))]).await;
        for (name, stage) in [("One", "won"), ("Two", "lost"), ("Three", "won")] {
            app.create("deal", &[("name", Value::text(name)), ("stage", Value::text(stage)), ("contact_id", Value::text(contact.clone()))]).await;
        }
        let sales = app.actor("sales").await.for_purpose("sales");
        let query = "query($stage: String!) {
            second: contacts { edges { node { ...Name ... on Contact { company { name } } } } }
            first: contact(id: \"ID\") { ...Name company { __typename country }
                won: deals(filter: {stage: {eq: $stage}}, orderBy: [{name: AscNullsLast}]) { nodes { name contact { id } } totalCount }
                last: deals(last: 1, orderBy: [{name: AscNullsLast}]) { edges { node { name } } pageInfo { hasPreviousPage } }
                count: deals { totalCount } } }
            fragment Name on Contact { lastName company { name } }";
        let answer = sales.send(&query.replace("ID", &contact), json!({"stage": "won"})).await.ok();
        assert_eq!(answer.data("/second/edges/0/node"), &json!({"lastName": "Ada", "company": {"name": "Acme"}}));
        let first = answer.data("/first");
        assert_eq!(first["company"], json!({"name": "Acme", "__typename": "Company", "country": "FR"}));
        let link = json!({"id": contact});
        assert_eq!(first["won"], json!({"nodes": [{"name": "One", "contact": link}, {"name": "Three", "contact": link}], "totalCount": 2}));
        assert_eq!(first["last"], json!({"edges": [{"node": {"name": "Two"}}], "pageInfo": {"hasPreviousPage": true}}));
        assert_eq!(first["count"], json!({"totalCount": 3}));
        assert!(answer.text.find("second") < answer.text.find("first"), "in the order of the query");
    }

    async fn a_batch_is_created_whole_or_not_at_all(app: TestApp) {
        let sales = app.actor("sales").await.for_purpose("sales");
        let create = "mutation($inputs: [ContactCreateInput!]!) { createContacts(inputs: $inputs) { lastName version } }";
        let bad = sales.send(create, json!({"inputs": [{"lastName": "A"}, {"lastName": "B", "country": "ZZ"}]})).await;
        assert_eq!((bad.code(), bad.error("/field")), ("BAD_USER_INPUT", &json!("inputs.1.country")), "{}", bad.text);
        let link = sales.send(create, json!({"inputs": [{"lastName": "A", "companyId": "nowhere"}]})).await;
        assert_eq!((link.code(), link.error("/field")), ("NOT_FOUND", &json!("inputs.0.companyId")), "{}", link.text);
        let many: Vec<Json> = (0..101).map(|i| json!({"lastName": format!("N{i}")})).collect();
        assert_eq!(sales.send(create, json!({"inputs": many})).await.code(), "QUERY_TOO_COMPLEX");
        let none = sales.query("{ contacts { totalCount } }").await.ok();
        assert_eq!(none.data("/contacts/totalCount"), &json!(0));
        let good = sales.send(create, json!({"inputs": [{"lastName": "A"}, {"lastName": "B"}]})).await.ok();
        assert_eq!(good.texts("/createContacts", "/lastName"), ["A", "B"]);
    }

    async fn pages_go_both_ways_over_every_record_once(app: TestApp) {
        for i in 0..7 {
            app.create("company", &[("name", Value::text(format!("C{}", i / 2)))]).await;
        }
        let sales = app.actor("sales").await;
        for (size, cursor, end, more) in [("first", "after", "endCursor", "hasNextPage"), ("last", "before", "startCursor", "hasPreviousPage")] {
            let query = format!("query($at: String) {{ companies({size}: 3, {cursor}: $at, orderBy: [{{name: DescNullsLast}}]) {{ nodes {{ id name }} pageInfo {{ {end} {more} }} }} }}");
            let (mut at, mut ids, mut pages) = (Json::Null, Vec::new(), 0);
            loop {
                let answer = sales.send(&query, json!({ "at": at })).await.ok();
                ids.extend(answer.texts("/companies/nodes", "/id"));
                pages += 1;
                at = answer.data(&format!("/companies/pageInfo/{end}")).clone();
                if answer.data(&format!("/companies/pageInfo/{more}")) != &json!(true) {
                    break;
                }
            }
            assert_eq!(pages, 3);
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), 7);
        }
    }

    async fn a_count_alone_reads_no_record(app: TestApp) {
        app.contact("Ada", &[]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let count = sales.query("{ contacts { totalCount } }").await.ok();
        assert_eq!(count.data("/contacts/totalCount"), &json!(1));
        let log = app.store.read_log(garant_testkit::TENANT, 100).await.expect("the log");
        let reads: Vec<_> = log.iter().filter(|line| line.operation == "read" && line.role == "sales").collect();
        assert_eq!(reads.iter().map(|line| line.count).collect::<Vec<_>>(), [0]);
    }

    async fn a_level_that_fails_is_told_once_and_the_rest_is_answered(app: TestApp) {
        for name in ["Acme", "Belle"] {
            app.create("company", &[("name", Value::text(name))]).await;
        }
        let sales = app.actor("sales").await;
        let answer = sales.query("{ companies { nodes { name contacts { totalCount } } } }").await;
        assert_eq!(answer.code(), "PURPOSE_REQUIRED");
        assert_eq!(answer.body["errors"].as_array().map(Vec::len), Some(1), "{}", answer.text);
        assert_eq!(answer.data("/companies/nodes/1"), &json!({"name": "Belle", "contacts": null}));
    }

    async fn introspection_is_answered_and_its_abuse_is_not(app: TestApp) {
        let sales = app.actor("sales").await;
        let schema = sales.query(INTROSPECTION).await.ok();
        let types = schema.texts("/__schema/types", "/name");
        assert!(types.contains(&"Contact".to_owned()) && types.contains(&"ContactFilter".to_owned()));
        let abuse = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
        assert_eq!(sales.query(abuse).await.code(), "QUERY_TOO_COMPLEX");
        let bomb = "[".repeat(60_000);
        assert_eq!(sales.query(&format!("{{ contact(id: {bomb}) {{ id }} }}")).await.code(), "QUERY_TOO_COMPLEX");
        let circle = "{ ...A } fragment A on Query { ...B ...B } fragment B on Query { ...A ...A }";
        assert_eq!(sales.query(circle).await.code(), "BAD_USER_INPUT");
        let deep = format!("{{ contacts(filter: {}{}) {{ totalCount }} }}", "{not: ".repeat(30), "{}".to_owned() + &"}".repeat(30));
        assert_eq!(sales.for_purpose("sales").query(&deep).await.code(), "QUERY_TOO_COMPLEX");
    }

    async fn reasons_come_in_french_when_asked_for(app: TestApp) {
        let eve = app.contact("Eve", &[("phone", Value::text("+33 1"))]).await;
        app.consent(&eve, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        let query = "{ contacts { nodes { phone policy { masked { field plugin code message remedy } } } } }";
        let english = marketer.query(query).await.ok();
        let french = marketer.with_header("Accept-Language", "fr-FR,fr;q=0.9,en;q=0.5").query(query).await.ok();
        let (en, fr) = (english.data("/contacts/nodes/0/policy/masked/0"), french.data("/contacts/nodes/0/policy/masked/0"));
        assert_eq!((&en["plugin"], &en["code"]), (&fr["plugin"], &fr["code"]));
        assert!(en["message"].is_string() && en["message"] != fr["message"], "{en} {fr}");
        let rules = english.body.pointer("/extensions/policy/rules").and_then(Json::as_array).expect("rules in force");
        let (plugin, code) = (en["plugin"].as_str().expect("a plugin"), en["code"].as_str().expect("a code"));
        assert!(rules.iter().any(|rule| rule["reason"] == format!("{plugin}/{code}")), "{rules:?}");
        let masks = english.body.pointer("/extensions/policy/masks/0").expect("a mask");
        assert_eq!((&masks["entity"], &masks["field"], &masks["count"]), (&json!("contact"), &json!("phone"), &json!(1)));
    }

    async fn whatever_is_asked_http_answers_json_that_nobody_keeps(app: TestApp) {
        let get = async |method: &str, path: &str| {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
            let response = app.router.clone().oneshot(request).await.expect("an answer");
            let kept = response.headers().get("cache-control").and_then(|value| value.to_str().ok()).map(str::to_owned);
            let status = response.status().as_u16();
            let body = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
            (status, kept, String::from_utf8_lossy(&body).into_owned())
        };
        for (method, path, status, part) in [
            ("GET", "/health", 200, "ok"),
            ("GET", "/ready", 200, "ready"),
            ("GET", "/graphql", 405, "BAD_USER_INPUT"),
            ("POST", "/graphql", 415, "BAD_USER_INPUT"),
            ("GET", "/nowhere", 404, "NOT_FOUND"),
        ] {
            let (answered, kept, body) = get(method, path).await;
            assert_eq!((answered, kept.as_deref()), (status, Some("no-store")), "{method} {path}");
            assert!(body.contains(part), "{method} {path}: {body}");
        }
        assert_eq!(app.nobody().query("{ viewer { id } }").await.status, 401);
        let batch = app.actor("sales").await.post("[{\"query\": \"{ viewer { id } }\"}]".to_owned()).await;
        assert_eq!((batch.status, batch.code()), (400, "BAD_USER_INPUT"));
    }
}
