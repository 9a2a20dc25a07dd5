//! The data: one contact that went through the door, multiplied by the database itself; two consents
//! for each; statistics for the planner.

use garant_domain::value::Value;
use garant_testkit::{Backend, START, TestApp, TestDatabase, instant};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, SqliteConnection};

/// Fills a database.
pub async fn fill(app: &TestApp) {
    let more = [
        ("first_name", Value::text("Ada")),
        ("phone", Value::text("+33 1 23 45 67 89")),
        ("audience", Value::text("consumer")),
        ("kind", Value::text("prospect")),
    ];
    app.contact("Seed", &more).await;
    let columns = columns(app).await;
    let fresh = |name: &str| match name {
        "id" => Some("'c' || n".to_owned()),
        // Spread over the alphabet, so that the order of names is not the order of ids.
        "last_name" => Some("'Name ' || (n * 7919 % 1000003)".to_owned()),
        "last_name_fold" => Some("'name ' || (n * 7919 % 1000003)".to_owned()),
        "email" | "email_fold" => Some("'person' || n || '@example.org'".to_owned()),
        "country" => Some("CASE n % 4 WHEN 0 THEN 'FR' WHEN 1 THEN 'DE' WHEN 2 THEN 'IT' ELSE 'ES' END".to_owned()),
        _ => None,
    };
    let values: Vec<String> =
        columns.iter().map(|name| fresh(name).unwrap_or_else(|| format!("contact.{name}"))).collect();
    let (columns, values, count) = (columns.join(", "), values.join(", "), garant_bench::contacts());
    let numbers =
        format!("WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})");
    let at = instant(START) - 30 * 86_400_000_000;
    let consent = |channel: &str, withdrawn: u32| {
        format!(
            "INSERT INTO consent_state (tenant_id, subject_id, purpose, channel, track, status, at, rank, proven, \
             confirmed, explicit, method) SELECT tenant_id, id, 'marketing', '{channel}', 'consent', \
             CASE WHEN rowno % {withdrawn} = 0 THEN 'withdrawn' ELSE 'given' END, {at}, \
             CASE WHEN rowno % {withdrawn} = 0 THEN 1 ELSE 0 END, true, true, false, 'checkbox' \
             FROM (SELECT tenant_id, id, row_number() OVER (ORDER BY id) AS rowno FROM contact) AS people"
        )
    };
    run(
        &app.database, &[
        format!("INSERT INTO contact ({columns}) {numbers} SELECT {values} FROM contact, numbers WHERE contact.last_name = 'Seed'"),
        "DELETE FROM contact WHERE last_name = 'Seed'".to_owned(),
        consent("email", 3),
        consent("sms", 5),
    ])
    .await;
    analyse(&app.database).await;
}

/// Statistics for the planner, as a server has them: see `migrate.rs` of the store.
pub async fn analyse(database: &TestDatabase) {
    let statistics = match database.backend() {
        Backend::Sqlite => ["ANALYZE", "DROP TABLE IF EXISTS sqlite_stat4"].as_slice(),
        Backend::Postgres => &["VACUUM ANALYZE"],
    };
    run(database, &statistics.iter().map(|&statement| statement.to_owned()).collect::<Vec<_>>()).await;
}

/// The columns of the contacts' table.
pub async fn columns(app: &TestApp) -> Vec<String> {
    let url = &app.database.url;
    match app.database.backend() {
        Backend::Sqlite => {
            let mut connection = SqliteConnection::connect(url).await.expect("SQLite");
            let rows = connection.fetch_all("SELECT name FROM pragma_table_info('contact')").await.expect("columns");
            rows.iter().map(|row| row.get(0)).collect()
        }
        Backend::Postgres => {
            let mut connection = PgConnection::connect(url).await.expect("PostgreSQL");
            let columns = "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'contact'";
            let rows = connection.fetch_all(columns).await.expect("columns");
            rows.iter().map(|row| row.get(0)).collect()
        }
    }
}

/// As the database's owner.
pub async fn run(database: &TestDatabase, statements: &[String]) {
    let url = &database.url;
    for statement in statements {
        let sql = AssertSqlSafe(statement.clone());
        match database.backend() {
            Backend::Sqlite => SqliteConnection::connect(url).await.expect("SQLite").execute(sql).await.map(drop),
            Backend::Postgres => PgConnection::connect(url).await.expect("PostgreSQL").execute(sql).await.map(drop),
        }
        .unwrap_or_else(|error| panic!("{error}: {statement}"));
    }
}
