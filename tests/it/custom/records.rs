//! Values of every type: written, read, filtered, ordered, grouped, measured, imported, exported, merged and
//! erased like those of standard fields.

use garant_domain::value::Value;
use garant_service::Caller;
use garant_service::import::{ImportRequest, Mapping, Reject, RejectSink};
use garant_testkit::{TENANT, on_both_databases};
use serde_json::{Value as Json, json};

use super::{define, field};

#[derive(Default)]
struct Kept(Vec<Reject>);

impl RejectSink for Kept {
    fn reject(&mut self, _: &[String], row: &Reject) -> std::io::Result<()> {
        self.0.push(row.clone());
        Ok(())
    }
}

const MAPPING: &str = "entity = \"contact\"\nsource = \"crm\"\nkey = \"id\"\n[field.last_name]\ncolumn = \"name\"\n[field.country]\nconstant = \"FR\"\n\
    [field.colours]\ncolumn = \"colours\"\n[field.stars]\ncolumn = \"stars\"\n";

on_both_databases! {
    async fn every_type_behaves_like_a_standard_field(app: TestApp) {
        for (name, kind, more) in [
            ("nickname", "TEXT", json!({})),
            ("height", "DECIMAL", json!({})),
            ("vip", "BOOLEAN", json!({})),
            ("bornOn", "DATE", json!({ "category": "user.demographic.age_range" })),
            ("seenAt", "TIMESTAMP", json!({})),
            ("size", "SELECT", json!({ "options": ["s", "m", "l"] })),
            ("colours", "MULTI_SELECT", json!({ "options": ["red", "green", "blue"] })),
            ("mobile", "PHONE", json!({ "category": "user.behavior" })),
            ("blog", "LINK", json!({})),
            ("budget", "MONEY", json!({})),
            ("stars", "RATING", json!({ "max": 5 })),
            ("favouriteId", "RELATION", json!({ "relation": "company", "category": "user.behavior" })),
        ] {
            define(&app, field(name, kind, more)).await;
        }
        let company = app.create("company", &[("name", Value::text("Acme"))]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let values = json!({ "nickname": "Duchess", "height": "1.75", "vip": true, "seenAt": "2026-03-01T10:00:00Z", "size": "m",
            "colours": ["blue", "red"], "mobile": "+33 1 23 45 67 89", "blog": "https://example.org/ada", "budget": "12.5", "budgetCurrency": "EUR",
            "stars": 4, "favouriteId": company });
        let shown = "nickname height vip seenAt size colours mobile blog budget budgetCurrency stars favouriteId favourite { name }";
        let mut input = values.clone();
        input["lastName"] = json!("Ada");
        input["country"] = json!("FR");
        input["lastInboundContactAt"] = json!("2026-04-01T10:00:00Z");
        let create = format!("mutation($input: ContactCreateInput!) {{ createContact(input: $input) {{ id {shown} }} }}");
        let made = sales.send(&create, json!({ "input": input })).await.ok();
        let mut expected = values;
        expected["colours"] = json!(["red", "blue"]);
        expected["favourite"] = json!({ "name": "Acme" });
        for (name, value) in expected.as_object().expect("an object") {
            assert_eq!(made.data(&format!("/createContact/{name}")), value, "{name}");
        }
        let id = made.data("/createContact/id").as_str().expect("an id").to_owned();
        for (name, wrong) in [("size", json!("xl")), ("colours", json!(["mauve"])), ("stars", json!(6)), ("blog", json!("javascript:x")),
            ("mobile", json!("call me")), ("budgetCurrency", json!("ZZZ")), ("nickname", json!("x".repeat(1_501))), ("budget", Json::Null)] {
            let change = "mutation($id: ID!, $input: ContactUpdateInput!) { updateContact(id: $id, input: $input) { id } }";
            let refused = sales.send(change, json!({ "id": id, "input": { name: wrong } })).await;
            assert_eq!((refused.code(), refused.error("/field")), ("BAD_USER_INPUT", &json!(format!("input.{name}"))), "{}", refused.text);
        }
        let bea = app.contact("Bea", &[]).await;
        for (filter, count) in [
            ("nickname: {eq: \"Duchess\"}", 1), ("nickname: {neq: \"x\"}", 1), ("nickname: {ilike: \"%CHESS\"}", 1), ("nickname: {startsWith: \"duch\"}", 1),
            ("nickname: {is: NULL}", 1), ("nickname: {is: NOT_NULL}", 1), ("height: {gt: \"1.7\", lt: \"1.8\"}", 1), ("vip: {eq: true}", 1), ("vip: {eq: false}", 0),
            ("seenAt: {lte: \"2026-03-01T10:00:00Z\"}", 1), ("size: {in: [\"s\", \"m\"]}", 1), ("colours: {has: \"red\"}", 1), ("colours: {has: \"green\"}", 0),
            ("colours: {hasAny: [\"green\", \"blue\"]}", 1), ("colours: {hasAll: [\"green\", \"blue\"]}", 0), ("not: {colours: {has: \"red\"}}", 1),
            ("stars: {gte: 4}", 1), ("budget: {eq: \"12.5\"}, budgetCurrency: {eq: \"EUR\"}", 1), ("favourite: {name: {eq: \"Acme\"}}", 1),
        ] {
            let found = sales.query(&format!("{{ contacts(filter: {{{filter}}}) {{ totalCount }} }}")).await.ok();
            assert_eq!(found.data("/contacts/totalCount"), &json!(count), "{filter}");
        }
        // The other side of the relation, and orders that walk from page to page.
        let back = sales.query("{ companies(filter: {contactsByFavourite: {some: {stars: {eq: 4}}}}) { nodes { contactsByFavourite { totalCount nodes { nickname } } } } }").await.ok();
        assert_eq!(back.data("/companies/nodes"), &json!([{ "contactsByFavourite": { "totalCount": 1, "nodes": [{ "nickname": "Duchess" }] } }]));
        let write = "mutation($id: ID!) { updateContact(id: $id, input: {stars: 2, size: \"s\", nickname: \"badger\", height: \"1.5\"}) { version } }";
        sales.send(write, json!({ "id": bea })).await.ok();
        for (order, names) in [("stars: DescNullsLast", ["Ada", "Bea"]), ("nickname: AscNullsLast", ["Bea", "Ada"]), ("height: AscNullsFirst", ["Bea", "Ada"])] {
            let page = format!("query($after: String) {{ contacts(orderBy: [{{{order}}}], first: 1, after: $after) {{ nodes {{ lastName }} pageInfo {{ endCursor }} }} }}");
            let first = sales.send(&page, json!({})).await.ok();
            let next = sales.send(&page, json!({ "after": first.data("/contacts/pageInfo/endCursor") })).await.ok();
            assert_eq!([first.data("/contacts/nodes/0/lastName"), next.data("/contacts/nodes/0/lastName")], names.map(|name| json!(name)).each_ref(), "{order}");
        }
        let measured = sales.query("{ contacts { aggregate { count sum { budget stars } max { seenAt } } } contactGroupBy(by: [size]) { key { size } aggregate { count } } }").await.ok();
        assert_eq!(measured.data("/contacts/aggregate"), &json!({ "count": 2, "sum": { "budget": "12.5", "stars": "6" }, "max": { "seenAt": "2026-03-01T10:00:00Z" } }));
        assert_eq!(measured.data("/contactGroupBy"), &json!([{ "key": { "size": "m" }, "aggregate": { "count": 1 } }, { "key": { "size": "s" }, "aggregate": { "count": 1 } }]));

        // A file in, by the tenant's own catalogue, and one out.
        let catalog = app.service.catalog_of(TENANT).await.expect("a catalogue");
        let mapping = Mapping::parse(MAPPING, &catalog).expect("a mapping");
        let caller = Caller { tenant: TENANT.to_owned(), actor: garant_domain::context::Actor { id: "import".to_owned(), role: "sales".to_owned(), country: None },
            name: "import".to_owned(), recipient: None, default_purpose: None, access: garant_service::Access::default() };
        let mut rejects = Kept::default();
        let request = ImportRequest { mapping: &mapping, reader: "id,name,colours,stars\n1,Cleo,green red,3\n2,Dora,mauve,3\n3,Eve,blue,9\n".as_bytes(),
            purposes: vec!["sales".to_owned()], rejects: &mut rejects, progress: &mut |_| {} };
        let report = app.service.import(&caller, request).await.expect("imported");
        assert_eq!((report.created, rejects.0.len()), (1, 2), "{:?}", rejects.0);
        let recipient = app.create("recipient", &[("name", Value::text("Mailer")), ("role", Value::text("processor")), ("country", Value::text("DE")),
            ("contract_until", Value::Date(22_000)), ("purposes", Value::text("sales"))]).await;
        let body = json!({ "entity": "contact", "format": "csv", "recipient": recipient, "fields": ["lastName", "colours", "stars"], "filter": { "stars": { "gt": 2 } } });
        let csv = sales.post_to("/export", body.to_string()).await;
        assert!(csv.text.contains(",Ada,red blue,4") && csv.text.contains(",Cleo,red green,3") && !csv.text.contains("Bea"), "{}", csv.text);

        // Merged: what the survivor lacks is filled in, and whatever led to the others leads to it.
        let merge = "mutation($into: ID!, $ids: [ID!]!) { mergeContacts(into: $into, ids: $ids) { record { stars blog budget budgetCurrency colours } filled } }";
        let merged = sales.send(merge, json!({ "into": bea, "ids": [id] })).await.ok();
        assert_eq!(merged.data("/mergeContacts/record"), &json!({ "stars": 2, "blog": "https://example.org/ada", "budget": "12.5", "budgetCurrency": "EUR", "colours": ["red", "blue"] }));
    }
}
