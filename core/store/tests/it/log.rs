//! The decision log: durable before it is answered, chained, verifiable.

use std::process::{Command, Stdio};

use garant_store::{LogDetail, LogLine, Store};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

use crate::both;
use crate::support::*;

fn line(tenant: &str, entity: &str) -> LogLine {
    LogLine {
        tenant: tenant.to_owned(),
        at: NOW,
        actor: "user".to_owned(),
        role: "sales".to_owned(),
        operation: "read".to_owned(),
        entity: entity.to_owned(),
        purposes: vec!["sales".to_owned()],
        channel: None,
        recipient: None,
        set_version: 1,
        outcome: "shown".to_owned(),
        fields: vec!["email".to_owned()],
        codes: vec!["consent/CNS-05".to_owned()],
        observed: vec![],
        observed_rows: vec![],
        break_glass: None,
        approval: None,
        detail: LogDetail { refs: vec!["r1".to_owned(), "r2".to_owned()], ends_at: NOW + 1 },
    }
}

/// Counts lines over a connection of its own.
async fn count(url: &str) -> i64 {
    let sql = "SELECT count(*) FROM decision_log";
    if url.starts_with("postgres") {
        let mut connection = PgConnection::connect(url).await.expect("a connection");
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a count")
    } else {
        let mut connection = SqliteConnection::connect(url).await.expect("a connection");
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("a count")
    }
}

/// Changes the log behind the store's back, as the owner of the database.
async fn tamper(url: &str, statements: &[&'static str]) {
    for statement in statements {
        if url.starts_with("postgres") {
            PgConnection::connect(url).await.expect("a connection").execute(*statement).await.expect("changed");
        } else {
            SqliteConnection::connect(url).await.expect("a connection").execute(*statement).await.expect("changed");
        }
    }
}

both!(an_acknowledged_line_is_there_for_everybody, |db: Db| async move {
    for expected in 1..4 {
        db.store.log().append(line(TENANT, "contact")).await.expect("logged");
        assert_eq!(count(&db.url).await, expected);
    }
});

both!(lines_that_gather_are_committed_together, |db: Db| async move {
    let lines = (0..200).map(|index| {
        let log = db.store.log().clone();
        tokio::spawn(async move { log.append(line(if index % 3 == 0 { "other" } else { TENANT }, "contact")).await })
    });
    for line in lines.collect::<Vec<_>>() {
        line.await.expect("ended").expect("logged");
    }
    assert_eq!(count(&db.url).await, 200);
    let commits = db.store.log().commits();
    assert!(commits < 200, "{commits} commits for 200 lines");
    for (tenant, lines) in [(TENANT, 133), ("other", 67)] {
        let check = db.store.verify_log(tenant).await.expect("verified");
        assert_eq!((check.lines, check.writers, check.broken), (lines, 1, None));
    }
});

both!(a_write_logs_in_its_own_transaction, |db: Db| async move {
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    tx.log(&line(TENANT, "contact")).await.expect("logged");
    drop(tx);
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    tx.log(&line(TENANT, "contact")).await.expect("logged");
    tx.log(&line(TENANT, "deal")).await.expect("logged");
    tx.commit().await.expect("committed");
    db.store.log().append(line(TENANT, "deal")).await.expect("logged");
    let check = db.store.verify_log(TENANT).await.expect("verified");
    assert_eq!((check.lines, check.writers, check.broken), (3, 2, None));
});

both!(a_changed_line_is_found, |db: Db| async move {
    for _ in 0..5 {
        db.store.log().append(line(TENANT, "contact")).await.expect("logged");
    }
    assert_eq!(db.store.verify_log(TENANT).await.expect("verified").broken, None);
    // Destroying the openings on schedule breaks nothing.
    tamper(&db.url, &["DELETE FROM decision_detail WHERE seq = 2"]).await;
    assert_eq!(db.store.verify_log(TENANT).await.expect("verified").broken, None);
    tamper(&db.url, &["UPDATE decision_detail SET refs = '[\"r3\"]' WHERE seq = 4"]).await;
    assert_eq!(db.store.verify_log(TENANT).await.expect("verified").broken.map(|(_, seq)| seq), Some(4));
    if !db.is_postgres() {
        tamper(&db.url, &["DROP TRIGGER decision_log_append_only"]).await;
    }
    tamper(&db.url, &["UPDATE decision_log SET line = replace(line, 'contact', 'company') WHERE seq = 3"]).await;
    assert_eq!(db.store.verify_log(TENANT).await.expect("verified").broken.map(|(_, seq)| seq), Some(3));
    if !db.is_postgres() {
        tamper(&db.url, &["DROP TRIGGER decision_log_keep"]).await;
    }
    tamper(&db.url, &["DELETE FROM decision_log WHERE seq = 1"]).await;
    assert_eq!(db.store.verify_log(TENANT).await.expect("verified").broken.map(|(_, seq)| seq), Some(2));
});

both!(the_log_takes_no_change, |db: Db| async move {
    db.store.log().append(line(TENANT, "contact")).await.expect("logged");
    let attempt = "UPDATE decision_log SET line = ''";
    let refused = if db.is_postgres() {
        let mut server = db.owner().await;
        server.execute("SET ROLE garant_server").await.expect("the role");
        server.execute(AssertSqlSafe(format!("SET garant.tenant = '{TENANT}'"))).await.expect("the tenant");
        server.execute(attempt).await.is_err()
    } else {
        SqliteConnection::connect(&db.url).await.expect("a connection").execute(attempt).await.is_err()
    };
    assert!(refused);
});

/// Set for the process that is to be killed.
const VICTIM: &str = "GARANT_STORE_TEST_VICTIM";

/// The victim: logs until it dies, saying each line that was acknowledged. Does nothing in an
/// ordinary run.
#[tokio::test(flavor = "multi_thread")]
async fn victim() {
    let Ok(url) = std::env::var(VICTIM) else { return };
    let store = Store::connect(&config(&url), catalog()).await.expect("a store");
    for _ in 0..50 {
        store.log().append(line(TENANT, "contact")).await.expect("logged");
        println!("acknowledged");
    }
    // No destructor, no flush: as a kill would end it.
    std::process::abort();
}

both!(an_acknowledged_line_survives_a_kill, |db: Db| async move {
    let program = std::env::current_exe().expect("this program");
    let killed = Command::new(program)
        .args(["--exact", "log::victim", "--nocapture"])
        .env(VICTIM, &db.url)
        .stderr(Stdio::null())
        .output()
        .expect("run");
    assert!(!killed.status.success());
    let acknowledged = String::from_utf8_lossy(&killed.stdout).matches("acknowledged").count();
    assert_eq!(acknowledged, 50);
    assert_eq!(count(&db.url).await, 50);
    assert_eq!(db.store.verify_log(TENANT).await.expect("verified").broken, None);
});
