//! Entities: their object types and the root fields that read them.

use std::sync::Arc;

use async_graphql::Value as Wire;
use async_graphql::dynamic::{
    Directive, Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use garant_domain::problem::{ErrorCode, Problem};

use super::aggregate::{self, Aggregated};
use super::connection::{self, node};
use super::model::{Column, Inverse, Kind, Model, Reference, Shape};
use super::{PERSONAL, node_policy, told};
use crate::load::{self, Child, Selected, child_key};
use crate::operation::Operation;
use crate::schema::scalars::{keys, shown, text};

/// Registers the object types.
pub fn register(mut builder: SchemaBuilder, model: &Model) -> SchemaBuilder {
    for shape in model.shapes() {
        builder = builder.register(object(shape, model));
    }
    builder
}

/// Adds `contacts` and `contact` to the query root.
pub fn queries(mut query: Object, model: &Model) -> Object {
    for shape in model.shapes() {
        query = query.field(list(shape)).field(single(shape));
    }
    query
}

fn object(shape: &Shape, model: &Model) -> Object {
    let mut object = Object::new(&shape.type_name).description(&shape.label);
    for column in &shape.columns {
        object = object.field(scalar(column));
    }
    for reference in &shape.references {
        if let Some(target) = model.shape(&reference.target) {
            object = object.field(behind(reference, target));
        }
    }
    for inverse in &shape.inverses {
        if let Some(other) = model.shape(&inverse.entity) {
            object = object.field(referring(inverse, other));
        }
    }
    object.field(node_policy::field())
}

/// Marks a field that holds personal data, for tools and for people.
fn personal(field: Field, doc: &str, category: Option<&String>) -> Field {
    match category {
        Some(category) => field
            .description(format!("{doc} (personal data: {category})"))
            .directive(Directive::new(PERSONAL).argument("category", Wire::from(category.as_str()))),
        None => field.description(doc),
    }
}

fn scalar(column: &Column) -> Field {
    let name = column.name.clone();
    let ty = column.kind.type_name();
    let field = match column.name.as_str() {
        "id" => Field::new("id", TypeRef::named_nn(ty), |ctx| {
            FieldFuture::from_value(node(&ctx).map(|node| Wire::from(node.row.id())))
        }),
        "version" => Field::new("version", TypeRef::named(ty), |ctx| {
            FieldFuture::from_value(node(&ctx).map(|node| Wire::from(node.row.version())))
        }),
        _ if matches!(column.kind, Kind::MultiSelect(_)) => {
            Field::new(&column.api, column.kind.type_ref(), move |ctx| {
                FieldFuture::from_value(node(&ctx).and_then(|node| keys(node.row.get(&name))))
            })
        }
        _ => Field::new(&column.api, TypeRef::named(ty), move |ctx| {
            FieldFuture::from_value(node(&ctx).and_then(|node| shown(node.row.get(&name))))
        }),
    };
    personal(field, &column.doc, column.personal.as_ref())
}

fn behind(reference: &Reference, target: &Shape) -> Field {
    let field = Field::new(&reference.api, TypeRef::named(&target.type_name), |ctx| child(&ctx));
    personal(field, "The record referred to, if it may be seen.", reference.personal.as_ref())
}

fn referring(inverse: &Inverse, other: &Shape) -> Field {
    let field = Field::new(&inverse.api, TypeRef::named(connection::type_name(other)), |ctx| child(&ctx));
    connection::with_arguments(field, other).description("Visible records that refer to this one.")
}

/// What the loader found below a record for this field.
fn child<'a>(ctx: &ResolverContext<'a>) -> FieldFuture<'a> {
    let field = ctx.field();
    let key = child_key(field.name(), &field.arguments().unwrap_or_default());
    let value = match node(ctx).and_then(|node| node.child(&key)) {
        Some(Child::One(found)) => found.as_ref().map(|node| FieldValue::borrowed_any(node)),
        Some(Child::Many(page)) => Some(FieldValue::borrowed_any(page)),
        Some(Child::Failed(failure)) => {
            if let Some(problem) = failure.once() {
                told(ctx, Err(problem.clone()));
            }
            None
        }
        None => {
            told(ctx, Err(Problem::new(ErrorCode::Internal, format!("`{}` was not loaded", field.name()))));
            None
        }
    };
    FieldFuture::Value(value)
}

fn list(shape: &Arc<Shape>) -> Field {
    let ty = TypeRef::named(connection::type_name(shape));
    let of = Arc::clone(shape);
    let field = Field::new(&shape.plural, ty, move |ctx| {
        let shape = Arc::clone(&of);
        FieldFuture::new(async move { Ok(told(&ctx, read_list(&ctx, &shape).await)) })
    });
    connection::with_arguments(field, shape)
        .argument(
            InputValue::new("trashed", TypeRef::named(TypeRef::BOOLEAN))
                .description("The trash instead of live records."),
        )
        .description(format!("{}: a page of the records that may be seen.", shape.label))
}

async fn read_list<'a>(ctx: &ResolverContext<'a>, shape: &Shape) -> Result<Option<FieldValue<'a>>, Problem> {
    let operation = Operation::of(ctx)?;
    let unit = operation.unit().await?;
    let field = ctx.field();
    let selected = Selected::of(field);
    let arguments: Vec<_> = ctx.args.iter().map(|(name, value)| (name.clone(), value.as_value().clone())).collect();
    let query = connection::query(operation, unit, shape, &arguments, &selected)?;
    let measures = aggregate::selected(shape, &selected);
    let wanted = measures.as_ref().map(|measures| aggregate::of_query(&query, measures));
    let page = unit.page(query).await?;
    let records = selected.records();
    let mut page = load::attach_page(operation, shape, page, &records).await;
    if let (Some(measures), Some(wanted)) = (measures, wanted) {
        page.aggregated = Some(Aggregated::new(&measures, unit.aggregate(wanted).await?));
    }
    Ok(Some(FieldValue::owned_any(page)))
}

fn single(shape: &Arc<Shape>) -> Field {
    let of = Arc::clone(shape);
    Field::new(&shape.singular, TypeRef::named(&shape.type_name), move |ctx| {
        let shape = Arc::clone(&of);
        FieldFuture::new(async move { Ok(told(&ctx, read_single(&ctx, &shape).await)) })
    })
    .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
    .description(format!("{} by id; null alike for one that is not there and one that may not be seen.", shape.label))
}

async fn read_single<'a>(ctx: &ResolverContext<'a>, shape: &Shape) -> Result<Option<FieldValue<'a>>, Problem> {
    let operation = Operation::of(ctx)?;
    let id = ctx.args.get("id").map(|id| text(id.as_value()).into_owned()).unwrap_or_default();
    let selected = Selected::of(ctx.field());
    let unit = operation.unit().await?;
    let row = unit.record(&shape.entity, &id, selected.columns(shape)).await?;
    let rows = row.into_iter().collect();
    let node = load::attach(operation, shape, rows, &selected).await.pop();
    Ok(node.map(FieldValue::owned_any))
}
