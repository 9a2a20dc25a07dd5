//! The demo: an invented company with sixty people, in an embedded database. Its records, mappings
//! and queries are files in `examples/demo`; here they are only read, dated relative to today, and
//! handed to the import like anybody's.

mod queries;
mod relative;
mod seed;

use std::path::Path;

use garant_domain::chain::{Hosting, Tool};

use crate::config::{Config, LogFormat};

pub use queries::{Query, queries};
pub use seed::{Token, seed};

/// The configuration of a demo in a folder.
#[must_use]
pub fn config(folder: &Path) -> Config {
    let mut config = Config::with_database(format!("sqlite:{}", folder.join("garant.db").display()));
    config.secret_file = folder.join("garant.secret");
    config.tenant.id = "demo".to_owned();
    // An entry of the demo's legal entities.
    config.hosting = Hosting {
        external: Some(true),
        provider: Some("Nuage Clair SAS".to_owned()),
        country: Some("FR".to_owned()),
        key_holder: Some("provider".to_owned()),
        // The day 2100-01-01: the demo's contract never ends.
        tool: Some(Tool { contract_until: Some(47_482), ..Tool::default() }),
        ..Hosting::default()
    };
    config.log.format = LogFormat::Text;
    // Its queries show people whose periods are over, and what policies make of them.
    config.sweep.every_minutes = 0;
    "warn".clone_into(&mut config.log.level);
    config
}
