//! Subscribers are told what they may see, when they may see it, and nothing else.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use garant::webhooks::Postman;
use garant_domain::clock::Clock as _;
use garant_domain::value::Value;
use garant_service::{Caller, NewWebhook, Webhook, WebhookSecret};
use garant_testkit::{TestApp, on_both_databases};
use hmac::{Hmac, Mac};
use serde_json::{Value as Json, json};
use sha2::Sha256;

/// Somebody else's server: it keeps what it was sent and answers with a status.
#[derive(Clone)]
struct Subscriber {
    received: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    status: Arc<Mutex<StatusCode>>,
    url: String,
}

impl Subscriber {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let subscriber = Self { received: Arc::default(), status: Arc::new(Mutex::new(StatusCode::OK)), url };
        let take = async |State(to): State<Subscriber>, headers: HeaderMap, body: String| {
            to.received.lock().expect("a lock").push((headers, body));
            *to.status.lock().expect("a lock")
        };
        let router = Router::new().route("/hook", post(take)).with_state(subscriber.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        subscriber
    }

    fn answer(&self, status: StatusCode) {
        *self.status.lock().expect("a lock") = status;
    }

    /// What came since the last look.
    fn take(&self) -> Vec<(HeaderMap, Json)> {
        let received = std::mem::take(&mut *self.received.lock().expect("a lock"));
        received.into_iter().map(|(headers, body)| (headers, serde_json::from_str(&body).expect("JSON"))).collect()
    }
}

fn dpo() -> Caller {
    Caller {
        tenant: garant_testkit::TENANT.to_owned(),
        actor: garant_domain::context::Actor { id: "dpo".to_owned(), role: "dpo".to_owned(), country: None },
        name: "dpo".to_owned(),
        recipient: None,
        default_purpose: None,
        access: garant_service::Access::default(),
    }
}

async fn processor(app: &TestApp) -> String {
    let values = [
        ("name", Value::text("Postwerk GmbH")),
        ("role", Value::text("processor")),
        ("country", Value::text("DE")),
        ("contract_until", Value::Date(22_000)),
        ("purposes", Value::text("sales marketing")),
    ];
    app.create("recipient", &values).await
}

/// Last name and phone of contacts, for marketing by e-mail.
async fn subscribe(app: &TestApp, url: &str, recipient: &str) -> (Webhook, WebhookSecret) {
    let new = NewWebhook {
        name: "mailer".to_owned(),
        url: url.to_owned(),
        entity: "contact".to_owned(),
        fields: vec!["last_name".to_owned(), "phone".to_owned()],
        events: vec![],
        purpose: Some("marketing".to_owned()),
        channel: Some("email".to_owned()),
        recipient: Some(recipient.to_owned()),
        role: "marketing".to_owned(),
        allow_private: true,
    };
    app.service.create_webhook(&dpo(), new).await.expect("a webhook")
}

fn postman(app: &TestApp, allow_private: bool) -> Postman {
    Postman::new(Arc::clone(&app.service), Duration::from_secs(5), allow_private).expect("a postman")
}

