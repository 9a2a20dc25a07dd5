//! Imports and exports that run by themselves: over the API, killed half-way, taken over, cancelled, and gone
//! with their days.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use garant_domain::value::Value;
use garant_service::Service;
use garant_testkit::{Actor, TENANT, instant, on_both_databases};
use serde_json::{Value as Json, json};

const COMPANIES: &str =
    "entity = \"company\"\nsource = \"file\"\nkey = \"id\"\n[field]\nname = { column = \"name\" }\n";
const PEOPLE: &str = "entity = \"contact\"\nsource = \"file\"\nkey = \"id\"\n[field]\n\
    last_name = { column = \"name\" }\nemail = { column = \"mail\" }\ncountry = { constant = \"FR\" }\n";
/// More than a few batches take.
const MANY: usize = 1_300;

fn companies(count: usize) -> String {
    let mut rows = "id,name\n".to_owned();
    for index in 0..count {
        let _ = writeln!(rows, "c{index},Company {index}");
    }
    rows
}

async fn upload(actor: &Actor, mapping: &str, file: &str) -> String {
    let answer = actor.post_form("/import", &[("mapping", mapping), ("file", file)]).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.data("/id").as_str().expect("an id").to_owned()
}

async fn job(actor: &Actor, id: &str) -> Json {
    let query = "query($id: ID!) { job(id: $id) { kind state problem { code } rejects(first: 3) { line reason row }
        progress { read created updated unchanged rejected duplicates percent } download { path } rejectsFile { path } } }";
    actor.send(query, json!({ "id": id })).await.ok().data("/job").clone()
}

async fn count(actor: &Actor) -> i64 {
    actor.query("{ companies { totalCount } }").await.ok().data("/companies/totalCount").as_i64().expect("a count")
}

