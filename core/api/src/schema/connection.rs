//! Relay connections: arguments, pages, edges and cursors.

use std::sync::Arc;

use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::{Name, Value as Wire};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{Page, Query};
use garant_domain::search::Search;
use garant_service::{Unit, search_for};

use super::model::{Model, Shape};
use super::{aggregate, filter, order};
use crate::load::{Node, NodePage, Selected};
use crate::operation::Operation;

const PAGE_INFO: &str = "PageInfo";

/// `ContactConnection`.
pub fn type_name(shape: &Shape) -> String {
    format!("{}Connection", shape.type_name)
}

/// Registers the connection types.
pub fn register(mut builder: SchemaBuilder, model: &Model) -> SchemaBuilder {
    builder = builder.register(page_info());
    for shape in model.shapes() {
        builder = builder.register(connection(shape)).register(edge(shape));
    }
    builder
}

/// A field that answers a connection of an entity, with its arguments.
pub fn with_arguments(field: Field, shape: &Shape) -> Field {
    let int = || TypeRef::named(TypeRef::INT);
    let text = || TypeRef::named(TypeRef::STRING);
    let field = match shape.searchable {
        true => field.argument(InputValue::new("search", text()).description(
            "Words that must all be found in the shown fields, the last one by its beginning; without `orderBy` the best found come first.",
        )),
        false => field,
    };
    field
        .argument(InputValue::new("first", int()).description("Records from the start, or after `after`."))
        .argument(InputValue::new("after", text()).description("A cursor of this list."))
        .argument(InputValue::new("last", int()).description("Records from the end, or before `before`."))
        .argument(InputValue::new("before", text()).description("A cursor of this list."))
        .argument(InputValue::new("filter", TypeRef::named(filter::entity_type(shape))))
        .argument(InputValue::new("orderBy", TypeRef::named_nn_list(order::entity_type(shape))))
}

/// The query that a connection's arguments and selection ask for.
///
/// # Errors
/// An argument is wrong; the problem names it.
pub fn query(
    operation: &Operation,
    unit: &Unit,
    shape: &Shape,
    arguments: &[(Name, Wire)],
    selected: &Selected<'_>,
) -> Result<Query, Problem> {
    let argument = |wanted: &str| {
        arguments.iter().find(|(name, value)| name == wanted && *value != Wire::Null).map(|(_, value)| value)
    };
    let config = &operation.config;
    let filter = argument("filter").map(|wire| filter::parse(&operation.model, shape, wire, config.max_filter_tests));
    let page = PageArguments {
        first: argument("first"),
        after: argument("after"),
        last: argument("last"),
        before: argument("before"),
    };
    let rows = selected.has("nodes") || selected.has("edges") || selected.has("pageInfo");
    let (limit, backwards, cursor) = page.read(config.default_page, config.max_page)?;
    let mut query = Query {
        entity: shape.entity.clone(),
        fields: selected.records().columns(shape),
        filter: filter.transpose()?,
        search: search(operation, shape, argument("search"))?,
        order: order::parse(shape, argument("orderBy").unwrap_or(&Wire::Null))?,
        page: Page { limit: if rows { limit } else { 0 }, backwards, cursor: None },
        total: selected.has("totalCount"),
        trashed: argument("trashed") == Some(&Wire::Boolean(true)),
    };
    if let Some(cursor) = cursor {
        let position = unit.open_cursor(&query, cursor);
        query.page.cursor = Some(position.map_err(|problem| problem.at(if backwards { "before" } else { "after" }))?);
    }
    Ok(query)
}

/// What an argument searches for.
///
/// # Errors
/// It has no word, or too many.
pub fn search(operation: &Operation, shape: &Shape, text: Option<&Wire>) -> Result<Option<Search>, Problem> {
    let (Some(Wire::String(text)), Some(entity)) = (text, operation.catalog().entity(&shape.entity)) else {
        return Ok(None);
    };
    search_for(entity, text, "search")
}

struct PageArguments<'a> {
    first: Option<&'a Wire>,
    after: Option<&'a Wire>,
    last: Option<&'a Wire>,
    before: Option<&'a Wire>,
}

impl<'a> PageArguments<'a> {
    /// Limit, direction and cursor.
    fn read(&self, default: u32, max: u32) -> Result<(u32, bool, Option<&'a str>), Problem> {
        if let (Some(_), Some(_)) = (self.first.or(self.after), self.last.or(self.before)) {
            return Err(Problem::input("last", "A page is read either forwards or backwards")
                .mend("Use `first` with `after`, or `last` with `before`."));
        }
        let backwards = self.last.or(self.before).is_some();
        let (name, size, cursor) =
            if backwards { ("last", self.last, self.before) } else { ("first", self.first, self.after) };
        let limit = match size {
            None => default,
            Some(Wire::Number(n)) => {
                let limit = n.as_u64().and_then(|n| u32::try_from(n).ok());
                limit.filter(|n| *n <= max).ok_or_else(|| {
                    let code = if n.as_i64().is_some_and(|n| n < 0) {
                        ErrorCode::BadUserInput
                    } else {
                        ErrorCode::QueryTooComplex
                    };
                    Problem::new(code, format!("`{name}` must be between 0 and {max}"))
                        .at(name)
                        .mend("Ask for fewer records and follow `pageInfo`.")
                })?
            }
            Some(_) => {
                return Err(Problem::input(name, format!("`{name}` must be an integer")).mend("Give an integer."));
            }
        };
        let cursor = match cursor {
            Some(Wire::String(text)) => Some(text.as_str()),
            _ => None,
        };
        Ok((limit, backwards, cursor))
    }
}

