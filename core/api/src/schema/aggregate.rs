//! Aggregates on connections, and groups: `aggregate { count sum { amount } }`,
//! `dealGroupBy(by: [STAGE]) { key { stage } aggregate { count } }`.

use std::sync::Arc;

use async_graphql::Value as Wire;
use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use garant_domain::problem::Problem;
use garant_domain::query::{Aggregation, Function, Measure, Query};
use garant_service::ReviewedGroup;

use super::model::{Column, Kind, Model, Shape};
use super::scalars::{shown, text};
use super::{filter, told};
use crate::load::{NodePage, Selected};
use crate::operation::Operation;

const FUNCTIONS: [(&str, Function); 4] =
    [("sum", Function::Sum), ("avg", Function::Avg), ("min", Function::Min), ("max", Function::Max)];

/// What was aggregated, with what was asked for.
pub struct Aggregated {
    measures: Arc<[Measure]>,
    group: ReviewedGroup,
}

/// A group of an answer, with the fields that make it.
struct Grouped {
    by: Arc<[String]>,
    aggregated: Arc<Aggregated>,
}

impl Aggregated {
    /// What came out for some measures.
    pub fn new(measures: &Arc<[Measure]>, group: ReviewedGroup) -> Arc<Self> {
        Arc::new(Self { measures: Arc::clone(measures), group })
    }

    fn value(&self, function: Function, field: &str) -> Option<Wire> {
        let wanted = |measure: &Measure| measure.function == function && measure.field == field;
        let index = self.measures.iter().position(wanted);
        index.and_then(|index| self.group.measured().get(index)).and_then(shown)
    }
}

fn type_name(shape: &Shape) -> String {
    format!("{}Aggregate", shape.type_name)
}

fn function_type(shape: &Shape, function: &str) -> String {
    format!("{}{}{}", shape.type_name, function.get(..1).unwrap_or_default().to_uppercase(), &function[1..])
}

/// The columns that a function measures.
fn measured(shape: &Shape, function: Function) -> impl Iterator<Item = &Column> {
    shape.columns.iter().filter(move |column| match function {
        _ if column.name == "version" => false,
        Function::Sum | Function::Avg => matches!(column.kind, Kind::Integer | Kind::Decimal),
        Function::Min | Function::Max => {
            matches!(column.kind, Kind::Integer | Kind::Decimal | Kind::Date | Kind::Instant)
        }
    })
}

/// The columns whose shown values make groups.
fn groupable(shape: &Shape) -> impl Iterator<Item = &Column> {
    shape.columns.iter().filter(|column| column.name != "id" && column.name != "version")
}

/// Registers the types.
pub fn register(mut builder: SchemaBuilder, model: &Model) -> SchemaBuilder {
    for shape in model.shapes() {
        builder = builder.register(object(shape)).register(by(shape)).register(key(shape)).register(group(shape));
        for (name, function) in FUNCTIONS {
            if measured(shape, function).next().is_some() {
                builder = builder.register(measures(shape, name, function));
            }
        }
    }
    builder
}

fn object(shape: &Shape) -> Object {
    let doc = "Over the shown values of the visible records that match. A policy may withhold small groups: null.";
    let mut object = Object::new(type_name(shape)).description(doc).field(Field::new(
        "count",
        TypeRef::named(TypeRef::INT),
        |ctx| FieldFuture::from_value(aggregated(&ctx).and_then(|all| all.group.count()).map(Wire::from)),
    ));
    for (name, function) in FUNCTIONS {
        if measured(shape, function).next().is_some() {
            object = object.field(Field::new(name, TypeRef::named(function_type(shape, name)), |ctx| {
                FieldFuture::Value(aggregated(&ctx).map(|all| FieldValue::owned_any(Arc::clone(all))))
            }));
        }
    }
    object
}

fn measures(shape: &Shape, name: &str, function: Function) -> Object {
    let mut object = Object::new(function_type(shape, name));
    for column in measured(shape, function) {
        // A sum of 32-bit integers may have more, and an average has places.
        let kind = if matches!(function, Function::Sum | Function::Avg) { &Kind::Decimal } else { &column.kind };
        let of = column.name.clone();
        object = object.field(Field::new(&column.api, TypeRef::named(kind.type_name()), move |ctx| {
            FieldFuture::from_value(aggregated(&ctx).and_then(|all| all.value(function, &of)))
        }));
    }
    object
}

fn aggregated<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Arc<Aggregated>> {
    ctx.parent_value.downcast_ref::<Arc<Aggregated>>()
}

/// `aggregate` of a connection.
pub fn of_page(shape: &Shape, page: for<'a> fn(&ResolverContext<'a>) -> Option<&'a NodePage>) -> Field {
    Field::new("aggregate", TypeRef::named(type_name(shape)), move |ctx| {
        let found = page(&ctx).and_then(|page| page.aggregated.as_ref());
        FieldFuture::Value(found.map(|all| FieldValue::owned_any(Arc::clone(all))))
    })
    .description("Counts and measures of all records that match, whatever the page.")
}

/// The measures selected below `aggregate`; nothing when it is not selected.
pub fn selected(shape: &Shape, selected: &Selected<'_>) -> Option<Arc<[Measure]>> {
    let mut measures: Vec<Measure> = Vec::new();
    let mut found = false;
    for aggregate in selected.fields().filter(|field| field.name() == "aggregate") {
        found = true;
        for part in aggregate.selection_set() {
            let Some((_, function)) = FUNCTIONS.iter().find(|(name, _)| *name == part.name()) else { continue };
            for field in part.selection_set() {
                let Some(column) = measured(shape, *function).find(|column| column.api == field.name()) else {
                    continue;
                };
                let measure = Measure { function: *function, field: column.name.clone() };
                if !measures.contains(&measure) {
                    measures.push(measure);
                }
            }
        }
    }
    found.then(|| measures.into())
}

