//! What a preview costs on 200,000 contacts beside the counts of lists: `cargo bench --bench preview`, or
//! `cargo bench --bench preview -- sqlite`. Each is asked twice, and both times are printed.

use std::time::{Duration, Instant};

use garant_domain::context::Actor;
use garant_domain::policy_set::Mode;
use garant_service::{Caller, PolicyTrial, PreviewRequest};
use garant_testkit::{Backend, TENANT, TestApp};
use sqlx::{AssertSqlSafe, Connection, Executor};

/// Two consents for most contacts, as a business has them after some years.
fn filling(backend: Backend) -> [String; 2] {
    let contacts = garant_bench::contacts();
    let (numbers, text) = match backend {
        Backend::Sqlite => (
            format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {contacts})"),
            "printf('%08d', i)",
        ),
        Backend::Postgres => (format!("WITH n(i) AS (SELECT generate_series(1, {contacts}))"), "lpad(i::text, 8, '0')"),
    };
    // 2026-04-01, 2026-01-10 and 2026-05-01, in microseconds.
    let (inbound, given, made) = (1_775_037_600_000_000_i64, 1_768_039_200_000_000_i64, 1_777_629_600_000_000_i64);
    let (yes, no) = match backend {
        Backend::Sqlite => ("1", "0"),
        Backend::Postgres => ("true", "false"),
    };
    let contacts = format!(
        "{numbers} INSERT INTO contact (tenant_id, id, version, created_at, updated_at, collected_at, collected_for, last_name, email, phone, country, kind, audience, own_customer, restricted, legal_hold, last_inbound_contact_at) \
         SELECT 'test', 'c' || {text}, 1, {made}, {made}, {made}, 'sales', 'Name' || {text}, 'n' || {text} || '@example.org', '+33 1', CASE i % 3 WHEN 0 THEN 'FR' WHEN 1 THEN 'DE' ELSE 'US' END, 'prospect', 'consumer', {no}, {no}, {no}, {inbound} FROM n"
    );
    let states = format!(
        "{numbers} INSERT INTO consent_state (tenant_id, subject_id, purpose, channel, track, status, at, rank, proven, confirmed, explicit, method) \
         SELECT 'test', 'c' || {text}, 'marketing', channel, 'consent', CASE WHEN i % 5 = 0 THEN 'withdrawn' ELSE 'given' END, {given}, CASE WHEN i % 5 = 0 THEN 8 ELSE 0 END, {yes}, {no}, {no}, 'checkbox' \
         FROM n, (SELECT 'email' AS channel UNION ALL SELECT 'call') AS channels WHERE i % 4 <> 0"
    );
    [contacts, states]
}

async fn fill(app: &TestApp) {
    let backend = app.database.backend();
    for statement in filling(backend) {
        match backend {
            Backend::Sqlite => {
                let mut conn = sqlx::SqliteConnection::connect(&app.database.url).await.expect("a connection");
                conn.execute(AssertSqlSafe(statement)).await.expect("rows");
                conn.execute("ANALYZE").await.expect("statistics");
            }
            Backend::Postgres => {
                let mut conn = sqlx::PgConnection::connect(&app.database.url).await.expect("a connection");
                conn.execute(AssertSqlSafe(statement)).await.expect("rows");
                conn.execute("ANALYZE").await.expect("statistics");
            }
        }
    }
}

async fn measure(backend: Backend) {
    let app = TestApp::start(backend).await;
    fill(&app).await;
    let marketer = app.actor("marketing").await.for_purpose("marketing");
    for channel in [None, Some("email")] {
        let actor = channel.map_or(marketer.clone(), |channel| marketer.through(channel));
        for _ in 0..2 {
            let start = Instant::now();
            let counted = actor.query("{ contacts { totalCount } }").await.ok();
            println!(
                "{backend:?} count for {channel:?}: {} in {:?}",
                counted.data("/contacts/totalCount"),
                start.elapsed()
            );
        }
    }
    let caller = Caller {
        tenant: TENANT.to_owned(),
        actor: Actor { id: "dpo".to_owned(), role: "dpo".to_owned(), country: None },
        name: "dpo".to_owned(),
        recipient: None,
        default_purpose: None,
        access: garant_service::Access::default(),
    };
    // Asked of the service itself, so that the time-out of requests does not end the measurement.
    for id in ["consent", "retention", "purpose"] {
        let trial = PolicyTrial { id: id.to_owned(), mode: Some(Mode::Off), ..PolicyTrial::default() };
        let budget = Some(Duration::from_secs(600));
        let request = PreviewRequest { policy: Some(trial), budget, ..PreviewRequest::default() };
        let before = app.store.statements();
        let start = Instant::now();
        let preview = app.service.preview_policy_change(&caller, request).await.expect("a preview");
        let (elapsed, statements) = (start.elapsed(), app.store.statements() - before);
        println!("{backend:?} preview {id} off: {elapsed:?}, {statements} statements");
        for impact in &preview.impacts {
            let counts = impact.counts.as_ref().expect("counted");
            println!(
                "    {backend:?} {} for {} through {:?}: {} before, {} after",
                impact.entity, impact.purpose, impact.channel, counts.rows_before, counts.rows_after
            );
        }
    }
}

fn main() {
    garant_bench::on_named_databases(|name| async move {
        measure(if name == "sqlite" { Backend::Sqlite } else { Backend::Postgres }).await;
    });
}
