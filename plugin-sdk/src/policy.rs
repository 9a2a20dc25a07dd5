//! The trait that a policy implements, and the bridge from it to the contract.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::columns::Columns;
use crate::context::Context;
use crate::manifest::Manifest;
use crate::rule::Plan;
use crate::wit::garant::policy::host;
use crate::wit::types::{self, Attribute, Column, Hook, PlanOutput, ReferenceTable};

/// How important a log line is.
pub use crate::wit::garant::policy::host::Level;
/// What is wrong with a setting: a JSON pointer, a sentence, and how to mend it.
pub use crate::wit::types::Problem;

impl Problem {
    /// A problem with the setting at this JSON pointer (`/prospect/months`).
    #[must_use]
    pub fn new(path: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { path: path.to_owned(), message: message.into(), hint: hint.into() }
    }
}

/// A policy: the value is its settings, read from the DPO's JSON by serde. Give every field a
/// default (`#[serde(default)]` on the type), equal to that of the schema.
pub trait Policy: Serialize + DeserializeOwned {
    /// Who the policy is, what it needs, what it can decide.
    fn manifest() -> Manifest;

    /// What is wrong with the settings beyond their schema.
    fn problems(&self) -> Vec<Problem> {
        vec![]
    }

    /// The rules for one context. It is called once per context, never per record, and neither
    /// knows the clock nor the selected fields.
    ///
    /// # Errors
    /// A sentence for the operator; the host then refuses the request.
    fn plan(&self, ctx: &Context) -> Result<Plan, String>;

    /// For policies that cannot say it as rules: one byte per row, 0 for nothing, n for the n-th
    /// verdict announced by the plan.
    ///
    /// # Errors
    /// A sentence for the operator; the host then refuses the request.
    fn judge(&self, _ctx: &Context, _columns: &Columns) -> Result<Vec<u8>, String> {
        Err("this policy judges nothing".to_owned())
    }
}

/// A line for the operator. Never personal data: a policy has none. Silent in native tests.
pub fn log(level: Level, message: &str) {
    if cfg!(target_family = "wasm") {
        host::log(level, message);
    }
}

impl<P: Policy> crate::wit::Guest for P {
    fn describe() -> types::Manifest {
        P::manifest().into_wit()
    }

    fn configure(settings: String) -> Result<Vec<u8>, Vec<Problem>> {
        let policy: P = serde_json::from_str(&settings).map_err(|error| {
            vec![Problem::new("", format!("the settings cannot be read: {error}"), "compare them with the schema")]
        })?;
        let problems = policy.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        serde_json::to_vec(&policy)
            .map_err(|error| vec![Problem::new("", format!("the settings cannot be kept: {error}"), "tell the author")])
    }

    fn plan(
        hook: Hook,
        entity: String,
        context: Vec<Attribute>,
        settings: Vec<u8>,
        references: Vec<ReferenceTable>,
    ) -> Result<PlanOutput, String> {
        let ctx = Context::new(hook, entity, context, references);
        Ok(restore::<P>(&settings)?.plan(&ctx)?.into_output())
    }

    fn judge(
        hook: Hook,
        entity: String,
        context: Vec<Attribute>,
        settings: Vec<u8>,
        columns: Vec<Column>,
    ) -> Result<Vec<u8>, String> {
        let ctx = Context::new(hook, entity, context, vec![]);
        Policy::judge(&restore::<P>(&settings)?, &ctx, &Columns(columns))
    }
}

fn restore<P: Policy>(blob: &[u8]) -> Result<P, String> {
    serde_json::from_slice(blob).map_err(|error| format!("the compiled settings cannot be read: {error}"))
}

/// Makes the policy the plugin that this crate exports. Once per crate.
#[macro_export]
macro_rules! export_policy {
    ($policy:ident) => {
        const _: () = {
            #[cfg(target_family = "wasm")]
    $crate::wit::export_world!($policy with_types_in $crate::wit);
        };
    };
}
