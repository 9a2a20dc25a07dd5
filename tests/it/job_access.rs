//! What goes on by itself goes on for nobody who has no access any more, and as far as the role reaches by then.
//! Who sees whose jobs is a duty, and a browser fetches files with its session.

use std::fmt::Write as _;
use std::time::Duration;

use garant_testkit::{Actor, TENANT, TestApp, instant, on_both_databases};
use serde_json::{Value as Json, json};

const COMPANIES: &str =
    "entity = \"company\"\nsource = \"file\"\nkey = \"id\"\n[field]\nname = { column = \"name\" }\n";
/// More than a few batches take.
const MANY: usize = 1_300;

fn companies(count: usize) -> String {
    let mut rows = "id,name\n".to_owned();
    for index in 0..count {
        let _ = writeln!(rows, "c{index},Company {index}");
    }
    rows
}

async fn upload(actor: &Actor, count: usize) -> String {
    let answer = actor.post_form("/import", &[("mapping", COMPANIES), ("file", &companies(count))]).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.data("/id").as_str().expect("an id").to_owned()
}

async fn job(actor: &Actor, id: &str) -> Json {
    let query = "query($id: ID!) { job(id: $id) { state problem { code message } progress { created } } }";
    actor.send(query, json!({ "id": id })).await.data("/job").clone()
}

