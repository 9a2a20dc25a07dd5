//! The one place where errors of the store and of the engine become what a caller is told.

use garant_domain::problem::{ErrorCode, Problem};
use garant_policy::PluginError;
use garant_store::StoreError;

/// What a caller is told of an error of the store. Anything unexpected is logged here, once, with
/// its chain, and told as `INTERNAL`.
pub(crate) fn store_problem(error: StoreError) -> Problem {
    match error {
        StoreError::VersionConflict => {
            Problem::new(ErrorCode::Conflict, "The record was changed by somebody else in the meantime")
                .at("expectedVersion")
                .mend("Read the record again and repeat the change on its new version.")
        }
        StoreError::Unique { field } => {
            Problem::new(ErrorCode::Conflict, format!("Another record has this `{field}` already"))
                .at(format!("input.{field}"))
                .mend("Use another value, or change the other record.")
        }
        StoreError::BadCursor => Problem::input("after", "The cursor does not belong to this list")
            .mend("Use a cursor of the same list and order."),
        StoreError::TooSlow { .. } => Problem::new(ErrorCode::QueryTooComplex, "The database was not done in time")
            .mend("Ask again when the server has less to do, or for less."),
        StoreError::SumTooLarge => Problem::input("aggregate", "A sum is larger than a decimal holds")
            .mend("Filter, so that fewer records are summed."),
        other => {
            tracing::error!(error = &other as &dyn std::error::Error, "the store failed");
            Problem::new(ErrorCode::Internal, "The server could not do this; the log says why")
        }
    }
}

/// What a caller is told when a plugin cannot decide: refused, with the plugin's name (SYS-01).
pub(crate) fn plugin_problem(plugin: &str, error: &PluginError) -> Problem {
    tracing::error!(plugin, code = error.code(), error = error as &dyn std::error::Error, "a policy could not decide");
    Problem::new(
        ErrorCode::PolicyUnavailable,
        format!("Policy `{plugin}` could not decide ({}), so nothing is shown or changed", error.code()),
    )
    .at(plugin)
    .mend("Tell the DPO, who can switch the policy, roll it back or replace it.")
}
