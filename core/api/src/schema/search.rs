//! `search(query: "ada")`: the best found records of several entities, each read through its own door.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::{Value as Wire, value};
use garant_domain::problem::{ErrorCode, Problem};
use garant_service::{FoundPage, FoundRecord, SearchRequest};

use super::model::{Model, Shape};
use super::scalars::text;
use super::{plain, told};
use crate::load::{self, Node, Selected};
use crate::operation::Operation;

/// The root field.
pub const FIELD: &str = "search";
const ENTITY: &str = "SearchEntity";
const CONNECTION: &str = "SearchConnection";
const EDGE: &str = "SearchEdge";
const HIT: &str = "SearchHit";
/// Where a page that is read forwards stands.
pub const PAGE_INFO: &str = "ForwardPageInfo";

/// A record that was found, with what was selected of it.
struct Found {
    record: FoundRecord,
    entity: String,
    node: Option<Arc<Node>>,
}

/// The answer: the page, and its records.
struct Answer {
    page: FoundPage,
    found: Vec<Arc<Found>>,
}

fn searched(model: &Model) -> impl Iterator<Item = &Arc<Shape>> {
    model.shapes().filter(|shape| shape.searchable)
}

/// Registers the types.
pub fn register(builder: SchemaBuilder, model: &Model) -> SchemaBuilder {
    let items = searched(model).map(|shape| EnumItem::new(&shape.singular).description(&shape.label));
    let of_page = |name: &str, ty: TypeRef, read: fn(&Answer) -> Wire| {
        Field::new(name, ty, move |ctx| FieldFuture::from_value(answer(&ctx).map(&read)))
    };
    let hits = |name: &str, ty: &str| {
        Field::new(name, TypeRef::named_nn_list_nn(ty), |ctx| {
            let list = answer(&ctx).map(|answer| answer.found.iter().map(Arc::clone).map(FieldValue::owned_any));
            FieldFuture::Value(list.map(FieldValue::list))
        })
    };
    let info = |answer: &Answer| {
        let end = answer.page.records.last().map(|record| record.cursor.as_str());
        page_info(answer.page.has_next_page, answer.page.has_previous_page, end)
    };
    let total = |answer: &Answer| answer.page.total.map_or(Wire::Null, Wire::from);
    let node = Field::new("node", TypeRef::named_nn(HIT), |ctx| {
        FieldFuture::Value(found(&ctx).map(|found| FieldValue::owned_any(Arc::clone(found))))
    });
    builder
        .register(Enum::new(ENTITY).description("What can be searched.").items(items))
        .register(hit(model))
        .register(
            Object::new(CONNECTION)
                .field(hits("nodes", HIT))
                .field(hits("edges", EDGE))
                .field(of_page("pageInfo", TypeRef::named_nn(PAGE_INFO), info))
                .field(
                    of_page("totalCount", TypeRef::named(TypeRef::INT), total)
                        .description("All visible records that are found; counted only when selected."),
                ),
        )
        .register(
            Object::new(EDGE)
                .field(Field::new("cursor", TypeRef::named_nn(TypeRef::STRING), |ctx| {
                    FieldFuture::from_value(found(&ctx).map(|found| Wire::from(found.record.cursor.as_str())))
                }))
                .field(node),
        )
        .register(plain::object(
            PAGE_INFO,
            [
                ("hasNextPage", TypeRef::named_nn(TypeRef::BOOLEAN), ""),
                ("hasPreviousPage", TypeRef::named_nn(TypeRef::BOOLEAN), ""),
                ("endCursor", TypeRef::named(TypeRef::STRING), "Send it as `after`."),
            ],
        ))
}

/// Where a page that is read forwards stands.
pub fn page_info(next: bool, previous: bool, end: Option<&str>) -> Wire {
    value!({ "hasNextPage": next, "hasPreviousPage": previous, "endCursor": end })
}

/// How many records a page that is read forwards may hold.
///
/// # Errors
/// No number, or one out of bounds.
pub fn limit(operation: &Operation, first: Option<&Wire>) -> Result<u32, Problem> {
    let max = operation.config.max_page;
    let bounds = format!("`first` must be between 0 and {max}");
    match first {
        None => Ok(operation.config.default_page),
        Some(Wire::Number(n)) if n.as_i64().is_some_and(|n| n < 0) => {
            Err(Problem::input("first", bounds).mend("Ask for some."))
        }
        Some(Wire::Number(n)) => {
            n.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n <= max).ok_or_else(|| {
                Problem::new(ErrorCode::QueryTooComplex, bounds)
                    .at("first")
                    .mend("Ask for fewer records and follow `pageInfo`.")
            })
        }
        Some(_) => Err(Problem::input("first", "`first` must be an integer").mend("Give an integer.")),
    }
}