on_both_databases! {
    async fn a_subscriber_is_told_what_it_sees(app: TestApp) {
        let subscriber = Subscriber::start().await;
        let recipient = processor(&app).await;
        let (_, secret) = subscribe(&app, &subscriber.url, &recipient).await;
        let postman = postman(&app, true);
        let ada = app.contact("Ada", &[("phone", Value::text("+33 1 33 33 33 33"))]).await;
        postman.deliver_due().await.expect("delivered");
        assert!(subscriber.take().is_empty(), "without consent there is nobody to tell of");

        app.consent(&ada, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let change = "mutation($id: ID!, $input: ContactUpdateInput!) { updateContact(id: $id, input: $input) { version } }";
        sales.send(change, json!({"id": ada, "input": {"jobTitle": "Pilot"}})).await.ok();
        postman.deliver_due().await.expect("delivered");
        let [(headers, body)] = subscriber.take().try_into().expect("one post");
        assert_eq!(body["type"], "contact.created");
        assert_eq!((&body["data"]["id"], &body["data"]["lastName"], &body["data"]["phone"]), (&json!(ada), &json!("Ada"), &Json::Null));
        assert_eq!(body["data"]["_masked"][0]["field"], "phone");
        assert!(body["data"].get("jobTitle").is_none(), "{body}");
        let part = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).expect("a header").to_owned();
        let key = STANDARD.decode(secret.reveal().strip_prefix("whsec_").expect("a prefix")).expect("base64");
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&key).expect("a key");
        mac.update(format!("{}.{}.{body}", part("webhook-id"), part("webhook-timestamp")).as_bytes());
        assert_eq!(part("webhook-signature"), format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));

        // A change of what it does not see is no news; one of what it sees is.
        for (input, news) in [(json!({"jobTitle": "Captain"}), 0), (json!({"phone": "+33 1 44 44 44 44"}), 0), (json!({"lastName": "Adams"}), 1)] {
            sales.send(change, json!({"id": ada, "input": input})).await.ok();
            postman.deliver_due().await.expect("delivered");
            let posts = subscriber.take();
            assert_eq!(posts.len(), news, "{input}");
            assert!(posts.iter().all(|(_, body)| body["type"] == "contact.updated" && body["data"]["lastName"] == "Adams"));
        }
        let log = app.store.read_log(garant_testkit::TENANT, 200).await.expect("the log");
        assert!(log.iter().any(|line| line.operation == "webhook" && line.recipient.as_deref() == Some(recipient.as_str())));
    }

    async fn ended_access_is_told_once_by_id_alone(app: TestApp) {
        let subscriber = Subscriber::start().await;
        let recipient = processor(&app).await;
        let (webhook, _) = subscribe(&app, &subscriber.url, &recipient).await;
        let postman = postman(&app, true);
        let mut ids = vec![];
        for name in ["Ada", "Bea", "Cleo"] {
            let id = app.contact(name, &[]).await;
            app.consent(&id, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
            ids.push(id);
        }
        postman.deliver_due().await.expect("delivered");
        assert_eq!(subscriber.take().len(), 3);
        // A withdrawal, a deletion: whatever the cause.
        app.consent(&ids[0], "marketing", "email", "withdrawn", "2026-02-10T10:00:00Z").await;
        let sales = app.actor("sales").await.for_purpose("sales");
        sales.send("mutation($id: ID!) { deleteContact(id: $id) { id } }", json!({"id": ids[1]})).await.ok();
        for _ in 0..2 {
            app.service.sweep_views().await.expect("swept");
            postman.deliver_due().await.expect("delivered");
        }
        let mut ended: Vec<Json> = subscriber.take().into_iter().map(|(_, body)| body).collect();
        ended.sort_by_key(|body| body["data"].to_string());
        assert_eq!(ended.len(), 2, "{ended:?}");
        for (body, id) in ended.iter().zip(&ids) {
            assert_eq!((&body["type"], &body["data"]), (&json!("contact.access_ended"), &json!({"id": id})));
        }
        // The contract ends: nothing is seen any more.
        let dpo_actor = app.actor("dpo").await;
        dpo_actor.send("mutation($id: ID!) { updateRecipient(id: $id, input: {contractUntil: \"2020-01-01\"}) { id } }", json!({"id": recipient})).await.ok();
        assert_eq!(app.service.sweep_views().await.expect("swept"), 1);
        postman.deliver_due().await.expect("delivered");
        let [(_, last)] = subscriber.take().try_into().expect("one post");
        assert_eq!(last["data"], json!({"id": ids[2]}));
        assert_eq!(app.service.sweep_views().await.expect("swept"), 0);
        let list = dpo_actor.send("query($id: ID!) { webhookDeliveries(id: $id) { state event attempts } }", json!({"id": webhook.id})).await.ok();
        assert_eq!(list.texts("/webhookDeliveries", "/event").iter().filter(|event| *event == "access_ended").count(), 3);
    }

    async fn a_changed_owner_ends_what_a_subscriber_sees(app: TestApp) {
        let subscriber = Subscriber::start().await;
        let recipient = processor(&app).await;
        subscribe(&app, &subscriber.url, &recipient).await;
        let postman = postman(&app, true);
        let ada = app.contact("Ada", &[]).await;
        app.consent(&ada, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        postman.deliver_due().await.expect("delivered");
        assert_eq!(subscriber.take().len(), 1);
        let entity = async |name: &str, country: &str| {
            app.create("legal_entity", &[("name", Value::text(name)), ("country", Value::text(country))]).await
        };
        let (mailer, parent) = (entity("Postwerk GmbH", "DE").await, entity("Beijing Group", "CN").await);
        let dpo_actor = app.actor("dpo").await;
        let named = "mutation($id: ID!, $entity: ID!) { updateRecipient(id: $id, input: {legalEntityId: $entity}) { id } }";
        dpo_actor.send(named, json!({"id": recipient, "entity": mailer})).await.ok();
        assert_eq!(app.service.sweep_views().await.expect("swept"), 0, "who owns it is not known: ordinary data goes on");
        app.create("ownership", &[("owner_id", Value::text(parent)), ("owned_id", Value::text(mailer)), ("percent", Value::Decimal(600_000))]).await;
        assert_eq!(app.service.sweep_views().await.expect("swept"), 1);
        postman.deliver_due().await.expect("delivered");
        let [(_, last)] = subscriber.take().try_into().expect("one post");
        assert_eq!((&last["type"], &last["data"]), (&json!("contact.access_ended"), &json!({"id": ada})));
    }

    async fn a_failed_delivery_is_tried_for_days_and_can_be_replayed(app: TestApp) {
        let subscriber = Subscriber::start().await;
        let recipient = processor(&app).await;
        let (webhook, _) = subscribe(&app, &subscriber.url, &recipient).await;
        let postman = postman(&app, true);
        subscriber.answer(StatusCode::SERVICE_UNAVAILABLE);
        let ada = app.contact("Ada", &[]).await;
        app.consent(&ada, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        let dpo = app.actor("dpo").await;
        let first = async || {
            let query = "query($id: ID!) { webhookDeliveries(id: $id, first: 1) { id state attempts status failure nextAt } }";
            dpo.send(query, json!({"id": webhook.id})).await.ok().data("/webhookDeliveries/0").clone()
        };
        let mut posts = 0;
        let mut ids = std::collections::BTreeSet::new();
        for _ in 0..20 {
            postman.deliver_due().await.expect("tried");
            let came = subscriber.take();
            posts += came.len();
            ids.extend(came.iter().filter_map(|(headers, _)| headers.get("webhook-id")?.to_str().ok().map(str::to_owned)));
            assert_eq!(postman.deliver_due().await.expect("tried"), 0, "not before its time");
            app.clock.set(app.clock.now() + 25 * 3_600_000_000);
        }
        assert_eq!((posts, ids.len()), (11, 1));
        let dead = first().await;
        assert_eq!((&dead["state"], &dead["status"], &dead["failure"], &dead["attempts"]), (&json!("dead"), &json!(503), &json!("STATUS"), &json!(11)));
        subscriber.answer(StatusCode::NO_CONTENT);
        dpo.send("mutation($id: ID!) { replayWebhookDelivery(id: $id) { id state } }", json!({"id": dead["id"]})).await.ok();
        postman.deliver_due().await.expect("tried");
        assert_eq!(subscriber.take().len(), 1);
        assert_eq!(first().await["state"], "delivered");
    }

    async fn private_networks_get_nothing(app: TestApp) {
        let subscriber = Subscriber::start().await;
        let recipient = processor(&app).await;
        let by_name = subscriber.url.replace("127.0.0.1", "localhost");
        for url in [&subscriber.url, &by_name] {
            let (webhook, _) = subscribe(&app, url, &recipient).await;
            let ada = app.contact("Ada", &[]).await;
            app.consent(&ada, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
            postman(&app, false).deliver_due().await.expect("tried");
            assert!(subscriber.take().is_empty());
            let tried = app.service.webhook_deliveries(&dpo(), &webhook.id, 1).await.expect("deliveries");
            assert_eq!(tried[0].failure.as_deref(), Some("PRIVATE_ADDRESS"), "{url}");
        }
    }

    async fn a_wrong_subscription_is_told_what_is_wrong(app: TestApp) {
        let recipient = processor(&app).await;
        let dpo = app.actor("dpo").await;
        let create = "mutation($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id events } secret } }";
        let good = json!({"name": "x", "url": "https://example.org/h", "entity": "contact", "fields": ["lastName"], "purpose": "marketing", "recipient": recipient, "role": "marketing"});
        for (field, value, code) in [
            ("url", json!("http://example.org"), "BAD_USER_INPUT"),
            ("url", json!("https://user:pw@example.org"), "BAD_USER_INPUT"),
            ("url", json!("nonsense"), "BAD_USER_INPUT"),
            ("entity", json!("astrology"), "BAD_USER_INPUT"),
            ("fields", json!(["shoeSize"]), "BAD_USER_INPUT"),
            ("events", json!(["exploded"]), "BAD_USER_INPUT"),
            ("purpose", json!("astrology"), "FORBIDDEN"),
            ("purpose", Json::Null, "BAD_USER_INPUT"),
            ("recipient", json!("nobody"), "NOT_FOUND"),
            ("recipient", Json::Null, "BAD_USER_INPUT"),
            ("channel", json!("smoke"), "BAD_USER_INPUT"),
            ("name", json!(" "), "BAD_USER_INPUT"),
        ] {
            let mut input = good.clone();
            input[field] = value.clone();
            let answer = dpo.send(create, json!({"input": input})).await;
            assert_eq!((answer.code(), answer.error("/field")), (code, &json!(format!("input.{field}"))), "{field} {value}: {}", answer.text);
        }
        let sales = app.actor("sales").await;
        assert_eq!(sales.send(create, json!({"input": good.clone()})).await.code(), "FORBIDDEN");
        assert_eq!(sales.query("{ webhooks { id } }").await.code(), "FORBIDDEN");
        // Nobody lets a subscription read in a role that may do more than theirs.
        let mut above = good.clone();
        above["role"] = json!("dpo");
        let refused = app.actor("admin").await.send(create, json!({"input": above})).await;
        assert_eq!((refused.code(), refused.error("/field")), ("FORBIDDEN", &json!("input.role")), "{}", refused.text);
        let made = dpo.send(create, json!({"input": good})).await.ok();
        assert!(made.data("/createWebhook/secret").as_str().is_some_and(|secret| secret.starts_with("whsec_")));
        let id = made.data("/createWebhook/webhook/id").clone();
        let switch = "mutation($id: ID!, $version: Int!) { setWebhookActive(id: $id, active: false, expectedVersion: $version) { active version } }";
        assert_eq!(dpo.send(switch, json!({"id": id, "version": 7})).await.code(), "CONFLICT");
        assert_eq!(dpo.send(switch, json!({"id": id, "version": 1})).await.ok().data("/setWebhookActive"), &json!({"active": false, "version": 2}));
        assert_eq!(dpo.send(switch, json!({"id": "nope", "version": 1})).await.code(), "NOT_FOUND");
    }
}
