//! What the copies of the data are made to differ in.

use garant_testkit::{Backend, TestApp, TestDatabase};

use crate::data::{columns, run};

/// Takes the policies of every tenant away.
pub async fn forget_policies(database: &TestDatabase) {
    for table in ["policy_change", "policy_set"] {
        // Sets are kept for ever, by triggers too.
        let unlock = match database.backend() {
            Backend::Sqlite => format!("DROP TRIGGER {table}_keep"),
            Backend::Postgres => format!("ALTER TABLE {table} DISABLE TRIGGER ALL"),
        };
        run(database, &[unlock, format!("DELETE FROM {table}")]).await;
    }
}

/// Puts the hand-written SQL in the table's place.
pub async fn by_hand(app: &TestApp) {
    let view = match app.database.backend() {
        Backend::Sqlite => include_str!("../../hand/marketing.sqlite.sql"),
        Backend::Postgres => include_str!("../../hand/marketing.postgres.sql"),
    };
    let columns: Vec<String> = columns(app).await.into_iter().filter(|name| name != "phone").collect();
    let columns: Vec<String> = columns.iter().map(|name| format!("c.{name}")).collect();
    run(
        &app.database,
        &["ALTER TABLE contact RENAME TO contact_table".to_owned(), view.replace("$COLUMNS", &columns.join(", "))],
    )
    .await;
}
