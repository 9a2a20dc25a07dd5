//! What people say about their data: recorded with its proof, confirmed, withdrawn, objected; at once,
//! for everybody who shares the address, and also by somebody whom the purpose hides.

use garant_domain::value::Value;
use garant_testkit::{Actor, Answer, TestApp, on_both_databases};
use serde_json::{Value as Json, json};

const RECORD: &str =
    "mutation($input: RecordConsentInput!) { recordConsent(input: $input) { recorded eventIds confirmationToken } }";
const CONFIRM: &str = "mutation($input: ConfirmConsentInput!) { confirmConsent(input: $input) { recorded eventIds } }";
const WITHDRAW: &str =
    "mutation($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { recorded eventIds } }";
const OBJECT: &str = "mutation($input: ObjectInput!) { object(input: $input) { recorded eventIds } }";
const COUNT: &str = "{ contacts { totalCount } }";

fn consent(contact: &str) -> Json {
    json!({
        "contactId": contact, "purpose": "marketing", "channels": ["email"], "wording": "I want to hear from you",
        "noticeVersion": "1", "language": "en", "method": "checkbox", "collector": "web form 7", "evidence": "archive/7",
        "jurisdiction": "FR", "controller": "Acme", "withdrawalMethod": "link in each message",
    })
}

fn with(mut input: Json, more: &[(&str, Json)]) -> Json {
    for (name, value) in more {
        input[*name] = value.clone();
    }
    input
}

async fn send(actor: &Actor, command: &str, input: Json) -> Answer {
    actor.send(command, json!({ "input": input })).await
}

async fn shown(app: &TestApp) -> i64 {
    let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
    marketer.query(COUNT).await.ok().data("/contacts/totalCount").as_i64().expect("a count")
}

