//! The import, with the mapping files that users start from and excerpts of the files they are for.

use garant_domain::context::Actor as Who;
use garant_domain::problem::ErrorCode;
use garant_service::Caller;
use garant_service::import::{ImportError, ImportReport, ImportRequest, Mapping, Reject, RejectSink};
use garant_testkit::{TENANT, TestApp, on_both_databases};
use serde_json::json;

const ACCOUNTS: (&str, &str) =
    (include_str!("../../examples/import/accounts.toml"), include_str!("../../examples/import/accounts.sample.csv"));
const PIPELINE: (&str, &str) = (
    include_str!("../../examples/import/sales_pipeline.toml"),
    include_str!("../../examples/import/sales_pipeline.sample.csv"),
);
const CUSTOMERS: (&str, &str) =
    (include_str!("../../examples/import/customers.toml"), include_str!("../../examples/import/customers.sample.csv"));

const TEAMS: (&str, &str) = (
    include_str!("../../examples/import/sales_teams.toml"),
    include_str!("../../examples/import/sales_teams.sample.csv"),
);

#[derive(Default)]
struct Kept(Vec<Reject>);

impl RejectSink for Kept {
    fn reject(&mut self, _: &[String], row: &Reject) -> std::io::Result<()> {
        self.0.push(row.clone());
        Ok(())
    }
}

async fn import(
    app: &TestApp,
    file: (&str, &str),
    purposes: &[&str],
) -> Result<(ImportReport, Vec<Reject>), ImportError> {
    import_as(app, "sales", file, purposes).await
}

async fn import_as(
    app: &TestApp,
    role: &str,
    (mapping, rows): (&str, &str),
    purposes: &[&str],
) -> Result<(ImportReport, Vec<Reject>), ImportError> {
    let caller = Caller {
        tenant: TENANT.to_owned(),
        actor: Who { id: "import".to_owned(), role: role.to_owned(), country: None },
        name: "import".to_owned(),
        recipient: None,
        default_purpose: None,
        access: garant_service::Access::default(),
    };
    let mapping = Mapping::parse(mapping, app.service.catalog()).expect("a mapping");
    let mut rejects = Kept::default();
    let request = ImportRequest {
        mapping: &mapping,
        reader: rows.as_bytes(),
        purposes: purposes.iter().map(|&purpose| purpose.to_owned()).collect(),
        rejects: &mut rejects,
        progress: &mut |_| {},
    };
    let report = app.service.import(&caller, request).await?;
    Ok((report, rejects.0))
}

fn counts(report: ImportReport) -> [u64; 5] {
    [report.rows, report.created, report.updated, report.unchanged, report.rejected]
}