/// The page that a connection's fields are read from.
fn page<'a>(ctx: &ResolverContext<'a>) -> Option<&'a NodePage> {
    let shared = || ctx.parent_value.downcast_ref::<Arc<NodePage>>().map(AsRef::as_ref);
    ctx.parent_value.downcast_ref::<NodePage>().or_else(shared)
}

/// The record that an object's fields are read from.
pub fn node<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Node> {
    let shared = || ctx.parent_value.downcast_ref::<Arc<Node>>().map(AsRef::as_ref);
    ctx.parent_value.downcast_ref::<Node>().or_else(shared)
}

fn of_page(name: &str, ty: TypeRef, read: impl Fn(&NodePage) -> Wire + Send + Sync + 'static) -> Field {
    Field::new(name, ty, move |ctx| FieldFuture::from_value(page(&ctx).map(&read)))
}

fn nodes(name: &str, ty: String) -> Field {
    Field::new(name, TypeRef::named_nn_list_nn(ty), |ctx| {
        let list =
            |page: &'_ NodePage| page.nodes.iter().map(Arc::clone).map(FieldValue::owned_any).collect::<Vec<_>>();
        FieldFuture::Value(page(&ctx).map(|page| FieldValue::list(list(page))))
    })
}

fn connection(shape: &Shape) -> Object {
    Object::new(type_name(shape))
        .field(nodes("nodes", shape.type_name.clone()))
        .field(nodes("edges", edge_type(shape)))
        .field(Field::new("pageInfo", TypeRef::named_nn(PAGE_INFO), |ctx| {
            FieldFuture::Value(page(&ctx).map(|page| FieldValue::borrowed_any(page)))
        }))
        .field(aggregate::of_page(shape, page))
        .field(
            of_page("totalCount", TypeRef::named(TypeRef::INT), |page| page.total.map_or(Wire::Null, Wire::from))
                .description("All visible records that match; counted only when selected."),
        )
}

fn edge_type(shape: &Shape) -> String {
    format!("{}Edge", shape.type_name)
}

fn edge(shape: &Shape) -> Object {
    Object::new(edge_type(shape))
        .field(Field::new("cursor", TypeRef::named_nn(TypeRef::STRING), |ctx| {
            FieldFuture::from_value(node(&ctx).map(|node| Wire::from(node.row.cursor())))
        }))
        .field(Field::new("node", TypeRef::named_nn(&shape.type_name), |ctx| {
            FieldFuture::Value(node(&ctx).map(|node| FieldValue::borrowed_any(node)))
        }))
}

fn page_info() -> Object {
    let cursor = |node: Option<&Arc<Node>>| node.map_or(Wire::Null, |node| Wire::from(node.row.cursor()));
    let boolean = || TypeRef::named_nn(TypeRef::BOOLEAN);
    let text = || TypeRef::named(TypeRef::STRING);
    Object::new(PAGE_INFO)
        .field(of_page("hasNextPage", boolean(), |page| page.has_next_page.into()))
        .field(of_page("hasPreviousPage", boolean(), |page| page.has_previous_page.into()))
        .field(of_page("startCursor", text(), move |page| cursor(page.nodes.first())))
        .field(of_page("endCursor", text(), move |page| cursor(page.nodes.last())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        first: Option<i64>,
        after: Option<&str>,
        last: Option<i64>,
        before: Option<&str>,
    ) -> Result<(u32, bool, Option<String>), ErrorCode> {
        let (first, last) = (first.map(Wire::from), last.map(Wire::from));
        let (after, before) = (after.map(Wire::from), before.map(Wire::from));
        let page = PageArguments {
            first: first.as_ref(),
            after: after.as_ref(),
            last: last.as_ref(),
            before: before.as_ref(),
        };
        let read = page.read(50, 500).map_err(|problem| problem.code)?;
        Ok((read.0, read.1, read.2.map(str::to_owned)))
    }

    #[test]
    fn pages_go_forwards_or_backwards() {
        assert_eq!(read(None, None, None, None), Ok((50, false, None)));
        assert_eq!(read(Some(500), Some("c"), None, None), Ok((500, false, Some("c".into()))));
        assert_eq!(read(None, None, Some(0), Some("c")), Ok((0, true, Some("c".into()))));
        assert_eq!(read(None, None, None, Some("c")), Ok((50, true, Some("c".into()))));
        assert_eq!(read(Some(1), None, Some(1), None), Err(ErrorCode::BadUserInput));
        assert_eq!(read(Some(1), None, None, Some("c")), Err(ErrorCode::BadUserInput));
    }

    #[test]
    fn sizes_are_bounded() {
        assert_eq!(read(Some(501), None, None, None), Err(ErrorCode::QueryTooComplex));
        assert_eq!(read(Some(-1), None, None, None), Err(ErrorCode::BadUserInput));
    }
}