/// Runs a job until a batch of it has been committed, and no further.
async fn run_a_batch(app: &TestApp, id: &str) {
    let batch = async {
        loop {
            let job = app.service.store().job(TENANT, id).await.expect("read").expect("a job");
            if job.progress.contains("\"created\":500") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::select! {
        biased;
        () = batch => {}
        _ = app.service.run_due_jobs() => panic!("it was to be stopped half-way"),
    }
}

/// Invites somebody who signs in; answers the user's id and the cookie of a session.
async fn user(app: &TestApp, role: &str) -> (String, Actor, String) {
    let query = "mutation($role: String!) { inviteUser(input: {name: \"Ada\", email: \"ada@example.org\", role: $role}) { userId token } }";
    let invited = app.actor("dpo").await.send(query, json!({ "role": role })).await.ok();
    let accept =
        "mutation($token: String!) { acceptInvitation(token: $token, password: \"correct horse battery\") { token } }";
    let accepted = app.nobody().send(accept, json!({ "token": invited.data("/inviteUser/token") })).await.ok();
    let token = accepted.data("/acceptInvitation/token").as_str().expect("a token").to_owned();
    let id = invited.data("/inviteUser/userId").as_str().expect("an id").to_owned();
    (id, app.bearer(&token), format!("__Host-garant={token}"))
}

async fn key(app: &TestApp) -> (Json, Actor) {
    let create = "mutation { createApiKey(input: {name: \"loader\", role: \"sales\"}) { secret apiKey { id } } }";
    let made = app.actor("admin").await.query(create).await.ok();
    let secret = made.data("/createApiKey/secret").as_str().expect("a secret").to_owned();
    (made.data("/createApiKey/apiKey/id").clone(), app.bearer(&secret))
}

on_both_databases! {
    async fn a_revoked_key_stops_its_jobs_at_the_next_batch(app: TestApp) {
        let (admin, (id, loader)) = (app.actor("admin").await, key(&app).await);
        let (running, waiting) = (upload(&loader, MANY).await, upload(&loader, 3).await);
        run_a_batch(&app, &running).await;
        let before = job(&admin, &running).await["progress"]["created"].clone();
        admin.send("mutation($id: ID!) { revokeApiKey(id: $id) { revokedAt } }", json!({ "id": id })).await.ok();
        app.clock.set(instant("2026-05-01T10:05:00Z"));
        assert_eq!(app.service.run_due_jobs().await.expect("run"), 2);
        for (job_id, created) in [(&running, &before), (&waiting, &json!(0))] {
            let stopped = job(&admin, job_id).await;
            assert_eq!((&stopped["state"], &stopped["problem"]["code"]), (&json!("failed"), &json!("FORBIDDEN")), "{stopped}");
            assert_eq!(&stopped["progress"]["created"], created, "nothing more was done: {stopped}");
        }
        admin.send("mutation($id: ID!) { resumeJob(id: $id) { state } }", json!({ "id": running })).await.ok();
        app.service.run_due_jobs().await.expect("run");
        assert_eq!(job(&admin, &running).await["state"], "failed", "nobody resumes it for them");
    }

    async fn a_rotated_key_goes_on_with_its_jobs(app: TestApp) {
        let (admin, (id, loader)) = (app.actor("admin").await, key(&app).await);
        let waiting = upload(&loader, 3).await;
        let rotate = "mutation($id: ID!) { rotateApiKey(id: $id, overlapHours: 1) { secret apiKey { id } } }";
        let rotated = admin.send(rotate, json!({ "id": id })).await.ok();
        let newer = rotated.data("/rotateApiKey/apiKey/id").clone();
        let loader = app.bearer(rotated.data("/rotateApiKey/secret").as_str().expect("a secret"));
        app.clock.set(instant("2026-05-01T12:00:00Z"));
        app.service.run_due_jobs().await.expect("run");
        assert_eq!(job(&admin, &waiting).await["state"], "done");
        let again = upload(&loader, 3).await;
        admin.send("mutation($id: ID!) { revokeApiKey(id: $id) { revokedAt } }", json!({ "id": newer })).await.ok();
        app.service.run_due_jobs().await.expect("run");
        assert_eq!(job(&admin, &again).await["state"], "failed");
    }

    async fn a_users_jobs_end_with_the_access_and_reach_as_far_as_the_role(app: TestApp) {
        let admin = app.actor("dpo").await;
        let (id, ada, _) = user(&app, "sales").await;
        let (first, second) = (upload(&ada, 3).await, upload(&ada, 4).await);
        admin.send("mutation($id: ID!) { deactivateUser(userId: $id) { state } }", json!({ "id": id })).await.ok();
        app.service.run_due_jobs().await.expect("run");
        assert_eq!(job(&admin, &first).await["problem"]["code"], "FORBIDDEN");
        admin.send("mutation($id: ID!) { reactivateUser(userId: $id) { state } }", json!({ "id": id })).await.ok();
        let resume = "mutation($id: ID!) { resumeJob(id: $id) { state } }";
        admin.send(resume, json!({ "id": first })).await.ok();
        app.service.run_due_jobs().await.expect("run");
        let done = job(&admin, &first).await;
        assert_eq!((&done["state"], &done["progress"]["created"]), (&json!("done"), &json!(3)), "signed out, and known: {done}");

        let nothing = json!({ "key": "reader", "label": "Reader", "duties": [], "records": [{ "entity": "*", "read": "all" }] });
        admin.send("mutation($input: SetRoleInput!) { setRole(input: $input, expectedVersion: 0) { version } }", json!({ "input": nothing })).await.ok();
        admin.send("mutation($id: ID!) { setUserRole(userId: $id, role: \"reader\") { role } }", json!({ "id": id })).await.ok();
        admin.send(resume, json!({ "id": second })).await.ok();
        app.service.run_due_jobs().await.expect("run");
        let stopped = job(&admin, &second).await;
        assert_eq!((&stopped["state"], &stopped["problem"]["code"]), (&json!("failed"), &json!("FORBIDDEN")), "{stopped}");
    }

    async fn files_are_fetched_with_a_sessions_cookie_and_by_nobody_without_access(app: TestApp) {
        let admin = app.actor("dpo").await;
        let (id, ada, cookie) = user(&app, "sales").await;
        upload(&ada, 3).await;
        app.service.run_due_jobs().await.expect("run");
        let start = "mutation { startExport(input: {entity: \"company\", format: \"csv\", fields: [\"name\"]}) { id } }";
        let export = ada.query(start).await.ok().data("/startExport/id").as_str().expect("an id").to_owned();
        app.service.run_due_jobs().await.expect("run");
        let path = format!("/jobs/{export}/file");
        let browser = app.nobody().with_header("cookie", &cookie).with_header("host", "crm.example");
        let file = browser.with_header("sec-fetch-site", "same-origin").get(&path).await;
        assert!(file.status == 200 && file.text.contains("Company 2"), "{}", file.text);
        assert_eq!(browser.get(&path).await.status, 200);
        for (header, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let foreign = browser.with_header(header, value).get(&path).await;
            assert_eq!((foreign.status, foreign.code()), (403, "FORBIDDEN"), "{header}");
        }
        let download = "query($id: ID!) { job(id: $id) { download { path } } }";
        let link = ada.send(download, json!({ "id": export })).await.ok().data("/job/download/path").clone();
        let link = link.as_str().expect("a link");
        assert_eq!(app.nobody().get(link).await.status, 200);
        admin.send("mutation($id: ID!) { deactivateUser(userId: $id) { state } }", json!({ "id": id })).await.ok();
        assert_eq!((app.nobody().get(link).await.status, browser.get(&path).await.status), (403, 401));
    }

    async fn who_sees_everybodys_jobs_is_a_duty(app: TestApp) {
        let dpo = app.actor("dpo").await;
        let id = upload(&app.actor("sales").await, 3).await;
        let watcher = json!({ "key": "watcher", "label": "Watcher", "duties": ["jobs"], "records": [] });
        let set = "mutation($input: SetRoleInput!) { setRole(input: $input, expectedVersion: 0) { version } }";
        dpo.send(set, json!({ "input": watcher })).await.ok();
        let watcher = app.actor("watcher").await;
        assert_eq!(watcher.query("{ jobs { id } }").await.ok().texts("/jobs", "/id"), [id.as_str()]);
        let cancel = "mutation($id: ID!) { cancelJob(id: $id) { state } }";
        assert_eq!(app.actor("support").await.send(cancel, json!({ "id": id })).await.code(), "NOT_FOUND");
        watcher.send(cancel, json!({ "id": id })).await.ok();
        let admin = json!({ "key": "admin", "label": "Administrator", "duties": ["users", "keys"], "records": [{ "entity": "*", "read": "all" }] });
        dpo.send(set, json!({ "input": admin })).await.ok();
        assert_eq!(app.actor("admin").await.query("{ jobs { id } }").await.ok().data("/jobs"), &json!([]), "it is no name of a role");
    }
}
