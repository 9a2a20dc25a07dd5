//! The schema of each catalogue: of the standard one, made at start, and of those of tenants that defined
//! fields and objects of their own, made when first asked for and kept while there is room. Tenants with
//! the same catalogue share one.

mod names;

use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::dynamic::Schema;
use garant_domain::catalog::Catalog;
use garant_domain::problem::{ErrorCode, Problem};
use moka::sync::Cache;

use crate::schema::model::Model;
use crate::schema::{self, SchemaError};
use names::Names;

/// Schemas of tenants that are kept at most: a few megabytes each.
const MOST: u64 = 64;

/// A schema and what is known of it.
pub struct Built {
    /// Digest of the catalogue that it was made of.
    digest: String,
    /// The schema.
    pub schema: Schema,
    /// Names.
    pub model: Arc<Model>,
    /// Fields that are connections.
    pub connections: HashSet<String>,
}

/// Schemas by the digest of their catalogue. Cheap to clone.
#[derive(Clone)]
pub struct Schemas {
    standard: Arc<Built>,
    /// The names that the standard schema has.
    names: Arc<Names>,
    kept: Cache<String, Arc<Built>>,
}

impl Built {
    /// Whether it was made of this catalogue.
    pub fn is_of(&self, catalog: &Catalog) -> bool {
        self.digest == catalog.digest()
    }

    fn of(catalog: &Catalog) -> Result<Self, SchemaError> {
        let model = Arc::new(Model::new(catalog)?);
        let schema = schema::build(&model)?;
        let connections = model.connections();
        Ok(Self { digest: catalog.digest().to_owned(), schema, model, connections })
    }
}

impl Schemas {
    /// With the schema of the standard catalogue.
    ///
    /// # Errors
    /// The catalogue cannot be a schema.
    pub fn new(standard: &Catalog) -> Result<Self, SchemaError> {
        let standard = Arc::new(Built::of(standard)?);
        let names = Arc::new(Names::of(&standard.schema.sdl(), &standard.model));
        Ok(Self { standard, names, kept: Cache::new(MOST) })
    }

    /// The schema of a catalogue. Whoever asks first makes it, on a thread that may be busy for a while; the
    /// others wait for that one.
    ///
    /// # Errors
    /// `INTERNAL` for a catalogue that cannot be a schema: none is committed.
    pub async fn of(&self, catalog: &Arc<Catalog>) -> Result<Arc<Built>, Problem> {
        if catalog.digest() == self.standard.digest {
            return Ok(Arc::clone(&self.standard));
        }
        if let Some(known) = self.kept.get(catalog.digest()) {
            return Ok(known);
        }
        let (kept, catalog) = (self.kept.clone(), Arc::clone(catalog));
        let make = move || kept.try_get_with(catalog.digest().to_owned(), || Built::of(&catalog).map(Arc::new));
        let made = tokio::task::spawn_blocking(make).await;
        let internal = |detail: String| {
            tracing::error!(detail, "a catalogue cannot be a schema");
            Problem::new(ErrorCode::Internal, "The schema of this tenant cannot be made; the log says why")
        };
        made.map_err(|error| internal(error.to_string()))?.map_err(|error| internal(error.to_string()))
    }

    /// Makes the schema of a catalogue that is about to be committed.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for an object whose types or root fields have names that are taken.
    pub async fn prove(&self, catalog: &Arc<Catalog>) -> Result<(), Problem> {
        let model = Model::new(catalog).map_err(|error| {
            Problem::input("input.name", "A name becomes one that is taken in the schema")
                .mend(format!("Choose another name ({error})."))
        })?;
        if let Some((object, name)) = self.names.clash(&model) {
            return Err(Problem::input(
                "input.name",
                format!("`{object}` would make `{name}`, which the schema has already"),
            )
            .mend("Choose another name."));
        }
        self.of(catalog).await.map(drop)
    }
}
