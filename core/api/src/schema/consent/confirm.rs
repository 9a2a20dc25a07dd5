//! `confirmConsent`: the second half of double opt-in.

use async_graphql::dynamic::{
    Field, FieldFuture, InputObject, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use garant_domain::problem::Problem;
use garant_service::Recorded;

use super::{RECORDED, Said, happened_at, once, with_fields};
use crate::operation::Operation;
use crate::schema::model::Model;
use crate::schema::told;

const INPUT: &str = "ConfirmConsentInput";
const FIELDS: [&str; 3] = ["method", "collector", "evidence"];

/// Registers the type.
pub(super) fn register(builder: SchemaBuilder, model: &Model) -> SchemaBuilder {
    let input = InputObject::new(INPUT)
        .field(
            InputValue::new("token", TypeRef::named_nn(TypeRef::STRING))
                .description("As `recordConsent` answered it, and the person sent it back."),
        )
        .field(happened_at());
    builder.register(with_fields(input, model, &FIELDS))
}

/// Adds the mutation.
pub(super) fn mutations(mutation: Object) -> Object {
    mutation.field(
        Field::new("confirmConsent", TypeRef::named(RECORDED), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, once(&ctx, confirm(&ctx)).await)) })
        })
        .argument(InputValue::new("input", TypeRef::named_nn(INPUT)))
        .description("Records that a person confirmed, also of one whom the purpose hides until then."),
    )
}

async fn confirm(ctx: &ResolverContext<'_>) -> Result<Recorded, Problem> {
    let said = Said::of(ctx)?;
    let token = said.text("token").unwrap_or_default();
    let unit = Operation::of(ctx)?.unit().await?;
    unit.confirm(&token, said.instant("happenedAt")?, said.evidence(&FIELDS)?).await
}
