//! A backup that is older than an erasure comes back: what was erased is erased again (RET-09).

use super::*;

on_both_databases! {
    async fn what_was_erased_is_erased_again_after_a_restore(app: TestApp) {
        let app = erasing(&app).await;
        let (ada, held) = (app.contact("Ada", &[]).await, app.contact("Held", &[]).await);
        app.store.close().await;
        let backup = app.database.copy().await;
        let app = TestApp::over(app.database, vec![case_plugin(Case::Erase)], &garant_testkit::engine()).await;
        sweep(&app).await;
        let kept: Vec<LedgerEntry> = app.service.erasure_ledger().await.expect("the ledger");
        let text = serde_json::to_string(&kept).expect("JSON");
        // Two people, and the address of each.
        assert!(!text.contains(&ada) && kept.len() == 4, "{text}");

        // Restored under policies that destroy nothing by now: the ledger alone remembers.
        let restored = TestApp::over(backup, vec![case_plugin(Case::Erase)], &garant_testkit::engine()).await;
        let off = "mutation { setPolicyMode(id: \"honest\", mode: OFF, expectedVersion: 1, reason: \"A test\") { mode } }";
        restored.actor("dpo").await.query(off).await.ok();
        assert_eq!(sweep(&restored).await.counts, [], "nobody has told it yet");
        assert_eq!(restored.service.replay_ledger(&kept).await.expect("replayed"), 4);
        assert_eq!(restored.service.replay_ledger(&kept).await.expect("replayed"), 0, "once");
        let hold = restored.hold(&[&held]).await;
        let again = SweepCount { code: "host/RET-09".to_owned(), ..count("erase", 1) };
        assert_eq!(preview(&restored).await.counts, std::slice::from_ref(&again));
        assert_eq!(sweep(&restored).await.counts, std::slice::from_ref(&again));
        assert_eq!(names(&restored).await, ["Held"]);
        // Whoever was held is not forgotten.
        restored.release(&hold).await;
        assert_eq!(sweep(&restored).await.counts, [again]);
        assert_eq!(names(&restored).await, Vec::<String>::new());
        assert_eq!(sweep(&restored).await.counts, []);
    }
}
