//! `viewer`: who the caller is and what it may name.

use async_graphql::dynamic::{Field, FieldFuture, FieldValue, Object, ResolverContext, SchemaBuilder, TypeRef};
use async_graphql::{Value as Wire, value};
use garant_domain::problem::Problem;
use garant_domain::reason::Localised;
use garant_service::PurposeInfo;

use super::{plain, told};
use crate::operation::Operation;

const VIEWER: &str = "Viewer";
const PURPOSE: &str = "ViewerPurpose";

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let text = || TypeRef::named(TypeRef::STRING);
    let purposes = Field::new("purposes", TypeRef::named_nn_list(PURPOSE), |ctx| {
        FieldFuture::new(async move { Ok(told(&ctx, purposes(&ctx).await)) })
    })
    .description("What the header `Purpose` may name.");
    builder
        .register(plain::object(
            PURPOSE,
            [
                ("key", text(), "Send it in the header `Purpose`."),
                ("label", text(), ""),
                ("legalBasis", text(), "GDPR 6(1), as DPV writes it: A6-1-a ... A6-1-f."),
            ],
        ))
        .register(
            plain::object(
                VIEWER,
                [
                    ("id", TypeRef::named_nn(TypeRef::ID), "Opaque id of the user or client."),
                    ("name", text(), "Name of the user, or of the key."),
                    ("role", text(), ""),
                    ("roles", TypeRef::named_nn_list(TypeRef::STRING), "The roles that the caller acts in."),
                    ("duties", TypeRef::named_nn_list(TypeRef::STRING), "What the role administers."),
                ],
            )
            .field(purposes),
        )
}

/// Adds `viewer` to the query root.
pub fn queries(query: Object) -> Object {
    query.field(
        Field::new("viewer", TypeRef::named(VIEWER), |ctx| FieldFuture::Value(told(&ctx, viewer(&ctx))))
            .description("Who asks, and for what it may ask."),
    )
}

fn viewer<'a>(ctx: &ResolverContext<'a>) -> Result<Option<FieldValue<'a>>, Problem> {
    let caller = &Operation::of(ctx)?.caller;
    Ok(Some(FieldValue::value(value!({
        "id": caller.actor.id.as_str(),
        "name": caller.name.as_str(),
        "role": caller.actor.role.as_str(),
        "roles": [caller.actor.role.as_str()],
        "duties": caller.role().duties.iter().map(|duty| duty.key()).collect::<Vec<_>>(),
    }))))
}

async fn purposes<'a>(ctx: &ResolverContext<'a>) -> Result<Option<FieldValue<'a>>, Problem> {
    let operation = Operation::of(ctx)?;
    let purposes = operation.service.purposes_for(&operation.caller).await?;
    let wire = |info: PurposeInfo| -> Wire {
        let label = Localised { en: info.label_en, fr: info.label_fr };
        value!({
            "key": info.purpose.key,
            "label": operation.locale.pick(&label),
            "legalBasis": info.purpose.legal_basis,
        })
    };
    Ok(Some(FieldValue::value(Wire::List(purposes.into_iter().map(wire).collect()))))
}
