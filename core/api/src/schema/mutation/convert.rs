//! `convertLead`: the one mutation that is not the same for every entity.

use std::sync::Arc;

use async_graphql::dynamic::{Field, FieldFuture, InputValue, Object, ResolverContext, TypeRef};
use garant_domain::problem::Problem;
use garant_service::{Input, ReviewedRow};

use super::{Answer, answer, once, read, update_type};
use crate::load::Selected;
use crate::operation::Operation;
use crate::schema::model::{Model, Shape};
use crate::schema::scalars::text;
use crate::schema::{expected_version, told};

/// Adds the mutation, where the catalogue has leads and deals.
pub fn mutation(mutation: Object, model: &Model) -> Object {
    let (Some(_), Some(deal)) = (model.shape("lead"), model.shape("deal")) else { return mutation };
    let of = Arc::clone(deal);
    let field = Field::new("convertLead", TypeRef::named(&deal.type_name), move |ctx| {
        let deal = Arc::clone(&of);
        FieldFuture::new(async move { Ok(told(&ctx, convert(&ctx, &deal).await)) })
    });
    mutation.field(
        field
            .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)).description("The lead."))
            .argument(
                InputValue::new("deal", TypeRef::named(update_type(deal)))
                    .description("Fields of the deal; what is left out comes from the lead."),
            )
            .argument(
                InputValue::new("expectedVersion", TypeRef::named(TypeRef::INT))
                    .description("Refuses with `CONFLICT` when the lead has another version."),
            )
            .description("Makes a deal of a lead, and answers the deal. Both are written, or neither."),
    )
}

async fn convert<'a>(ctx: &ResolverContext<'a>, deal: &Shape) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let selected = Selected::of(ctx.field());
    let fields = selected.columns(deal);
    let act = act(ctx, operation, deal, fields.clone());
    let rows = once(ctx, deal, fields, false, act).await?;
    Ok(answer(operation, deal, rows, &selected).await.pop())
}

async fn act(
    ctx: &ResolverContext<'_>,
    operation: &Operation,
    deal: &Shape,
    fields: Vec<String>,
) -> Result<Vec<ReviewedRow>, Problem> {
    let id = ctx.args.get("id").map(|id| text(id.as_value()).into_owned()).unwrap_or_default();
    let input = match ctx.args.get("deal").map(|input| input.as_value()) {
        None | Some(async_graphql::Value::Null) => Input::new(),
        wire => read(deal, wire, "deal")?,
    };
    let unit = operation.unit().await?;
    Ok(vec![unit.convert_lead(&id, expected_version(ctx), input, fields).await?])
}