on_both_databases! {
    async fn a_consent_is_recorded_withdrawn_and_given_anew(app: TestApp) {
        let ada = app.contact("Ada", &[]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let recorded = send(&sales, RECORD, with(consent(&ada), &[("channels", json!(["email", "call"]))])).await.ok();
        assert_eq!(recorded.data("/recordConsent/eventIds").as_array().map(Vec::len), Some(2), "one for each channel");
        assert_eq!(recorded.data("/recordConsent/confirmationToken"), &Json::Null);
        assert_eq!(shown(&app).await, 1);
        let kept = sales.query("{ consentEvents(filter: {channel: {eq: \"email\"}}) { nodes { state collector evidence language jurisdiction givenBy } } }").await.ok();
        assert_eq!(kept.data("/consentEvents/nodes/0"), &json!({ "state": "given", "collector": "web form 7", "evidence": "archive/7",
            "language": "en", "jurisdiction": "FR", "givenBy": "person" }));
        send(&sales, WITHDRAW, json!({ "contactId": ada, "purpose": "marketing" })).await.ok();
        assert_eq!(shown(&app).await, 0, "the next access obeys, and a withdrawal of the same instant wins");
        app.clock.set(garant_testkit::instant("2026-05-01T10:00:01Z"));
        send(&sales, RECORD, consent(&ada)).await.ok();
        assert_eq!(shown(&app).await, 1);
    }

    async fn what_is_no_evidence_is_refused_by_name(app: TestApp) {
        let ada = app.contact("Ada", &[]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        for (more, field) in [
            (("wording", Json::Null), "input.wording"),
            (("wording", json!("  ")), "input.wording"),
            (("noticeVersion", Json::Null), "input.noticeVersion"),
            (("purpose", json!("horoscopes")), "input.purpose"),
            (("happenedAt", json!("2026-05-01T10:00:01Z")), "input.happenedAt"),
            (("channels", json!(["pigeon"])), "input.channels.0"),
            (("method", json!("hypnosis")), "input.method"),
            (("jurisdiction", json!("Mars")), "input.jurisdiction"),
        ] {
            let answer = send(&sales, RECORD, with(consent(&ada), &[more])).await;
            assert_eq!((answer.code(), answer.error("/field")), ("BAD_USER_INPUT", &json!(field)), "{}", answer.text);
        }
        // The ordinary mutation keeps the same rules.
        let bare = "mutation($id: ID!) { createConsentEvent(input: {contactId: $id, purpose: \"marketing\", state: \"given\",
            happenedAt: \"2026-04-01T10:00:00Z\"}) { id } }";
        assert_eq!(sales.send(bare, json!({ "id": ada })).await.error("/field"), &json!("input.wording"));
        // A refusal needs no words of ours.
        let refused = json!({ "contactId": ada, "purpose": "marketing", "answer": "REFUSED" });
        send(&sales, RECORD, refused).await.ok();
        for who in [json!({}), json!({ "contactId": ada, "email": "ada@example.org" })] {
            let answer = send(&sales, WITHDRAW, with(who, &[("purpose", json!("marketing"))])).await;
            assert_eq!(answer.code(), "BAD_USER_INPUT", "{}", answer.text);
        }
        let unnamed = send(&app.actor("sales").await, WITHDRAW, json!({ "email": "a@example.org", "purpose": "marketing" })).await;
        assert_eq!(unnamed.code(), "PURPOSE_REQUIRED");
    }

    async fn a_hidden_person_says_no_by_address_and_the_answer_tells_nothing(app: TestApp) {
        let ada = app.contact("Ada", &[]).await;
        app.contact("Bea", &[]).await;
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        for command in [WITHDRAW, OBJECT] {
            // Ada is hidden from `marketing`: by id she is not there, for whoever asks.
            let by_id = |id: &str| json!({ "contactId": id, "purpose": "marketing" });
            let (hidden, absent) = (send(&marketer, command, by_id(&ada)).await, send(&marketer, command, by_id("nobody")).await);
            assert_eq!((hidden.code(), &hidden.text), ("NOT_FOUND", &absent.text));
            let mut answers = vec![];
            for email in ["ada@example.org", "nobody@example.org"] {
                let before = app.store.statements();
                let answer = send(&marketer, command, json!({ "email": email, "purpose": "marketing", "method": "email" })).await.ok();
                answers.push((answer.text, app.store.statements() - before));
            }
            assert_eq!(answers[0], answers[1]);
        }
        let none = send(&marketer, OBJECT, json!({ "email": "nobody", "purpose": "marketing" })).await;
        assert_eq!((none.code(), none.error("/field")), ("BAD_USER_INPUT", &json!("input.email")));
        // It counts: a consent of before does not bring Ada back.
        app.consent(&ada, "marketing", "email", "given", "2026-04-01T10:00:00Z").await;
        assert_eq!(shown(&app).await, 0);
    }

    async fn an_objection_covers_every_contact_with_the_number(app: TestApp) {
        let mut ids = vec![];
        for (name, phone) in [("Ada", "+33 6 12 34 56 78"), ("Bea", "06.12.34.56.78"), ("Cleo", "06.99.99.99.99")] {
            let id = app.contact(name, &[("phone", Value::text(phone))]).await;
            app.consent(&id, "marketing", "any", "given", "2026-04-01T10:00:00Z").await;
            ids.push(id);
        }
        assert_eq!(shown(&app).await, 3);
        let sales = app.actor("sales").await.for_purpose("sales");
        send(&sales, OBJECT, json!({ "contactId": ids[0], "purpose": "marketing" })).await.ok();
        assert_eq!(shown(&app).await, 1, "Cleo alone");
        // Entered later, with the number written in another way.
        let dora = app.contact("Dora", &[("phone_2", Value::text("0033612345678"))]).await;
        app.consent(&dora, "marketing", "any", "given", "2026-04-01T10:00:00Z").await;
        assert_eq!(shown(&app).await, 1);
        let update = "mutation($id: ID!) { updateContact(id: $id, input: {phone: \"+33 (0)6 12 34 56 78\"}) { id } }";
        sales.send(update, json!({ "id": ids[2] })).await.ok();
        assert_eq!(shown(&app).await, 0, "Cleo is reached there now");
    }

    async fn double_opt_in_is_confirmed_with_the_token_alone(app: TestApp) {
        let dpo = app.actor("dpo").await;
        dpo.query("mutation { createPurpose(input: {key: \"newsletter\", labelEn: \"Newsletter\", legalBasis: \"A6-1-a\", roles: \"marketing dpo\",
            neededCategories: \"user\", directMarketing: true, doubleOptIn: true}) { id } }").await.ok();
        dpo.query("mutation { createCompatibilityAssessment(input: {sourcePurpose: \"sales\", targetPurpose: \"newsletter\", status: \"approved\",
            validUntil: \"2030-01-01\", reasoning: \"expected\"}) { id } }").await.ok();
        let ada = app.contact("Ada", &[]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let recorded = send(&sales, RECORD, with(consent(&ada), &[("purpose", json!("newsletter"))])).await.ok();
        let token = recorded.data("/recordConsent/confirmationToken").as_str().expect("a token").to_owned();
        let marketer = app.actor("marketing").await.for_purpose("newsletter");
        let count = async || marketer.through("email").query(COUNT).await.ok().data("/contacts/totalCount").clone();
        assert_eq!(count().await, json!(0), "unconfirmed");
        for wrong in ["", "x", &token[1..]] {
            assert_eq!(send(&marketer, CONFIRM, json!({ "token": wrong })).await.code(), "NOT_FOUND");
        }
        let early = send(&marketer, CONFIRM, json!({ "token": token, "happenedAt": "2026-05-01T09:59:59Z" })).await;
        assert_eq!(early.error("/field"), &json!("input.happenedAt"), "{}", early.text);
        app.clock.set(garant_testkit::instant("2026-05-01T10:05:00Z"));
        // Ada is still hidden from the purpose; the token is hers.
        send(&marketer, CONFIRM, json!({ "token": token })).await.ok();
        assert_eq!(count().await, json!(1));
        send(&marketer, WITHDRAW, json!({ "contactId": ada, "purpose": "newsletter" })).await.ok();
        send(&marketer, CONFIRM, json!({ "token": token })).await.ok();
        assert_eq!(count().await, json!(0), "a token confirms no consent that was taken back");
    }

    async fn a_consent_is_to_a_version_of_the_notice(app: TestApp) {
        let ada = app.contact("Ada", &[]).await;
        app.consent(&ada, "marketing", "email", "given", "2026-04-01T10:00:00Z").await;
        let (dpo, sales) = (app.actor("dpo").await, app.actor("sales").await);
        let notice = "mutation($input: PrivacyNoticeCreateInput!) { createPrivacyNotice(input: $input) { id } }";
        let first = json!({ "noticeVersion": "1", "language": "en", "textHash": "00", "purposes": "marketing.communications" });
        assert_eq!(send(&sales, notice, first.clone()).await.code(), "FORBIDDEN");
        let first = send(&dpo, notice, first).await.ok().data("/createPrivacyNotice/id").clone();
        assert_eq!(shown(&app).await, 1, "no notice for the whole of marketing is registered");
        let second = json!({ "noticeVersion": "2", "language": "en", "textHash": "01", "purposes": "marketing", "materialChangeOfId": first });
        send(&dpo, notice, second).await.ok();
        assert_eq!(shown(&app).await, 0, "Ada consented to another");
        let sales = sales.for_purpose("sales");
        send(&sales, RECORD, with(consent(&ada), &[("noticeVersion", json!("2"))])).await.ok();
        assert_eq!(shown(&app).await, 1);
        // A service that depends on it makes it worth nothing, unless somebody says why it is free.
        app.clock.set(garant_testkit::instant("2026-05-01T10:00:01Z"));
        let bound = with(consent(&ada), &[("noticeVersion", json!("2")), ("conditionality", json!("conditional"))]);
        send(&sales, RECORD, bound.clone()).await.ok();
        assert_eq!(shown(&app).await, 0);
        app.clock.set(garant_testkit::instant("2026-05-01T10:00:02Z"));
        send(&sales, RECORD, with(bound, &[("conditionalityReason", json!("a free offer of the same kind stands beside it"))])).await.ok();
        assert_eq!(shown(&app).await, 1);
    }
}