on_both_databases! {
    async fn who_sells_comes_with_their_team(app: TestApp) {
        let refused = import(&app, TEAMS, &[]).await.map(|(report, _)| counts(report));
        assert!(refused.is_err(), "sales makes no users: {refused:?}");
        let (report, rejects) = import_as(&app, "admin", TEAMS, &[]).await.expect("imported");
        assert!(rejects.is_empty(), "{:?}", rejects.first().map(|reject| &reject.reason));
        let rows = report.rows;
        assert_eq!(counts(report), [rows, rows, 0, 0, 0]);
        let query = "{ users(filter: {name: {eq: \"Anna Snelling\"}}) { nodes { team { name } } } teams { totalCount } }";
        let answer = app.actor("admin").await.query(query).await.ok();
        assert_eq!(answer.data("/users/nodes/0/team/name"), "Central");
        assert_eq!(answer.data("/teams/totalCount"), 3, "{}", answer.text);
        let (again, _) = import_as(&app, "admin", TEAMS, &[]).await.expect("imported");
        assert_eq!(counts(again), [rows, 0, 0, rows, 0]);
    }

    async fn a_second_run_changes_nothing_and_a_changed_row_changes_its_record(app: TestApp) {
        let (first, rejects) = import(&app, ACCOUNTS, &[]).await.expect("imported");
        assert_eq!((counts(first), rejects, first.references), ([9, 9, 0, 0, 0], vec![], 0));
        let (second, _) = import(&app, ACCOUNTS, &[]).await.expect("imported");
        assert_eq!(counts(second), [9, 0, 0, 9, 0]);
        let changed = ACCOUNTS.1.replace("1100.04", "1200");
        let (third, _) = import(&app, (ACCOUNTS.0, &changed), &[]).await.expect("imported");
        assert_eq!(counts(third), [9, 0, 1, 8, 0]);

        let sales = app.actor("sales").await;
        let query = "{ companies(orderBy: [{name: AscNullsLast}]) { totalCount nodes { name sector country annualRevenue parent { name } } } }";
        let answer = sales.query(query).await.ok();
        assert_eq!(answer.data("/companies/totalCount"), &json!(9));
        let found = |name: &str| {
            let nodes = answer.data("/companies/nodes").as_array().expect("nodes").clone();
            nodes.into_iter().find(|node| node["name"] == name).unwrap_or_else(|| panic!("no {name}"))
        };
        assert_eq!(found("Bluth Company")["parent"]["name"], "Acme Corporation");
        assert_eq!(found("Cheers")["parent"]["name"], "Massive Dynamic", "a parent that comes later in the file");
        assert_eq!(found("Acme Corporation")["sector"], "technology");
        assert_eq!(found("Bioholding")["country"], "PH");
    }

    async fn a_bad_row_is_told_and_the_others_are_kept(app: TestApp) {
        import(&app, ACCOUNTS, &[]).await.expect("imported");
        let rows = format!("{}X1,Ann Lee,GTX Basic,Cancity,Won,13/32/2017,,1\nX2,Ann Lee,GTX Basic,Cancity,Shelved,,,1\n", PIPELINE.1);
        let (report, rejects) = import(&app, (PIPELINE.0, &rows), &["sales"]).await.expect("imported");
        assert_eq!(counts(report), [11, 8, 0, 0, 3]);
        let told: Vec<(u64, &str)> = rejects.iter().map(|reject| (reject.line, reject.reason.as_str())).collect();
        assert_eq!(told[0], (8, "column `account`: there is no such `company`; import it first"));
        assert_eq!(told[1], (11, "column `engage_date`: expected a date written as %m/%d/%Y"));
        assert!(told[2].0 == 12 && told[2].1.starts_with("column `deal_stage`: expected one of"), "{told:?}");
        assert_eq!(rejects[0].cells[0], b"6CWZFOHJ");

        let sales = app.actor("sales").await.for_purpose("sales");
        let query = "{ deals(filter: {product: {eq: \"GTX Pro\"}}, orderBy: [{name: AscNullsLast}]) { nodes { name stage engagedOn company { name } } } }";
        let answer = sales.query(query).await.ok();
        assert_eq!(answer.texts("/deals/nodes", "/name"), ["Hottechi 127ZPLXQ", "Isdom Z063OYW0"]);
        assert_eq!(answer.data("/deals/nodes/1/engagedOn"), &json!("2016-10-25"));
        assert_eq!(answer.data("/deals/nodes/1/company/name"), &json!("Isdom"));
        let (again, _) = import(&app, (PIPELINE.0, &rows), &["sales"]).await.expect("imported");
        assert_eq!(counts(again), [11, 0, 0, 8, 3]);
    }

    async fn people_need_a_purpose_and_keep_the_day_they_were_collected(app: TestApp) {
        let refused = import(&app, CUSTOMERS, &[]).await;
        assert!(
            matches!(&refused, Err(ImportError::Batch { problem, .. }) if problem.code == ErrorCode::PurposeRequired),
            "{refused:?}"
        );
        let (report, rejects) = import(&app, CUSTOMERS, &["sales"]).await.expect("imported");
        assert_eq!((counts(report), report.references), ([12, 11, 0, 0, 1], 11));
        assert_eq!(rejects[0].reason, "column `Customer Id`: the row on line 12 has the same key");
        assert_eq!(rejects[0].line, 14, "the file has a blank line");
        let (again, _) = import(&app, CUSTOMERS, &["sales"]).await.expect("imported");
        assert_eq!(again.created, 0, "{again:?}");

        let dpo = app.actor("dpo").await.for_purpose("sales");
        let answer = dpo.query("{ contacts(filter: {lastName: {eq: \"Lane\"}}) { nodes { country company { name } collectedAt collectedFor } } }").await.ok();
        let lane = json!([{
            "country": "PG",
            "company": { "name": "Terry, Proctor and Lawrence" },
            "collectedAt": "2021-06-23T22:00:00Z",
            "collectedFor": "sales",
        }]);
        assert_eq!(answer.data("/contacts/nodes"), &lane);
    }

    async fn what_other_systems_export_is_taken_and_taken_again(app: TestApp) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/import");
        let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).unwrap_or_else(|error| panic!("{name}: {error}"));
        // What others refer to comes first.
        let names = [
            "products", "from/twenty_companies", "from/twenty_people", "from/hubspot_companies", "from/hubspot_contacts",
            "from/salesforce_accounts", "from/salesforce_contacts",
        ];
        let listed = std::fs::read_dir(format!("{folder}/from")).expect("the folder");
        let mappings = listed.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|end| end == "toml")));
        assert_eq!(mappings.count(), names.len() - 1, "every mapping is tried");
        for name in names {
            let (mapping, rows) = (read(&format!("{name}.toml")), read(&format!("{name}.sample.csv")));
            let count = rows.lines().count() as u64 - 1;
            let (report, rejects) = import(&app, (&mapping, &rows), &["sales"]).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!((report.created, report.rejected), (count, 0), "{name}: {rejects:?}");
            let (again, _) = import(&app, (&mapping, &rows), &["sales"]).await.expect("imported");
            assert_eq!(again.unchanged, count, "{name}");
        }
        let dpo = app.actor("dpo").await.for_purpose("sales");
        let query = "{ contacts(filter: {source: {eq: \"HubSpot\"}, lastName: {eq: \"Falk\"}}) { nodes { kind phone company { name domain } collectedAt } } }";
        let answer = dpo.query(query).await.ok();
        assert_eq!(answer.data("/contacts/nodes"), &json!([{ "kind": "customer", "phone": "+49 30 1234567", "company": { "name": "Halden Robotics", "domain": "halden.example" }, "collectedAt": "2023-11-02T23:00:00Z" }]));
    }
}