/// The aggregate of all records that a connection's query matches.
pub fn of_query(query: &Query, measures: &[Measure]) -> Aggregation {
    Aggregation {
        entity: query.entity.clone(),
        filter: query.filter.clone(),
        search: query.search.clone(),
        trashed: query.trashed,
        measures: measures.to_vec(),
        ..Aggregation::default()
    }
}

fn by_type(shape: &Shape) -> String {
    format!("{}GroupField", shape.type_name)
}

fn by(shape: &Shape) -> Enum {
    let items = groupable(shape).map(|column| EnumItem::new(&column.api).description(&column.doc));
    Enum::new(by_type(shape)).description("A field whose shown values make the groups.").items(items)
}

fn key_type(shape: &Shape) -> String {
    format!("{}GroupKey", shape.type_name)
}

fn key(shape: &Shape) -> Object {
    let mut object = Object::new(key_type(shape)).description("The shown values of a group; null also where masked.");
    for column in groupable(shape) {
        let name = column.name.clone();
        object = object.field(Field::new(&column.api, TypeRef::named(column.kind.type_name()), move |ctx| {
            let value = ctx.parent_value.downcast_ref::<Arc<Grouped>>().and_then(|group| {
                let index = group.by.iter().position(|by| *by == name)?;
                group.aggregated.group.key().get(index).and_then(shown)
            });
            FieldFuture::from_value(value)
        }));
    }
    object
}

fn group_type(shape: &Shape) -> String {
    format!("{}Group", shape.type_name)
}

fn group(shape: &Shape) -> Object {
    let of = |ctx: &ResolverContext<'_>| ctx.parent_value.downcast_ref::<Arc<Grouped>>().map(Arc::clone);
    Object::new(group_type(shape))
        .field(Field::new("key", TypeRef::named_nn(key_type(shape)), move |ctx| {
            FieldFuture::Value(of(&ctx).map(FieldValue::owned_any))
        }))
        .field(Field::new("aggregate", TypeRef::named_nn(type_name(shape)), move |ctx| {
            FieldFuture::Value(of(&ctx).map(|group| FieldValue::owned_any(Arc::clone(&group.aggregated))))
        }))
}

/// The name of the root field that groups.
pub fn group_field(shape: &Shape) -> String {
    format!("{}GroupBy", shape.singular)
}

/// Adds `contactGroupBy` to the query root.
pub fn queries(mut query: Object, model: &Model) -> Object {
    for shape in model.shapes() {
        let of = Arc::clone(shape);
        let ty = TypeRef::named_nn_list(group_type(shape));
        let field = Field::new(group_field(shape), ty, move |ctx| {
            let shape = Arc::clone(&of);
            FieldFuture::new(async move { Ok(told(&ctx, read_groups(&ctx, &shape).await)) })
        });
        let field = field
            .argument(InputValue::new("by", TypeRef::named_nn_list_nn(by_type(shape))))
            .argument(InputValue::new("filter", TypeRef::named(filter::entity_type(shape))));
        let field = match shape.searchable {
            true => field.argument(
                InputValue::new("search", TypeRef::named(TypeRef::STRING))
                    .description("Words that must all be found in the shown fields, as in the list."),
            ),
            false => field,
        };
        let field = field.description(format!(
            "{}: the visible records that match, grouped by shown values; at most {} groups.",
            shape.label,
            garant_service::MAX_GROUPS
        ));
        query = query.field(field);
    }
    query
}

async fn read_groups<'a>(ctx: &ResolverContext<'a>, shape: &Shape) -> Result<Option<FieldValue<'a>>, Problem> {
    let operation = Operation::of(ctx)?;
    let argument = |name: &str| ctx.args.get(name).map(|value| value.as_value()).filter(|value| **value != Wire::Null);
    let mut by: Vec<String> = Vec::new();
    let one;
    let names = match argument("by") {
        Some(Wire::List(names)) => names.as_slice(),
        Some(value) => {
            one = [value.clone()];
            &one
        }
        None => &[],
    };
    for (index, name) in names.iter().enumerate() {
        let wrong = || Problem::input(format!("by.{index}"), "Not a field that makes groups");
        let column = shape.column(&text(name)).ok_or_else(wrong)?;
        if !by.contains(&column.name) {
            by.push(column.name.clone());
        }
    }
    let max = operation.config.max_filter_tests;
    let filter = argument("filter").map(|wire| filter::parse(&operation.model, shape, wire, max)).transpose()?;
    let search = super::connection::search(operation, shape, argument("search"))?;
    let measures = selected(shape, &Selected::of(ctx.field())).unwrap_or_default();
    let wanted = Aggregation {
        entity: shape.entity.clone(),
        filter,
        search,
        by: by.clone(),
        measures: measures.to_vec(),
        ..Aggregation::default()
    };
    let groups = operation.unit().await?.group_by(wanted).await?;
    let by: Arc<[String]> = by.into();
    let grouped = groups.into_iter().map(|group| {
        let aggregated = Aggregated::new(&measures, group);
        FieldValue::owned_any(Arc::new(Grouped { by: Arc::clone(&by), aggregated }))
    });
    Ok(Some(FieldValue::list(grouped.collect::<Vec<_>>())))
}
