//! The schema, made from the catalogue. No entity is named here: what a new entity needs, it finds
//! in its shape.

mod access;
mod account;
pub mod aggregate;
mod api_key;
mod approval;
mod args;
mod changed;
pub mod connection;
mod consent;
mod custom;
mod duplicate;
mod entity;
mod explain;
pub mod filter;
mod job;
pub mod model;
mod mutation;
pub mod names;
pub mod node_policy;
mod order;
mod plain;
mod policy;
mod preview;
mod role;
pub mod scalars;
mod search;
mod session;
mod sweep;
mod timeline;
mod totp;
mod viewer;
mod webhook;

use async_graphql::dynamic::{FieldValue, Object, ResolverContext, Schema};
use garant_domain::catalog::Catalog;
use garant_domain::problem::{ErrorCode, Problem};

use crate::error::to_server_error;
use crate::operation::Operation;
pub use changed::Following;
use model::Model;

/// The directive on personal data.
const PERSONAL: &str = "personal";
const QUERY: &str = "Query";
const MUTATION: &str = "Mutation";

/// Why a catalogue cannot be a schema.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Two names become one in GraphQL.
    #[error("entity `{of}`: two members are named `{name}` in GraphQL; rename one in the catalogue")]
    Duplicate {
        /// The entity.
        of: String,
        /// The name.
        name: String,
    },
    /// The library refused the types.
    #[error("the types do not fit together")]
    Types(#[from] async_graphql::dynamic::SchemaError),
}

/// Builds the schema of a model.
///
/// # Errors
/// The library refuses the types.
pub fn build(model: &Model) -> Result<Schema, SchemaError> {
    let mut query = entity::queries(Object::new(QUERY), model);
    query = aggregate::queries(query, model);
    query = search::queries(query);
    query = duplicate::queries(query, model);
    query = viewer::queries(query);
    query = policy::queries(query);
    query = approval::queries(query);
    query = explain::queries(query);
    query = preview::queries(query);
    query = webhook::queries(query);
    query = sweep::queries(query);
    query = job::queries(query);
    query = custom::queries(query);
    query = timeline::queries(query);
    query = session::queries(query);
    query = access::queries(query);
    query = account::queries(query);
    query = api_key::queries(query);
    query = role::queries(query);
    let mut mutation = mutation::mutations(Object::new(MUTATION), model);
    mutation = policy::mutations(mutation);
    mutation = approval::mutations(mutation);
    mutation = consent::mutations(mutation);
    mutation = webhook::mutations(mutation);
    mutation = sweep::mutations(mutation);
    mutation = job::mutations(mutation);
    mutation = custom::mutations(mutation);
    mutation = duplicate::mutations(mutation, model);
    mutation = session::mutations(mutation);
    mutation = totp::mutations(mutation);
    mutation = access::mutations(mutation);
    mutation = account::mutations(mutation);
    mutation = api_key::mutations(mutation);
    mutation = role::mutations(mutation);
    // Depth and complexity are bounded by our own walk, which knows pages, before the library sees a
    // query; its own limit of recursion stays.
    let mut builder = Schema::build(QUERY, Some(MUTATION), Some(changed::SUBSCRIPTION));
    builder = scalars::register(builder);
    builder = filter::register(builder, model);
    builder = order::register(builder, model);
    builder = connection::register(builder, model);
    builder = aggregate::register(builder, model);
    builder = entity::register(builder, model);
    builder = search::register(builder, model);
    builder = duplicate::register(builder, model);
    builder = mutation::register(builder, model);
    builder = consent::register(builder, model);
    builder = node_policy::register(builder);
    builder = viewer::register(builder);
    builder = policy::register(builder);
    builder = approval::register(builder);
    builder = explain::register(builder);
    builder = webhook::register(builder);
    builder = sweep::register(builder);
    builder = job::register(builder);
    builder = custom::register(builder);
    builder = timeline::register(builder);
    builder = session::register(builder);
    builder = totp::register(builder);
    builder = access::register(builder);
    builder = account::register(builder);
    builder = api_key::register(builder);
    builder = role::register(builder);
    builder = preview::register(builder);
    builder = changed::register(builder, model);
    let subscription = changed::subscriptions(model);
    Ok(builder.register(query).register(mutation).register(subscription).finish()?)
}

/// The schema of a catalogue as text, personal data marked.
///
/// # Errors
/// The catalogue cannot be a schema.
pub fn sdl(catalog: &Catalog) -> Result<String, SchemaError> {
    let schema = build(&Model::new(catalog)?)?;
    // The library prints uses of our directive but has no place for its definition.
    let directive = "\"\"\"\nThe field holds personal data of this category (fideslang).\n\"\"\"\n\
                     directive @personal(category: String!) on FIELD_DEFINITION\n\n";
    Ok(format!("{directive}{}", schema.sdl()))
}

/// Adds a problem to the answer's errors and answers null in its place.
fn told<'a>(ctx: &ResolverContext<'a>, result: Result<Option<FieldValue<'a>>, Problem>) -> Option<FieldValue<'a>> {
    result.unwrap_or_else(|problem| {
        let locale = Operation::of(ctx).map(|operation| operation.locale).unwrap_or_default();
        ctx.add_error(ctx.set_error_path(to_server_error(&problem, locale, Some(ctx.item.pos))));
        None
    })
}

fn expected_version(ctx: &ResolverContext<'_>) -> Option<i64> {
    ctx.args.get("expectedVersion").and_then(|version| version.i64().ok())
}

impl Operation {
    /// The operation that a resolver answers for.
    ///
    /// # Errors
    /// Never in a request that came through the router.
    pub fn of<'a>(ctx: &ResolverContext<'a>) -> Result<&'a Self, Problem> {
        let missing = |_| Problem::new(ErrorCode::Internal, "the request has no operation");
        ctx.data::<std::sync::Arc<Self>>().map(AsRef::as_ref).map_err(missing)
    }
}

impl Model {
    /// The shape of an entity that the catalogue promised.
    ///
    /// # Errors
    /// Never for a model that was checked.
    pub fn require(&self, entity: &str) -> Result<&model::Shape, Problem> {
        let missing = || Problem::new(ErrorCode::Internal, format!("entity `{entity}` has no shape"));
        self.shape(entity).map(AsRef::as_ref).ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests;
