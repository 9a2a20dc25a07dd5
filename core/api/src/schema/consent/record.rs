//! `recordConsent`: what a person answered when asked.

use async_graphql::dynamic::{
    Enum, Field, FieldFuture, InputObject, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use garant_domain::consent::EventKind;
use garant_domain::problem::Problem;
use garant_service::{Recorded, Statement, Who};

use super::{RECORDED, Said, channels, happened_at, once, purpose, with_fields};
use crate::operation::Operation;
use crate::schema::model::Model;
use crate::schema::told;

const INPUT: &str = "RecordConsentInput";
const ANSWER: &str = "ConsentAnswer";

/// What is on file of a consent (ISO/IEC TS 27560).
const FIELDS: [&str; 13] = [
    "wording",
    "notice_version",
    "language",
    "method",
    "explicit",
    "controller",
    "collector",
    "evidence",
    "jurisdiction",
    "withdrawal_method",
    "given_by",
    "conditionality",
    "conditionality_reason",
];

const ANSWERS: [(&str, EventKind); 5] = [
    ("GIVEN", EventKind::Given),
    ("RENEWED", EventKind::Renewed),
    ("REQUESTED", EventKind::Requested),
    ("DEFERRED", EventKind::Deferred),
    ("REFUSED", EventKind::Refused),
];

/// Registers the types.
pub(super) fn register(builder: SchemaBuilder, model: &Model) -> SchemaBuilder {
    let answers = ANSWERS.iter().fold(Enum::new(ANSWER), |answers, (name, _)| answers.item(*name));
    let input = InputObject::new(INPUT)
        .field(InputValue::new("contactId", TypeRef::named_nn(TypeRef::ID)))
        .field(purpose())
        .field(channels())
        .field(InputValue::new("answer", TypeRef::named(ANSWER)).description("GIVEN when absent."))
        .field(happened_at());
    builder.register(answers).register(with_fields(input, model, &FIELDS))
}

/// Adds the mutation.
pub(super) fn mutations(mutation: Object) -> Object {
    mutation.field(
        Field::new("recordConsent", TypeRef::named(RECORDED), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, once(&ctx, record(&ctx)).await)) })
        })
        .argument(InputValue::new("input", TypeRef::named_nn(INPUT)))
        .description(
            "Records what a person answered when asked. A consent needs the words that they saw and the version of \
             the notice; the purpose must be registered.",
        ),
    )
}

async fn record(ctx: &ResolverContext<'_>) -> Result<Recorded, Problem> {
    let said = Said::of(ctx)?;
    let kind = match said.text("answer") {
        None => EventKind::Given,
        Some(name) => {
            let known = ANSWERS.iter().find(|(known, _)| *known == name);
            known.map(|(_, kind)| *kind).ok_or_else(|| Problem::input("input.answer", "No such answer"))?
        }
    };
    let statement = Statement {
        who: Who::Contact(said.text("contactId").unwrap_or_default()),
        kind,
        purpose: said.text("purpose").unwrap_or_default(),
        channels: said.texts("channels"),
        happened_at: said.instant("happenedAt")?,
        evidence: said.evidence(&FIELDS)?,
    };
    Operation::of(ctx)?.unit().await?.state(statement).await
}
