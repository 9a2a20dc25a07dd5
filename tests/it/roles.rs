//! Roles narrow before any policy is asked: the shipped ones as the checked-in matrix has them, walked through
//! the real server, and those that an administrator changes.

use garant_domain::catalog::Catalog;
use garant_domain::role::{Act, Duty, Role, SHIPPED, matrix};
use garant_domain::value::Value;
use garant_testkit::{Actor, TestApp, on_both_databases};
use serde_json::{Value as Json, json};

use crate::role_walk::{Need, Operation, operations};

#[test]
fn the_checked_in_role_matrix_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/role_matrix.txt");
    let page = matrix(&Catalog::standard().expect("the catalogue"));
    if std::env::var_os("GARANT_UPDATE_ROLES").is_some() {
        std::fs::write(path, &page).expect("written");
    }
    let known = std::fs::read_to_string(path).expect("tests/role_matrix.txt");
    assert_eq!(known, page, "read the difference, then run: GARANT_UPDATE_ROLES=1 cargo test --test it role_matrix");
}

/// Whether the matrix lets a role through to an operation.
fn granted(catalog: &Catalog, role: &Role, need: &Need) -> bool {
    match need {
        Need::Nothing => true,
        Need::Session | Need::Setting => false,
        Need::Duty(duty) => role.may(*duty),
        Need::Records(all) => all.iter().all(|(entity, act)| {
            let entity = catalog.entity(entity).expect("an entity");
            role.scope(entity, *act) > garant_domain::role::Scope::None
        }),
    }
}

async fn walk(actor: &Actor, operations: &[Operation], mutation: bool) -> Vec<(String, bool)> {
    let mut seen = Vec::new();
    let of_kind: Vec<&Operation> = operations.iter().filter(|operation| operation.mutation == mutation).collect();
    // As many as one request may ask for.
    for chunk in of_kind.chunks(20) {
        let fields: String = chunk.iter().map(|operation| format!("{}\n", operation.text)).collect();
        let answer = actor.query(&format!("{} {{ {fields} }}", if mutation { "mutation" } else { "query" })).await;
        let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
        assert!(errors.iter().all(|error| error["path"].is_array()), "{}", answer.text);
        for operation in chunk {
            let own = errors.iter().find(|error| error["path"][0] == json!(operation.name));
            let code = own.map_or("", |error| error["extensions"]["code"].as_str().unwrap_or_default());
            assert!(!["INTERNAL", "QUERY_TOO_COMPLEX"].contains(&code), "{}: {}", operation.name, answer.text);
            seen.push((operation.name.clone(), code != "FORBIDDEN"));
        }
    }
    seen
}

const SET_ROLE: &str = "mutation($input: SetRoleInput!, $version: Int!) {
    setRole(input: $input, expectedVersion: $version) { version records { entity read update hiddenFields } } }";

/// Everything on all records.
fn everything(entity: &str) -> Json {
    json!({ "entity": entity, "read": "all", "create": "all", "update": "all", "delete": "all", "export": "all", "import": "all", "merge": "all" })
}

/// Says of `sales` what it may do with some entities, and everything with the others.
async fn sales_may(admin: &Actor, version: i64, records: Vec<Json>) {
    let mut all = vec![everything("*")];
    all.extend(records);
    let input = json!({ "key": "sales", "label": "Sales", "records": all });
    admin.send(SET_ROLE, json!({ "input": input, "version": version })).await.ok();
}

fn owned(by: &str) -> [(&'static str, Value); 1] {
    [("owner_id", Value::text(by))]
}

/// Two sellers of one team and one of another, each with a session for `sales`.
async fn sellers(app: &TestApp) -> Vec<(String, Actor)> {
    let admin = app.actor("admin").await;
    let mut sellers = Vec::new();
    let (north, south) = (
        app.create("team", &[("name", Value::text("North"))]).await,
        app.create("team", &[("name", Value::text("South"))]).await,
    );
    for (name, team) in [("ada", &north), ("bob", &north), ("carl", &south)] {
        let invite = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { userId token } }";
        let input = json!({ "name": name, "email": format!("{name}@example.org"), "role": "sales", "team": team });
        let invited = admin.send(invite, json!({ "input": input })).await.ok();
        let accept = "mutation($token: String!) { acceptInvitation(token: $token, password: \"correct horse battery\") { token } }";
        let accepted = app.nobody().send(accept, json!({ "token": invited.data("/inviteUser/token") })).await.ok();
        let id = invited.data("/inviteUser/userId").as_str().expect("an id").to_owned();
        let session = app.bearer(accepted.data("/acceptInvitation/token").as_str().expect("a token"));
        sellers.push((id, session.for_purpose("sales")));
    }
    sellers
}