/// Waits until a batch of a job has been committed.
async fn a_batch(service: &Arc<Service>, id: &str) {
    loop {
        let job = service.store().job(TENANT, id).await.expect("read").expect("a job");
        if job.progress.contains("\"created\":500") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

on_both_databases! {
    async fn a_file_over_the_api_becomes_records_and_its_owner_alone_sees_what_was_not_taken(app: TestApp) {
        app.contact("Ada", &[]).await;
        let (sales, other, dpo) = (app.actor("sales").await, app.actor("sales").await, app.actor("dpo").await);
        let asked = sales.for_purpose("sales");
        let file = "id,name,mail\n1,Xylander,x@example.org\n2,Zweig,ada@example.org\n1,Again,again@example.org\n3,\"Short\"\n";
        for (parts, status, code, field) in [
            (vec![("mapping", PEOPLE), ("file", "id,name\n1,Xylander\n")], 400, "BAD_USER_INPUT", "file"),
            (vec![("mapping", "entity = 1"), ("file", file)], 400, "BAD_USER_INPUT", "mapping"),
            (vec![("file", file), ("mapping", PEOPLE)], 400, "BAD_USER_INPUT", "body"),
        ] {
            let answer = asked.post_form("/import", &parts).await;
            assert_eq!((answer.status, answer.code(), answer.error("/field")), (status, code, &json!(field)), "{}", answer.text);
        }
        let parts = [("mapping", PEOPLE), ("file", file)];
        assert_eq!(sales.post_form("/import", &parts).await.code(), "PURPOSE_REQUIRED");
        assert_eq!(app.nobody().post_form("/import", &parts).await.status, 401);
        assert_eq!(sales.query("{ jobs { id } }").await.ok().data("/jobs"), &json!([]), "what is refused leaves nothing");

        let id = upload(&asked, PEOPLE, file).await;
        assert_eq!(job(&sales, &id).await["state"], "queued");
        assert!(!app.database.dump().await.contains("Xylander"), "the file lies sealed");
        assert_eq!(app.service.run_due_jobs().await.expect("run"), 1);
        let done = job(&sales, &id).await;
        let counts = json!({ "read": 4, "created": 2, "updated": 0, "unchanged": 0, "rejected": 2, "duplicates": 1, "percent": 100 });
        assert_eq!((&done["state"], &done["progress"]), (&json!("done"), &counts), "{done}");
        assert_eq!(done["rejects"][0], json!({ "line": 4, "reason": "column `id`: the row on line 2 has the same key", "row": ["1", "Again", "again@example.org"] }));
        assert_eq!(done["rejects"][1]["line"], 5);
        assert!(!app.database.dump().await.contains("again@example.org"), "and so do the rejects");

        // Somebody else's is not there; who administers sees that it is, and not what it holds.
        let not_found = other.send("query($id: ID!) { importJob(id: $id) { state } }", json!({ "id": id })).await;
        assert_eq!(not_found.code(), "NOT_FOUND");
        let seen = dpo.send("query($id: ID!) { importJob(id: $id) { state rejects { row } } }", json!({ "id": id })).await;
        assert_eq!((seen.data("/importJob/state"), seen.code()), (&json!("done"), "NOT_FOUND"));
        let path = done["rejectsFile"]["path"].as_str().expect("a link").to_owned();
        let bare = path.split('?').next().expect("a path").to_owned();
        for actor in [&other, &dpo] {
            assert_eq!(actor.get(&bare).await.status, 404);
        }
        assert_eq!((app.nobody().get(&bare).await.status, sales.get(&bare).await.status), (401, 200));
        let csv = app.nobody().get(&path).await;
        let expected = "rejected_line,rejected_reason,id,name,mail\n4,column `id`: the row on line 2 has the same key,1,Again,again@example.org\n5,\"the row has 2 cells, the header has 3\",3,Short\n";
        assert_eq!((csv.status, csv.text.as_str()), (200, expected));
        assert_eq!(app.nobody().get(&path.replace("/rejects", "/file")).await.status, 401, "a link opens one file");
        // The mended rejects are a file again; the rows before are known.
        let mended = csv.text.replace("1,Again", "4,Again").replace("3,Short", "3,Short,");
        let again = upload(&asked, PEOPLE, &mended).await;
        app.service.run_due_jobs().await.expect("run");
        assert_eq!(job(&sales, &again).await["progress"]["created"], 2);

        app.clock.set(instant("2026-05-01T10:11:00Z"));
        assert_eq!(app.nobody().get(&path).await.status, 401, "its time is over");
        app.clock.set(instant("2026-05-09T10:00:00Z"));
        assert_eq!(app.service.expire_jobs().await.expect("expired"), 2);
        assert_eq!(sales.query("{ jobs { id } }").await.ok().data("/jobs"), &json!([]));
        let mut left = 0;
        for part in ["file", "rejects"] {
            left += usize::from(app.store.job_part(TENANT, &id, part, 0).await.expect("read").is_some());
        }
        assert_eq!(left, 0, "with all that it held");
    }

    async fn a_killed_import_loses_nothing_and_repeats_nothing(app: TestApp) {
        let sales = app.actor("sales").await;
        // The last row names the key of the first one, batches before; one in the middle cannot be read.
        let file = companies(MANY).replace("c700,Company 700\n", "c700\n") + "c0,Company 0\n";
        let id = upload(&sales, COMPANIES, &file).await;
        // Dropped in the middle of whatever it is doing, as a killed process drops it.
        tokio::select! {
            biased;
            () = a_batch(&app.service, &id) => {}
            _ = app.service.run_due_jobs() => panic!("it was to be killed"),
        }
        let half = count(&sales).await;
        assert!((1..MANY as i64 - 1).contains(&half), "half-way: {half}");
        let other = app.service_process(garant::shipped_plugins()).await;
        assert_eq!(other.run_due_jobs().await.expect("run"), 0, "its lease runs");
        app.clock.set(instant("2026-05-01T10:05:00Z"));
        assert_eq!(other.run_due_jobs().await.expect("run"), 1);
        let done = job(&sales, &id).await;
        let progress = &done["progress"];
        assert_eq!((&progress["read"], &progress["created"], &progress["rejected"]), (&json!(MANY + 1), &json!(MANY - 1), &json!(2)), "{done}");
        let told: Vec<&Json> = done["rejects"].as_array().expect("rejects").iter().map(|reject| &reject["line"]).collect();
        assert_eq!(told, [702, MANY + 2], "each once: {done}");
        assert_eq!(count(&sales).await, MANY as i64 - 1);
        assert!(app.store.verify_log(TENANT).await.expect("the log").broken.is_none());
    }

    async fn whoever_was_taken_over_or_cancelled_commits_nothing_more(app: TestApp) {
        let sales = app.actor("sales").await;
        let id = upload(&sales, COMPANIES, &companies(10)).await;
        let slow = app.service.claim_job().await.expect("claimed").expect("a job");
        assert!(app.service.claim_job().await.expect("asked").is_none(), "one at a time");
        app.clock.set(instant("2026-05-01T10:05:00Z"));
        let other = app.service_process(garant::shipped_plugins()).await;
        let taken = other.claim_job().await.expect("claimed").expect("the same job");
        // The slow one wakes up: its batch is not kept.
        app.service.run_job(slow).await.expect("left");
        assert_eq!((count(&sales).await, job(&sales, &id).await["state"].clone()), (0, json!("running")));
        other.run_job(taken).await.expect("run");
        assert_eq!((count(&sales).await, job(&sales, &id).await["state"].clone()), (10, json!("done")));

        let id = upload(&sales, COMPANIES, &companies(20)).await;
        let claimed = app.service.claim_job().await.expect("claimed").expect("a job");
        let change = |name: &str| format!("mutation($id: ID!) {{ {name}(id: $id) {{ state }} }}");
        sales.send(&change("cancelJob"), json!({ "id": id })).await.ok();
        app.service.run_job(claimed).await.expect("left");
        assert_eq!((count(&sales).await, job(&sales, &id).await["state"].clone()), (10, json!("cancelled")));
        assert_eq!(app.service.run_due_jobs().await.expect("run"), 0);
        assert_eq!(sales.send(&change("cancelJob"), json!({ "id": id })).await.code(), "CONFLICT");
        let stranger = app.actor("sales").await;
        assert_eq!(stranger.send(&change("resumeJob"), json!({ "id": id })).await.code(), "NOT_FOUND");
        sales.send(&change("resumeJob"), json!({ "id": id })).await.ok();
        app.service.run_due_jobs().await.expect("run");
        assert_eq!((count(&sales).await, job(&sales, &id).await["state"].clone()), (20, json!("done")));
        assert_eq!(sales.send(&change("resumeJob"), json!({ "id": id })).await.code(), "CONFLICT");
    }

    async fn several_processes_share_the_jobs(app: TestApp) {
        let sales = app.actor("sales").await;
        let mut ids = Vec::new();
        for part in 0..4 {
            let file = companies(30).replace("\nc", &format!("\n{part}c"));
            ids.push(upload(&sales, COMPANIES, &file).await);
        }
        let other = app.service_process(garant::shipped_plugins()).await;
        let (one, two) = tokio::join!(app.service.run_due_jobs(), other.run_due_jobs());
        assert_eq!(one.expect("run") + two.expect("run"), 4, "each by one of them");
        for id in ids {
            assert_eq!(job(&sales, &id).await["progress"]["created"], 30);
        }
        assert_eq!(count(&sales).await, 120);
    }

    async fn an_export_is_fetched_by_its_owner_while_it_may_leave(app: TestApp) {
        let values = [
            ("name", Value::text("Mailer")),
            ("role", Value::text("processor")),
            ("country", Value::text("DE")),
            ("contract_until", Value::Date(22_000)),
            ("purposes", Value::text("sales marketing")),
        ];
        let mailer = app.create("recipient", &values).await;
        let ada = app.contact("Ada", &[]).await;
        app.contact("Bea", &[]).await;
        app.consent(&ada, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        let (owner, other) = (app.actor("marketing").await, app.actor("marketing").await);
        let asked = owner.for_purpose("marketing");
        let start = "mutation($input: StartExportInput!) { startExport(input: $input) { id state download { path } } }";
        let input = |more: Json| {
            let mut input = json!({ "entity": "contact", "format": "csv", "fields": ["lastName", "email"], "recipient": mailer });
            input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            json!({ "input": input })
        };
        assert_eq!(owner.send(start, input(json!({}))).await.code(), "PURPOSE_REQUIRED");
        for (more, field) in [
            (json!({ "recipient": null }), "recipient"),
            (json!({ "format": "pdf" }), "input.format"),
            (json!({ "fields": ["shoeSize"] }), "fields"),
            (json!({ "filter": { "shoeSize": { "eq": 1 } } }), "filter.shoeSize"),
        ] {
            assert_eq!(asked.send(start, input(more)).await.error("/field"), field);
        }
        let begun = asked.send(start, input(json!({ "filter": { "lastName": { "neq": "Cid" } } }))).await.ok();
        assert_eq!(begun.data("/startExport/download"), &Json::Null, "there is no file yet");
        let id = begun.data("/startExport/id").as_str().expect("an id").to_owned();
        assert!(!app.database.dump().await.contains("Cid"), "the filter lies sealed");
        app.service.run_due_jobs().await.expect("run");
        let done = job(&owner, &id).await;
        assert_eq!((&done["state"], &done["progress"]["read"]), (&json!("done"), &json!(1)), "{done}");
        let path = done["download"]["path"].as_str().expect("a link").to_owned();
        let bare = format!("/jobs/{id}/file");
        let file = app.nobody().get(&path).await;
        assert_eq!((file.status, file.text.as_str()), (200, format!("id,lastName,email\n{ada},Ada,ada@example.org\n").as_str()));
        assert_eq!((other.get(&bare).await.status, owner.get(&bare).await.text), (404, file.text));
        let ndjson = asked.send(start, input(json!({ "format": "ndjson" }))).await.ok();
        app.service.run_due_jobs().await.expect("run");
        let id = ndjson.data("/startExport/id").as_str().expect("an id").to_owned();
        let text = owner.get(&format!("/jobs/{id}/file")).await.text;
        assert_eq!(serde_json::from_str::<Json>(text.trim()).expect("one object")["lastName"], "Ada");

        // The contract ends: what was written while it ran may not leave any more.
        let ended = json!({ "id": mailer });
        let end = "mutation($id: ID!) { updateRecipient(id: $id, input: {contractUntil: \"2020-01-01\"}) { id } }";
        app.actor("dpo").await.send(end, ended).await.ok();
        let refused = app.nobody().get(&path).await;
        assert_eq!((refused.status, refused.code()), (403, "POLICY_REFUSED"), "{}", refused.text);
        assert_eq!(owner.get(&bare).await.status, 403);
        assert_eq!(asked.send(start, input(json!({}))).await.code(), "POLICY_REFUSED");
    }
}
