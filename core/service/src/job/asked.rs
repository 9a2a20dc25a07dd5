//! What a job was asked, as it is sealed with it: by whom, for what, and how. Who asked is looked up anew at
//! each batch (`people/standing.rs`); purposes, recipients and policies are those of each batch too.

use garant_domain::query::Filter;
use serde::{Deserialize, Serialize};

use crate::approval::BoundOperation;
use crate::auth::Caller;
use crate::export::ExportFormat;
use crate::import::Mapping;
use crate::unit::UnitRequest;

/// A request that outlives its caller.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// Who asked.
    pub caller: Caller,
    /// For what.
    pub unit: UnitRequest,
    /// What.
    pub what: What,
}

/// What is to be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum What {
    /// The file that came becomes records.
    Import(Mapping),
    /// Records become a file.
    Export(Wanted),
}

/// An export; its recipient is the caller's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Wanted {
    pub entity: String,
    pub columns: Vec<(String, String)>,
    pub filter: Option<Filter>,
    pub format: ExportFormat,
    pub operation: Option<BoundOperation>,
}
