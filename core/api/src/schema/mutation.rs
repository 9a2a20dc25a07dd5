//! Mutations of records: the same for every entity, creation only where records are evidence.

mod bulk;
mod convert;
mod merge;

use std::sync::Arc;

use async_graphql::Value as Wire;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use garant_domain::problem::{ErrorCode, Problem};
use garant_service::{Input, ReviewedRow};

use super::model::{Model, Shape};
use super::scalars::{from_wire, text};
use super::{expected_version, told};
use crate::journal::{Done, not_told};
use crate::load::{self, Selected};
use crate::operation::Operation;

/// Which mutation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Create,
    Update,
    Delete,
    Restore,
}

fn create_type(shape: &Shape) -> String {
    format!("{}CreateInput", shape.type_name)
}

fn update_type(shape: &Shape) -> String {
    format!("{}UpdateInput", shape.type_name)
}

/// Registers the input types.
pub fn register(mut builder: SchemaBuilder, model: &Model) -> SchemaBuilder {
    builder = bulk::register(builder);
    builder = merge::register(builder, model);
    for shape in model.shapes() {
        builder = builder.register(input(shape, create_type(shape), true));
        if !shape.append_only {
            builder = builder.register(input(shape, update_type(shape), false));
        }
    }
    builder
}

fn input(shape: &Shape, name: String, create: bool) -> InputObject {
    let doc = if create { "A new record." } else { "Fields to change; null clears one, one left out stays." };
    let mut object = InputObject::new(name).description(doc);
    for column in shape.columns.iter().filter(|column| column.writable) {
        let ty = column.kind.type_ref();
        let ty = if create && column.required { TypeRef::NonNull(Box::new(ty)) } else { ty };
        object = object.field(InputValue::new(&column.api, ty).description(&column.doc));
    }
    object
}

/// Adds the mutations of every entity to the mutation root.
pub fn mutations(mut mutation: Object, model: &Model) -> Object {
    for shape in model.shapes() {
        let id = || InputValue::new("id", TypeRef::named_nn(TypeRef::ID));
        let expected = || {
            InputValue::new("expectedVersion", TypeRef::named(TypeRef::INT))
                .description("Refuses with `CONFLICT` when the record has another version.")
        };
        let input = |ty: String| InputValue::new("input", TypeRef::named_nn(ty));
        mutation = mutation
            .field(one(shape, Verb::Create, "create").argument(input(create_type(shape))))
            .field(several(shape));
        if shape.append_only {
            continue;
        }
        mutation = mutation
            .field(
                one(shape, Verb::Update, "update")
                    .argument(id())
                    .argument(input(update_type(shape)))
                    .argument(expected()),
            )
            .field(
                one(shape, Verb::Delete, "delete").argument(id()).argument(expected()).description("Into the trash."),
            )
            .field(one(shape, Verb::Restore, "restore").argument(id()).description("Out of the trash."))
            .field(bulk::field(shape, true).argument(input(update_type(shape))))
            .field(bulk::field(shape, false));
        if shape.mergeable {
            mutation = mutation.field(merge::field(shape));
        }
    }
    convert::mutation(mutation, model)
}

fn one(shape: &Arc<Shape>, verb: Verb, prefix: &str) -> Field {
    let of = Arc::clone(shape);
    Field::new(format!("{prefix}{}", shape.type_name), TypeRef::named(&shape.type_name), move |ctx| {
        let shape = Arc::clone(&of);
        FieldFuture::new(async move { Ok(told(&ctx, write(&ctx, &shape, verb).await)) })
    })
}