on_both_databases! {
    async fn every_role_meets_its_matrix(app: TestApp) {
        let catalog = Catalog::standard().expect("the catalogue");
        let operations = operations(&app.actor("dpo").await, &catalog).await;
        assert!(operations.len() > 300, "{}", operations.len());
        // Before the walk, which deletes what its filters match.
        let export = app.actor("sales").await.for_purpose("sales").post_to("/export", json!({ "entity": "company", "format": "csv" }).to_string()).await;
        assert_eq!(export.status, 200, "{}", export.text);
        let mut wrong = Vec::new();
        for (key, ..) in SHIPPED {
            let role = Role::shipped(if *key == "*" { "somebody_new" } else { key });
            let actor = app.actor(&role.key).await;
            for mutation in [false, true] {
                for (name, let_through) in walk(&actor, &operations, mutation).await {
                    let operation = operations.iter().find(|operation| operation.name == name).expect("known");
                    if let_through != granted(&catalog, &role, &operation.need) {
                        wrong.push(format!("{} as {}: let through {let_through}", operation.text, role.key));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "other than the matrix has it: {wrong:#?}");
    }

    async fn what_is_not_ones_own_is_absent(app: TestApp) {
        let sellers = sellers(&app).await;
        let [(ada_id, ada), (bob_id, _), (carl_id, carl)] = sellers.as_slice() else { panic!("three") };
        let company = app.create("company", &[("name", Value::text("Fabrik"))]).await;
        let mut ids = vec![];
        for (name, owner) in [("Zola", ada_id), ("Mann", bob_id), ("Eco", carl_id)] {
            let [owner] = owned(owner);
            let id = app.contact(name, &[owner.clone(), ("company_id", Value::text(company.clone()))]).await;
            app.create("contact_email", &[("contact_id", Value::text(id.clone())), ("email", Value::text(format!("{name}@work.example")))]).await;
            app.create("deal", &[("name", Value::text(format!("Deal of {name}"))), ("contact_id", Value::text(id.clone())), owner]).await;
            ids.push(id);
        }
        let admin = app.actor("admin").await;
        let reads = |scope: &str| {
            let mut contact = everything("contact");
            contact["read"] = json!(scope);
            vec![contact]
        };
        let all = "{ contacts(orderBy: [{lastName: AscNullsLast}]) { totalCount nodes { lastName } } }";
        assert_eq!(ada.query(all).await.ok().data("/contacts/totalCount"), &json!(3));
        sales_may(&admin, 0, reads("own")).await;

        let seen = ada.query(all).await.ok();
        assert_eq!((seen.data("/contacts/totalCount"), seen.texts("/contacts/nodes", "/lastName")), (&json!(1), vec!["Zola".to_owned()]));
        let rules = seen.body.pointer("/extensions/policy/rules").map(ToString::to_string).unwrap_or_default();
        assert!(rules.contains("core/ROLE-SCOPE"), "{}", seen.text);
        let everywhere = "query($id: ID!) {
            contact(id: $id) { id }
            contactGroupBy(by: [country]) { aggregate { count } }
            search(query: \"test\") { nodes { id } }
            contactEmails { nodes { email } }
            deals(orderBy: [{name: AscNullsLast}]) { nodes { name contact { lastName } } }
            companies(filter: {contacts: {some: {lastName: {eq: \"Mann\"}}}}) { totalCount }
            company(id: \"COMPANY\") { contacts { totalCount } } }".replace("COMPANY", &company);
        let seen = ada.send(&everywhere, json!({ "id": ids[1] })).await.ok();
        assert_eq!(seen.data("/contact"), &Json::Null);
        assert_eq!(seen.data("/contactGroupBy/0/aggregate/count"), &json!(1));
        assert_eq!(seen.texts("/search/nodes", "/id"), [ids[0].clone()]);
        assert_eq!(seen.texts("/contactEmails/nodes", "/email"), ["Zola@work.example"], "what belongs to a contact goes with it");
        assert_eq!(seen.data("/deals/nodes/0"), &json!({ "name": "Deal of Eco", "contact": null }));
        assert_eq!(seen.data("/deals/nodes/2/contact/lastName"), &json!("Zola"));
        assert_eq!((seen.data("/companies/totalCount"), seen.data("/company/contacts/totalCount")), (&json!(0), &json!(1)));

        let update = "mutation($id: ID!) { updateContact(id: $id, input: {city: \"Lille\"}) { id } }";
        let store = &app.store;
        let change = |id: String| async move {
            let before = store.statements();
            let answer = ada.send(update, json!({ "id": id })).await;
            (answer.text.clone(), store.statements() - before)
        };
        change("0190a5f0-0000-7000-8000-000000000001".to_owned()).await;
        let (hidden, absent) = (change(ids[1].clone()).await, change("0190a5f0-0000-7000-8000-000000000000".to_owned()).await);
        assert_eq!(hidden, absent, "hidden and absent are alike, in bytes and statements");
        assert!(hidden.0.contains("NOT_FOUND"));
        ada.send(update, json!({ "id": ids[0] })).await.ok();

        sales_may(&admin, 1, reads("team")).await;
        assert_eq!(ada.query(all).await.ok().texts("/contacts/nodes", "/lastName"), ["Mann", "Zola"], "with the next request");
        assert_eq!(carl.query(all).await.ok().texts("/contacts/nodes", "/lastName"), ["Eco"]);
        // A key is nobody's, and owns nothing.
        assert_eq!(app.actor("sales").await.for_purpose("sales").query(all).await.ok().data("/contacts/totalCount"), &json!(0));
        sales_may(&admin, 2, reads("none")).await;
        assert_eq!(ada.query(all).await.code(), "FORBIDDEN");
        assert_eq!(ada.query("{ contactEmails { totalCount } }").await.ok().data("/contactEmails/totalCount"), &json!(0));
    }

    async fn what_leaves_and_what_is_explained_follow_the_role(app: TestApp) {
        let sellers = sellers(&app).await;
        let [(ada_id, ada), (bob_id, _), (carl_id, _)] = sellers.as_slice() else { panic!("three") };
        let (own, of_team, of_others) = (
            app.contact("Zola", &owned(ada_id)).await,
            app.contact("Mann", &owned(bob_id)).await,
            app.contact("Eco", &owned(carl_id)).await,
        );
        let (admin, dpo) = (app.actor("admin").await, app.actor("dpo").await);
        let contact = |read: &str, export: &str| {
            let mut contact = everything("contact");
            (contact["read"], contact["export"], contact["hiddenFields"]) = (json!(read), json!(export), json!(["phone"]));
            vec![contact]
        };
        let names = async |actor: &Actor| {
            let recipient = app.create("recipient", &[("name", Value::text("Auditor")), ("role", Value::text("processor")), ("country", Value::text("FR")),
                ("contract_until", Value::Date(22_000)), ("purposes", Value::text("sales"))]).await;
            let wanted = json!({ "entity": "contact", "fields": ["lastName"], "format": "csv", "recipient": recipient });
            let mut names: Vec<String> = actor.post_to("/export", wanted.to_string()).await.text.lines().skip(1).filter_map(|line| line.rsplit(',').next().map(str::to_owned)).collect();
            names.sort();
            names
        };
        let counted = async |actor: &Actor| {
            let all = "{ contacts(first: 0) { aggregate { count } } search(query: \"test\") { totalCount } }";
            let answer = actor.query(all).await.ok();
            (answer.data("/contacts/aggregate/count").as_i64(), answer.data("/search/totalCount").as_i64())
        };
        // An explanation is about somebody: whose record it is decides.
        let explained = async |id: &str, actor: Option<&String>| {
            let query = "query($id: ID!, $actor: ID) { explainAccess(entity: \"contact\", id: $id, as: {role: \"sales\", purpose: \"sales\", actor: $actor}) { outcome fields notes { en } rules { code bites } } }";
            let answer = dpo.send(query, json!({ "id": id, "actor": actor })).await.ok();
            let codes = answer.texts("/explainAccess/rules", "/code");
            (answer.data("/explainAccess/outcome").as_str().unwrap_or_default().to_owned(), codes.iter().any(|code| code == "ROLE-SCOPE"), answer.text)
        };
        assert!(matches!(explained(&of_others, Some(ada_id)).await, (outcome, false, _) if outcome != "hidden"));

        sales_may(&admin, 0, contact("team", "own")).await;
        assert_eq!(counted(ada).await, (Some(2), Some(2)));
        assert_eq!(names(ada).await, ["Zola"], "what leaves is open to reading and to exporting");
        for (id, outcome) in [(&own, "masked"), (&of_team, "masked"), (&of_others, "hidden")] {
            let (told, scoped, text) = explained(id, Some(ada_id)).await;
            assert_eq!((told.as_str(), scoped), (outcome, true), "{text}");
            assert!(text.contains("phone") && text.contains("ROLE-FIELD"), "{text}");
        }
        let (nobodys, _, text) = explained(&own, None).await;
        assert!(nobodys == "hidden" && text.contains("narrowed"), "{text}");

        // A preview counts nothing for whom the role shows nothing.
        let preview = "{ previewPolicyChange(change: {id: \"consent\", mode: OFF}) { impacts { roles entity } } }";
        let concerned = async || {
            let answer = dpo.query(preview).await.ok();
            let impacts = answer.data("/previewPolicyChange/impacts").as_array().cloned().unwrap_or_default();
            let of_contacts = impacts.iter().filter(|impact| impact["entity"] == "contact");
            of_contacts.filter(|impact| impact["roles"].to_string().contains("marketing")).count()
        };
        assert!(concerned().await > 0);
        let mut none = everything("contact");
        none["read"] = json!("none");
        let input = json!({ "key": "marketing", "label": "Marketing", "records": [everything("*"), none] });
        admin.send(SET_ROLE, json!({ "input": input, "version": 0 })).await.ok();
        assert_eq!(concerned().await, 0);
    }

    async fn what_one_may_do_and_with_what_is_told_apart(app: TestApp) {
        let sellers = sellers(&app).await;
        let [(ada_id, ada), (bob_id, _), _] = sellers.as_slice() else { panic!("three") };
        let (own, other) = (app.contact("Zola", &owned(ada_id)).await, app.contact("Mann", &owned(bob_id)).await);
        let admin = app.actor("admin").await;
        let contact = json!({ "entity": "contact", "read": "all", "create": "own", "update": "own", "delete": "none",
            "hiddenFields": ["phone"], "fixedFields": ["country"] });
        sales_may(&admin, 0, vec![contact, json!({ "entity": "company", "read": "all" })]).await;

        let update = "mutation($id: ID!, $input: ContactUpdateInput!) { updateContact(id: $id, input: $input) { city } }";
        let set = |id: String, input: Json| async move { ada.send(update, json!({ "id": id, "input": input })).await };
        assert_eq!(set(own.clone(), json!({ "city": "Lille" })).await.ok().data("/updateContact/city"), &json!("Lille"));
        let refused = set(other.clone(), json!({ "city": "Lille" })).await;
        assert_eq!((refused.code(), refused.error("/field")), ("FORBIDDEN", &json!("input.ownerId")));
        let fixed = set(own.clone(), json!({ "country": "DE" })).await;
        assert_eq!((fixed.code(), fixed.error("/field")), ("FORBIDDEN", &json!("input.country")));
        assert_eq!(set(own.clone(), json!({ "phone": "+33 1 23 45 67 89" })).await.code(), "FORBIDDEN");
        let bulk = "mutation { updateContacts(filter: {lastName: {in: [\"Zola\", \"Mann\"]}}, input: {city: \"Lyon\"}) { count } }";
        assert_eq!(ada.query(bulk).await.code(), "FORBIDDEN", "one of them is somebody else's, so none is changed");
        assert_eq!(ada.send("mutation($id: ID!) { deleteContact(id: $id) { id } }", json!({ "id": own })).await.code(), "FORBIDDEN");

        let create = "mutation($input: ContactCreateInput!) { createContact(input: $input) { owner { name } } }";
        let made = ada.send(create, json!({ "input": { "lastName": "Camus" } })).await.ok();
        assert_eq!(made.data("/createContact/owner/name"), &json!("ada"), "whoever creates owns");
        let given = ada.send(create, json!({ "input": { "lastName": "Camus", "ownerId": bob_id } })).await;
        assert_eq!(given.code(), "FORBIDDEN");
        let masked = ada.query("{ contacts { nodes { phone policy { masked { field plugin code } } } } }").await.ok();
        let told = masked.data("/contacts/nodes/0/policy/masked").to_string();
        assert!(told.contains("ROLE-FIELD"), "{}", masked.text);
        let operand = ada.query("{ contacts(filter: {phone: {contains: \"1\"}}) { totalCount } }").await;
        assert!(!operand.code().is_empty(), "what is not shown is no operand: {}", operand.text);

        let company = "mutation { createCompany(input: {name: \"Fabrik\"}) { id } }";
        assert_eq!(ada.query(company).await.code(), "FORBIDDEN");
        let export = ada.post_to("/export", json!({ "entity": "company", "format": "csv" }).to_string()).await;
        assert_eq!((export.status, export.code()), (403, "FORBIDDEN"), "{}", export.text);
    }

    async fn roles_are_said_by_those_who_may(app: TestApp) {
        let (admin, dpo) = (app.actor("admin").await, app.actor("dpo").await);
        let set = |actor: Actor, input: Json, version: i64| async move {
            actor.send(SET_ROLE, json!({ "input": input, "version": version })).await
        };
        let role = |key: &str, duties: &[&str]| json!({ "key": key, "label": "x", "duties": duties, "records": [everything("*")] });
        assert_eq!(set(app.actor("sales").await, role("sales", &[]), 0).await.code(), "FORBIDDEN");
        assert_eq!(set(admin.clone(), role("sales", &["policies"]), 0).await.code(), "FORBIDDEN", "nobody gives what they lack");
        assert_eq!(set(admin.clone(), role("controller", &[]), 0).await.code(), "FORBIDDEN", "nor takes it from who has it");
        let locked = set(dpo.clone(), role("dpo", &["roles"]), 0).await;
        assert_eq!((locked.code(), locked.error("/field")), ("BAD_USER_INPUT", &json!("input.duties")));
        for (input, field) in [
            (json!({ "key": "No", "label": "x", "records": [] }), "input.key"),
            (json!({ "key": "x", "label": " ", "records": [] }), "input.label"),
            (json!({ "key": "x", "label": "x", "duties": ["fly"], "records": [] }), "input.duties"),
            (json!({ "key": "x", "label": "x", "records": [{ "entity": "unicorn" }] }), "input.records.entity"),
            (json!({ "key": "x", "label": "x", "records": [{ "entity": "deal", "read": "some" }] }), "input.records.deal.read"),
            (json!({ "key": "x", "label": "x", "records": [{ "entity": "product", "read": "own" }] }), "input.records.product.scope"),
            (json!({ "key": "x", "label": "x", "records": [{ "entity": "*", "read": "own" }] }), "input.records.*.scope"),
            (json!({ "key": "x", "label": "x", "records": [{ "entity": "deal", "hiddenFields": ["wings"] }] }), "input.records.deal.fields"),
        ] {
            let refused = set(admin.clone(), input, 0).await;
            assert_eq!((refused.code(), refused.error("/field")), ("BAD_USER_INPUT", &json!(field)), "{}", refused.text);
            assert!(refused.error("/remedy").is_string(), "{field}");
        }
        // A duty counts from the next request on; whoever lost it may nothing more.
        let support = app.actor("support").await;
        assert_eq!(support.query("{ webhooks { id } }").await.code(), "FORBIDDEN");
        set(admin.clone(), role("support", &["webhooks"]), 0).await.ok();
        support.query("{ webhooks { id } }").await.ok();
        assert_eq!(support.query("{ viewer { duties } }").await.ok().data("/viewer/duties"), &json!(["webhooks"]));
        assert_eq!(set(admin.clone(), role("support", &[]), 0).await.code(), "CONFLICT");
        set(admin.clone(), role("support", &[]), 1).await.ok();
        assert_eq!(support.query("{ webhooks { id } }").await.code(), "FORBIDDEN");
        // Who has a role that nobody has described is as any other.
        let stranger = app.actor("somebody_new").await;
        stranger.query("{ companies { totalCount } }").await.ok();
        set(admin.clone(), json!({ "key": "*", "label": "Nobody in particular", "records": [] }), 0).await.ok();
        assert_eq!(stranger.query("{ companies { totalCount } }").await.code(), "FORBIDDEN");
        app.actor("marketing").await.query("{ companies { totalCount } }").await.ok();
        let told = admin.query("{ roles { key version duties records { entity read } } }").await.ok();
        let keys = told.texts("/roles", "/key");
        assert!(SHIPPED.iter().all(|(key, ..)| keys.iter().any(|known| known == key)), "{keys:?}");
        assert!(Duty::ALL.len() >= 9 && Act::ALL.len() == 7);
    }
}
