//! `timeline`: what happened with a record, latest first.

use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::{Value as Wire, value};
use garant_domain::catalog::camel;
use garant_domain::problem::Problem;
use garant_service::{TimelineEvent, TimelineItem};

use super::scalars::{instant, text};
use super::search::{PAGE_INFO, limit, page_info};
use super::{plain, told};
use crate::operation::Operation;

/// The root field; a list for the walk of complexity.
pub const FIELD: &str = "timeline";
const TIMELINE: &str = "Timeline";
const ITEM: &str = "TimelineItem";

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    builder
        .register(plain::object(
            ITEM,
            [
                ("at", TypeRef::named("DateTime"), ""),
                ("kind", string(), "activity, attachment, change, consent, stage."),
                ("entity", string(), "Of an activity, attachment or consent: its entity."),
                ("id", TypeRef::named(TypeRef::ID), "Its id, to read the rest by."),
                ("text", string(), "Its subject, name or state, as it may be shown."),
                ("actor", string(), "Opaque id of who changed it."),
                ("operation", string(), "Of a change: create, update, ..."),
                ("fields", TypeRef::named_nn_list(TypeRef::STRING), "Of a change: what was written, not what it held."),
                ("from", string(), "Of a stage: the one before."),
                ("to", string(), "The one after."),
                ("fromPipelineStageId", TypeRef::named(TypeRef::ID), ""),
                ("toPipelineStageId", TypeRef::named(TypeRef::ID), ""),
            ],
        ))
        .register(plain::object(
            TIMELINE,
            [
                ("nodes", TypeRef::named_nn_list_nn(ITEM), "Latest first."),
                ("pageInfo", TypeRef::named_nn(PAGE_INFO), ""),
                (
                    "withheld",
                    TypeRef::named_nn_list_nn(TypeRef::STRING),
                    "Kinds that may not be read for this purpose.",
                ),
            ],
        ))
}

/// Adds `timeline` to the query root.
pub fn queries(query: Object) -> Object {
    query.field(
        Field::new(FIELD, TypeRef::named(TIMELINE), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, read(&ctx).await)) })
        })
        .argument(
            InputValue::new("entity", TypeRef::named_nn(TypeRef::STRING)).description("As the schema names one record: contact."),
        )
        .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
        .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)))
        .argument(InputValue::new("after", TypeRef::named(TypeRef::STRING)).description("`endCursor` of this timeline."))
        .description("What happened with a record: activities, stages, changes, consents, attachments. Null for one that is not there."),
    )
}

async fn read<'a>(ctx: &ResolverContext<'a>) -> Result<Option<FieldValue<'a>>, Problem> {
    let operation = Operation::of(ctx)?;
    let argument = |name: &str| ctx.args.get(name).map(|value| value.as_value()).filter(|value| **value != Wire::Null);
    let named = argument("entity").map(|name| text(name).into_owned()).unwrap_or_default();
    let shape = operation
        .model
        .shapes()
        .find(|shape| shape.singular == named)
        .ok_or_else(|| Problem::input("entity", "There is no such entity").mend("Use a name such as contact."))?;
    let id = argument("id").map(|id| text(id).into_owned()).unwrap_or_default();
    let after = argument("after").map(|after| text(after).into_owned());
    let first = limit(operation, argument("first"))?;
    let page = operation.unit().await?.timeline(&shape.entity, &id, first, after.as_deref()).await?;
    Ok(page.map(|page| {
        let nodes: Vec<Wire> = page.items.iter().map(item).collect();
        FieldValue::value(value!({
            "nodes": Wire::List(nodes),
            "pageInfo": page_info(page.has_next_page, after.is_some(), page.end.as_deref()),
            "withheld": page.withheld,
        }))
    }))
}

fn item(item: &TimelineItem) -> Wire {
    let (at, kind) = (instant(item.at), item.kind);
    match &item.what {
        TimelineEvent::Record(entity, text) => {
            value!({ "at": at, "kind": kind, "id": item.id.as_str(), "entity": camel(entity), "text": text.clone() })
        }
        TimelineEvent::Stage(change) => value!({
            "at": at,
            "kind": kind,
            "actor": change.actor.as_str(),
            "from": change.from.clone(),
            "to": change.to.clone(),
            "fromPipelineStageId": change.from_pipeline_stage.clone(),
            "toPipelineStageId": change.to_pipeline_stage.clone(),
        }),
        TimelineEvent::Change(step) => {
            let fields: Vec<String> = step.fields.iter().map(|field| camel(field)).collect();
            value!({
                "at": at,
                "kind": kind,
                "actor": step.actor.as_str(),
                "operation": step.operation.as_str(),
                "fields": fields,
            })
        }
    }
}
