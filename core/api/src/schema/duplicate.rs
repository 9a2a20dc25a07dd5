//! `contactDuplicates`: pairs of records that look like one, for whoever keeps the data clean.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Value as Wire;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use garant_domain::problem::Problem;
use garant_service::{DuplicatePage, DuplicatePair};

use super::model::{Model, Shape};
use super::scalars::text;
use super::search::{PAGE_INFO, limit, page_info};
use super::{names, told};
use crate::load::{self, Node, Selected};
use crate::operation::Operation;

/// A pair with what was selected of its records.
struct Pair {
    pair: DuplicatePair,
    records: Vec<Arc<Node>>,
}

/// The answer: the page, and its pairs.
struct Answer {
    page: DuplicatePage,
    pairs: Vec<Arc<Pair>>,
}

/// The root field of an entity.
pub fn field_name(shape: &Shape) -> String {
    format!("{}Duplicates", shape.singular)
}

fn type_name(shape: &Shape, of: &str) -> String {
    format!("{}Duplicate{of}", shape.type_name)
}

fn shapes(model: &Model) -> impl Iterator<Item = &Arc<Shape>> {
    model.shapes().filter(|shape| shape.duplicates)
}

/// Registers the types.
pub fn register(mut builder: SchemaBuilder, model: &Model) -> SchemaBuilder {
    for shape in shapes(model) {
        builder = builder.register(connection(shape)).register(edge(shape)).register(object(shape));
    }
    builder
}

fn connection(shape: &Shape) -> Object {
    let pairs = |name: &str, ty: String| {
        Field::new(name, TypeRef::named_nn_list_nn(ty), |ctx| {
            let list = answer(&ctx).map(|answer| answer.pairs.iter().map(Arc::clone).map(FieldValue::owned_any));
            FieldFuture::Value(list.map(FieldValue::list))
        })
    };
    Object::new(type_name(shape, "Connection"))
        .field(pairs("nodes", type_name(shape, "")))
        .field(pairs("edges", type_name(shape, "Edge")))
        .field(Field::new("pageInfo", TypeRef::named_nn(PAGE_INFO), |ctx| {
            FieldFuture::from_value(answer(&ctx).map(|Answer { page, .. }| {
                let end = page.pairs.last().map(|pair| pair.cursor.as_str());
                page_info(page.has_next_page, page.has_previous_page, end)
            }))
        }))
}

fn edge(shape: &Shape) -> Object {
    Object::new(type_name(shape, "Edge"))
        .field(Field::new("cursor", TypeRef::named_nn(TypeRef::STRING), |ctx| {
            FieldFuture::from_value(pair(&ctx).map(|pair| Wire::from(pair.pair.cursor.as_str())))
        }))
        .field(Field::new("node", TypeRef::named_nn(type_name(shape, "")), |ctx| {
            FieldFuture::Value(pair(&ctx).map(|pair| FieldValue::owned_any(Arc::clone(pair))))
        }))
}

fn object(shape: &Shape) -> Object {
    Object::new(type_name(shape, ""))
        .description("Two records that look like one, by values that are shown in both.")
        .field(
            Field::new("score", TypeRef::named_nn(TypeRef::INT), |ctx| {
                FieldFuture::from_value(pair(&ctx).map(|pair| Wire::from(pair.pair.score)))
            })
            .description("How likely it is: the sum of the reasons' scores."),
        )
        .field(
            Field::new("reasons", TypeRef::named_nn_list_nn(TypeRef::STRING), |ctx| {
                let reasons =
                    pair(&ctx).map(|pair| pair.pair.reasons.iter().map(|name| Wire::from(names::camel(name))));
                FieldFuture::from_value(reasons.map(|reasons| Wire::List(reasons.collect())))
            })
            .description("What is the same: email, phone, nameAndCompany, ..."),
        )
        .field(Field::new("ids", TypeRef::named_nn_list_nn(TypeRef::ID), |ctx| {
            let ids = pair(&ctx).map(|pair| pair.pair.ids.iter().map(|id| Wire::from(id.as_str())).collect());
            FieldFuture::from_value(ids.map(Wire::List))
        }))
        .field(
            Field::new("records", TypeRef::named_nn_list_nn(&shape.type_name), |ctx| {
                let records = pair(&ctx).map(|pair| pair.records.iter().map(Arc::clone).map(FieldValue::owned_any));
                FieldFuture::Value(records.map(FieldValue::list))
            })
            .description("The elder first."),
        )
}