fn several(shape: &Arc<Shape>) -> Field {
    let of = Arc::clone(shape);
    Field::new(format!("create{}", bulk::plural(shape)), TypeRef::named_nn_list(&shape.type_name), move |ctx| {
        let shape = Arc::clone(&of);
        FieldFuture::new(async move { Ok(told(&ctx, write_several(&ctx, &shape).await)) })
    })
    .argument(InputValue::new("inputs", TypeRef::named_nn_list_nn(create_type(shape))))
    .argument(
        InputValue::new("onConflict", TypeRef::named(bulk::ON_CONFLICT))
            .description("Names each record by its key in a source: one that is known is changed instead."),
    )
    .description("Creates all of the records or, when one is wrong, none.")
}

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

/// The key of the answer under which a field stands.
pub fn response_key<'c>(ctx: &'c ResolverContext<'_>) -> &'c str {
    ctx.field().alias().unwrap_or_else(|| ctx.field().name())
}

/// The records that a field writes; or wrote, when it was done before: then they are read again.
async fn once(
    ctx: &ResolverContext<'_>,
    shape: &Shape,
    fields: Vec<String>,
    trashed: bool,
    act: impl Future<Output = Result<Vec<ReviewedRow>, Problem>>,
) -> Result<Vec<ReviewedRow>, Problem> {
    let operation = Operation::of(ctx)?;
    let key = response_key(ctx);
    match operation.journal.before(key) {
        None => {
            let rows = act.await;
            operation.journal.note(
                key,
                match &rows {
                    Ok(rows) => {
                        let written = rows.iter().map(|row| (row.id().to_owned(), row.version())).collect();
                        Done::Records { written, trashed }
                    }
                    Err(problem) => Done::Failed(Box::new(problem.clone())),
                },
            );
            rows
        }
        Some(done) => match done? {
            Done::Records { written, trashed } => {
                operation.unit().await?.written_before(&shape.entity, written, trashed, fields).await
            }
            Done::Failed(problem) => Err(*problem),
            Done::Bulk { .. } | Done::Merged { .. } | Done::Said(_) => Err(not_told()),
        },
    }
}

async fn write<'a>(ctx: &ResolverContext<'a>, shape: &Shape, verb: Verb) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let selected = Selected::of(ctx.field());
    let fields = selected.columns(shape);
    let act = act(ctx, operation, shape, verb, fields.clone());
    let rows = once(ctx, shape, fields, verb == Verb::Delete, act).await?;
    Ok(answer(operation, shape, rows, &selected).await.pop())
}

async fn act(
    ctx: &ResolverContext<'_>,
    operation: &Operation,
    shape: &Shape,
    verb: Verb,
    fields: Vec<String>,
) -> Result<Vec<ReviewedRow>, Problem> {
    let id = ctx.args.get("id").map(|id| text(id.as_value()).into_owned()).unwrap_or_default();
    let expected = expected_version(ctx);
    let input = || read(shape, ctx.args.get("input").map(|input| input.as_value()), "input");
    let entity = &shape.entity;
    let unit = operation.unit().await?;
    let row = match verb {
        Verb::Create => unit.create(entity, input()?, fields).await?,
        Verb::Update => unit.update(entity, &id, input()?, expected, fields).await?,
        Verb::Delete => unit.delete(entity, &id, expected, fields).await?,
        Verb::Restore => unit.restore(entity, &id, fields).await?,
    };
    Ok(vec![row])
}

async fn write_several<'a>(ctx: &ResolverContext<'a>, shape: &Shape) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let selected = Selected::of(ctx.field());
    let fields = selected.columns(shape);
    let act = act_several(ctx, operation, shape, fields.clone());
    let rows = once(ctx, shape, fields, false, act).await?;
    Ok(Some(FieldValue::list(answer(operation, shape, rows, &selected).await)))
}