fn hit(model: &Model) -> Object {
    let mut hit = Object::new(HIT)
        .description("A record that was found: one of the fields below that are named like an entity is set.")
        .field(Field::new("entity", TypeRef::named_nn(ENTITY), |ctx| {
            FieldFuture::from_value(found(&ctx).map(|found| Wire::Enum(async_graphql::Name::new(&found.entity))))
        }))
        .field(Field::new("id", TypeRef::named_nn(TypeRef::ID), |ctx| {
            FieldFuture::from_value(found(&ctx).map(|found| Wire::from(found.record.id.as_str())))
        }))
        .field(
            Field::new("rank", TypeRef::named_nn(TypeRef::INT), |ctx| {
                FieldFuture::from_value(found(&ctx).map(|found| Wire::from(found.record.rank)))
            })
            .description(
                "How well it was found: words, whole or begun, by the weight of the shown fields that hold them.",
            ),
        );
    for shape in searched(model) {
        let singular = shape.singular.clone();
        hit = hit.field(Field::new(&shape.singular, TypeRef::named(&shape.type_name), move |ctx| {
            let node = found(&ctx).filter(|found| found.entity == singular).and_then(|found| found.node.clone());
            FieldFuture::Value(node.map(FieldValue::owned_any))
        }));
    }
    hit
}

fn answer<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Answer> {
    ctx.parent_value.downcast_ref::<Answer>()
}

fn found<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Arc<Found>> {
    ctx.parent_value.downcast_ref::<Arc<Found>>()
}

/// Adds `search` to the query root.
pub fn queries(query: Object) -> Object {
    let field = Field::new(FIELD, TypeRef::named(CONNECTION), |ctx| {
        FieldFuture::new(async move { Ok(told(&ctx, read(&ctx).await)) })
    });
    query.field(
        field
            .argument(
                InputValue::new("query", TypeRef::named_nn(TypeRef::STRING))
                    .description("Words that must all be found in the shown fields, the last one by its beginning."),
            )
            .argument(
                InputValue::new("entities", TypeRef::named_nn_list(ENTITY))
                    .description("Everything that can be searched when absent."),
            )
            .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)).description("Records at most."))
            .argument(InputValue::new("after", TypeRef::named(TypeRef::STRING)).description("A cursor of this search."))
            .description("Visible records of several entities, the best found first. `extensions.policy.searched` says in which fields."),
    )
}

async fn read<'a>(ctx: &ResolverContext<'a>) -> Result<Option<FieldValue<'a>>, Problem> {
    let operation = Operation::of(ctx)?;
    let argument = |name: &str| ctx.args.get(name).map(|value| value.as_value()).filter(|value| **value != Wire::Null);
    let selected = Selected::of(ctx.field());
    let request = SearchRequest {
        text: argument("query").map(|query| text(query).into_owned()).unwrap_or_default(),
        entities: entities(&operation.model, argument("entities"))?,
        limit: limit(operation, argument("first"))?,
        after: argument("after").map(|after| text(after).into_owned()),
        total: selected.has("totalCount"),
    };
    let page = operation.unit().await?.search(request).await?;
    let mut nodes = HashMap::new();
    for shape in searched(&operation.model) {
        nodes.extend(read_records(operation, shape, &page, &selected.records()).await?);
    }
    let found = page.records.iter().map(|record| {
        let entity = operation.model.require(&record.entity)?.singular.clone();
        let node = nodes.remove(&(record.entity.clone(), record.id.clone()));
        Ok(Arc::new(Found { record: record.clone(), entity, node }))
    });
    let found = found.collect::<Result<_, Problem>>()?;
    Ok(Some(FieldValue::owned_any(Answer { page, found })))
}

fn entities(model: &Model, wire: Option<&Wire>) -> Result<Vec<String>, Problem> {
    let names = match wire {
        None => return Ok(vec![]),
        Some(Wire::List(names)) => names.iter().map(text).collect(),
        Some(one) => vec![text(one)],
    };
    if names.is_empty() {
        return Err(Problem::input("entities", "The list names no entity").mend("Name one, or leave the argument out."));
    }
    let named = |(index, name): (usize, &std::borrow::Cow<'_, str>)| {
        let shape = searched(model).find(|shape| shape.singular == *name);
        shape
            .map(|shape| shape.entity.clone())
            .ok_or_else(|| Problem::input(format!("entities.{index}"), "Nothing that can be searched"))
    };
    names.iter().enumerate().map(named).collect()
}

/// The records of one entity, if anything of them is selected.
async fn read_records(
    operation: &Operation,
    shape: &Shape,
    page: &FoundPage,
    selected: &Selected<'_>,
) -> Result<Vec<((String, String), Arc<Node>)>, Problem> {
    let of_entity = page.records.iter().filter(|record| record.entity == shape.entity);
    let ids: Vec<String> = of_entity.map(|record| record.id.clone()).collect();
    let selected = selected.named(&shape.singular);
    if ids.is_empty() || selected.fields().next().is_none() {
        return Ok(vec![]);
    }
    let rows = operation.unit().await?.by_ids(&shape.entity, ids, selected.columns(shape)).await?;
    let nodes = load::attach(operation, shape, rows.into_values().collect(), &selected).await;
    Ok(nodes.into_iter().map(|node| ((shape.entity.clone(), node.row.id().to_owned()), node)).collect())
}
