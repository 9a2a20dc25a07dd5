//! `withdrawConsent` and `object`: as easy as giving it (Art. 7(3)), also for somebody whom the purpose
//! hides.

use async_graphql::dynamic::{
    Field, FieldFuture, InputObject, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use garant_domain::address::AddressKind;
use garant_domain::consent::EventKind;
use garant_domain::problem::Problem;
use garant_service::{Recorded, Statement, Who};

use super::{RECORDED, Said, channels, happened_at, once, purpose, with_fields};
use crate::operation::Operation;
use crate::schema::model::Model;
use crate::schema::told;

const FIELDS: [&str; 5] = ["method", "wording", "language", "collector", "evidence"];
const WHO: &str = "Name exactly one of `contactId`, `email` and `phone`.";

/// The mutations, each with its input and what it records.
const COMMANDS: [(&str, &str, EventKind, &str); 2] = [
    (
        "withdrawConsent",
        "WithdrawConsentInput",
        EventKind::Withdrawn,
        "Records that a person takes a consent back (Art. 7(3)). By address it is recorded for whoever has it now or \
         later, and the answer is the same whether anybody has it.",
    ),
    (
        "object",
        "ObjectInput",
        EventKind::Objected,
        "Records that a person objects to a purpose (Art. 21). By address it is recorded for whoever has it now or \
         later, and the answer is the same whether anybody has it.",
    ),
];

/// Registers the types.
pub(super) fn register(builder: SchemaBuilder, model: &Model) -> SchemaBuilder {
    COMMANDS.iter().fold(builder, |builder, (_, name, _, _)| {
        let input = InputObject::new(*name)
            .field(
                InputValue::new("contactId", TypeRef::named(TypeRef::ID))
                    .description("A contact that this purpose may see. Whoever shares its address is covered too."),
            )
            .field(InputValue::new("email", TypeRef::named(TypeRef::STRING)).description("Instead: whoever has it."))
            .field(InputValue::new("phone", TypeRef::named(TypeRef::STRING)).description("Instead: whoever has it."))
            .field(purpose())
            .field(channels())
            .field(happened_at());
        builder.register(with_fields(input, model, &FIELDS))
    })
}

/// Adds the mutations.
pub(super) fn mutations(mutation: Object) -> Object {
    COMMANDS.iter().fold(mutation, |mutation, (name, input, kind, doc)| {
        let kind = *kind;
        mutation.field(
            Field::new(*name, TypeRef::named(RECORDED), move |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, once(&ctx, refuse(&ctx, kind)).await)) })
            })
            .argument(InputValue::new("input", TypeRef::named_nn(*input)))
            .description(*doc),
        )
    })
}

async fn refuse(ctx: &ResolverContext<'_>, kind: EventKind) -> Result<Recorded, Problem> {
    let said = Said::of(ctx)?;
    let statement = Statement {
        who: who(&said)?,
        kind,
        purpose: said.text("purpose").unwrap_or_default(),
        channels: said.texts("channels"),
        happened_at: said.instant("happenedAt")?,
        evidence: said.evidence(&FIELDS)?,
    };
    Operation::of(ctx)?.unit().await?.state(statement).await
}

fn who(said: &Said<'_>) -> Result<Who, Problem> {
    let contact = said.text("contactId").map(Who::Contact);
    let email = said.text("email").map(|text| Who::Address(AddressKind::Email, text));
    let phone = said.text("phone").map(|text| Who::Address(AddressKind::Phone, text));
    let mut named = [contact, email, phone].into_iter().flatten();
    match (named.next(), named.next()) {
        (Some(who), None) => Ok(who),
        (Some(_), Some(_)) => Err(Problem::input("input", "Whom it is about is said twice").mend(WHO)),
        (None, _) => Err(Problem::input("input", "It is not said whom it is about").mend(WHO)),
    }
}