async fn act_several(
    ctx: &ResolverContext<'_>,
    operation: &Operation,
    shape: &Shape,
    columns: Vec<String>,
) -> Result<Vec<ReviewedRow>, Problem> {
    let one;
    let inputs = match ctx.args.get("inputs").map(|inputs| inputs.as_value()) {
        Some(Wire::List(inputs)) => inputs.as_slice(),
        // A single value counts as a list of one, as GraphQL has it.
        Some(value) => {
            one = [value.clone()];
            &one
        }
        None => &[],
    };
    let limit = operation.config.batch_limit;
    if inputs.len() > limit {
        return Err(Problem::new(ErrorCode::QueryTooComplex, format!("`inputs` holds more than {limit} records"))
            .at("inputs")
            .mend("Send them in several requests."));
    }
    let inputs = inputs.iter().enumerate().map(|(i, input)| read(shape, Some(input), &format!("inputs.{i}")));
    let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
    let single = inputs.len() == 1;
    let unit = operation.unit().await?;
    match ctx.args.get("onConflict").map(|value| value.as_value()) {
        Some(wire @ Wire::Object(_)) => {
            let (source, records) = bulk::keyed(wire, inputs)?;
            let rows = unit.upsert_all(&shape.entity, &source, records, columns).await;
            rows.map_err(|problem| in_list(problem, false))
        }
        _ => unit.create_many(&shape.entity, inputs, columns).await.map_err(|problem| in_list(problem, single)),
    }
}

/// The service counts from `input`; the argument here is `inputs`.
fn in_list(mut problem: Problem, single: bool) -> Problem {
    if let Some(rest) = problem.field.as_deref().and_then(|field| field.strip_prefix("input.")) {
        problem.field = Some(if single { format!("inputs.0.{rest}") } else { format!("inputs.{rest}") });
    }
    problem
}

async fn answer<'a>(
    operation: &Operation,
    shape: &Shape,
    rows: Vec<ReviewedRow>,
    selected: &Selected<'_>,
) -> Vec<FieldValue<'a>> {
    load::attach(operation, shape, rows, selected).await.into_iter().map(FieldValue::owned_any).collect()
}

/// An input object as the catalogue names it; absent fields are absent, null clears.
fn read(shape: &Shape, wire: Option<&Wire>, path: &str) -> Result<Input, Problem> {
    let Some(Wire::Object(fields)) = wire else {
        return Err(Problem::input(path, format!("`{path}` must be an object")));
    };
    let mut input = Input::new();
    for (name, value) in fields {
        let path = format!("{path}.{name}");
        let column = shape.column(name).filter(|column| column.writable);
        let column = column.ok_or_else(|| Problem::input(&path, format!("`{path}` is not a field")))?;
        input.insert(column.name.clone(), from_wire(value, &column.kind, &path)?);
    }
    Ok(input)
}

#[cfg(test)]
mod tests {
    use async_graphql::value;
    use garant_domain::catalog::Catalog;
    use garant_domain::value::Value;

    use super::*;

    #[test]
    fn inputs_become_the_catalogues_fields() {
        let model = Model::new(&Catalog::standard().unwrap()).unwrap();
        let contact = model.shape("contact").unwrap();
        let input =
            read(contact, Some(&value!({ "lastName": "x", "phone2": null, "companyId": "c1" })), "input").unwrap();
        let expected = [("company_id", Value::text("c1")), ("last_name", Value::text("x")), ("phone_2", Value::Null)];
        assert_eq!(input, expected.map(|(name, value)| (name.to_owned(), value)).into());
        for name in ["id", "version", "createdAt", "company", "last_name"] {
            let wire = Wire::Object([(async_graphql::Name::new(name), Wire::from("x"))].into_iter().collect());
            let problem = read(contact, Some(&wire), "inputs.2").unwrap_err();
            assert_eq!(problem.field, Some(format!("inputs.2.{name}")));
        }
    }

    #[test]
    fn paths_of_a_list_name_the_list() {
        let at = |field: &str, single| in_list(Problem::input(field, ""), single).field.unwrap();
        assert_eq!(at("input.email", true), "inputs.0.email");
        assert_eq!(at("input.3.email", false), "inputs.3.email");
        assert_eq!(at("Purpose", true), "Purpose");
    }
}