fn answer<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Answer> {
    ctx.parent_value.downcast_ref::<Answer>()
}

fn pair<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Arc<Pair>> {
    ctx.parent_value.downcast_ref::<Arc<Pair>>()
}

/// Adds `contactDuplicates` to the query root.
pub fn queries(mut query: Object, model: &Model) -> Object {
    for shape in shapes(model) {
        let of = Arc::clone(shape);
        let field = Field::new(field_name(shape), TypeRef::named(type_name(shape, "Connection")), move |ctx| {
            let shape = Arc::clone(&of);
            FieldFuture::new(async move { Ok(told(&ctx, read(&ctx, &shape).await)) })
        });
        query = query.field(
            field
                .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)).description("Pairs at most."))
                .argument(
                    InputValue::new("after", TypeRef::named(TypeRef::STRING)).description("A cursor of this queue."),
                )
                .description(format!(
                    "{}: pairs of visible records that look like one, the likeliest first. Each record is paired with the eldest that it shares something with.",
                    shape.label
                )),
        );
    }
    query
}

/// Adds `dismissContactDuplicate` to the mutation root.
pub fn mutations(mut mutation: Object, model: &Model) -> Object {
    for shape in shapes(model) {
        let of = Arc::clone(shape);
        let name = format!("dismiss{}Duplicate", shape.type_name);
        let field = Field::new(name, TypeRef::named(TypeRef::BOOLEAN), move |ctx| {
            let shape = Arc::clone(&of);
            FieldFuture::new(async move { Ok(told(&ctx, dismiss(&ctx, &shape).await)) })
        });
        mutation = mutation.field(
            field
                .argument(InputValue::new("ids", TypeRef::named_nn_list_nn(TypeRef::ID)).description("Of one pair."))
                .argument(
                    InputValue::new("dismissed", TypeRef::named(TypeRef::BOOLEAN))
                        .description("False puts the pair back; true when absent."),
                )
                .description("Says that two records look like one and are not: they come up no more, for anybody."),
        );
    }
    mutation
}

async fn dismiss<'a>(ctx: &ResolverContext<'a>, shape: &Shape) -> Result<Option<FieldValue<'a>>, Problem> {
    let operation = Operation::of(ctx)?;
    let ids: Vec<String> = match ctx.args.get("ids").map(|ids| ids.as_value()) {
        Some(Wire::List(ids)) => ids.iter().map(|id| text(id).into_owned()).collect(),
        Some(id) => vec![text(id).into_owned()],
        None => vec![],
    };
    let dismissed = ctx.args.get("dismissed").and_then(|dismissed| dismissed.boolean().ok()).unwrap_or(true);
    operation.unit().await?.dismiss_duplicate(&shape.entity, &ids, dismissed).await?;
    Ok(Some(FieldValue::value(dismissed)))
}

async fn read<'a>(ctx: &ResolverContext<'a>, shape: &Shape) -> Result<Option<FieldValue<'a>>, Problem> {
    let operation = Operation::of(ctx)?;
    let argument = |name: &str| ctx.args.get(name).map(|value| value.as_value()).filter(|value| **value != Wire::Null);
    let selected = Selected::of(ctx.field());
    let after = argument("after").map(|after| text(after).into_owned());
    let unit = operation.unit().await?;
    let page = unit.duplicates(&shape.entity, limit(operation, argument("first"))?, after.as_deref()).await?;
    let records = selected.records().named("records");
    let mut nodes: HashMap<String, Arc<Node>> = HashMap::new();
    if records.fields().next().is_some() && !page.pairs.is_empty() {
        let mut ids: Vec<String> = page.pairs.iter().flat_map(|pair| pair.ids.iter().cloned()).collect();
        ids.sort_unstable();
        ids.dedup();
        let rows = unit.by_ids(&shape.entity, ids, records.columns(shape)).await?;
        let read = load::attach(operation, shape, rows.into_values().collect(), &records).await;
        nodes.extend(read.into_iter().map(|node| (node.row.id().to_owned(), node)));
    }
    let pairs = page.pairs.iter().map(|pair| {
        let records = pair.ids.iter().filter_map(|id| nodes.get(id).map(Arc::clone)).collect();
        Arc::new(Pair { pair: pair.clone(), records })
    });
    let pairs = pairs.collect();
    Ok(Some(FieldValue::owned_any(Answer { page, pairs })))
}
