//! `judge`: what cannot be said as rules, one call per page over columns. The guest sees values
//! here, so its log is closed, and it answers with nothing but numbers that were announced.

use std::sync::Arc;

use garant_domain::rule::Hook;
use garant_domain::value::Value;

use crate::bindings::types;
use crate::configure::Configured;
use crate::convert::hook_out;
use crate::error::{PluginError, cut};
use crate::load::Plugin;
use crate::plan::JudgeRequest;
use crate::sandbox::Log;

/// One column over all rows of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// A field's name, or a fact as it is written: `consent.status(marketing,email)`.
    pub name: String,
    /// Whether each row has a value.
    pub present: Vec<bool>,
    /// The values; whatever stands where there is none is not passed on.
    pub data: ColumnData,
}

/// The values of a column. Integers carry every type but text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnData {
    /// Booleans as 0 and 1, decimals scaled, dates as days, instants as microseconds.
    Integers(Vec<i64>),
    /// Texts.
    Texts(Vec<String>),
}

/// A page to be judged.
#[derive(Clone, Debug)]
pub struct JudgeCall {
    /// The hook.
    pub hook: Hook,
    /// The entity.
    pub entity: String,
    /// Context attributes, as for the plan.
    pub attributes: Vec<(String, Value)>,
    /// Exactly the columns that the plan asked for: its fields, then its facts, in its order.
    pub columns: Vec<Column>,
    /// Rows of every column.
    pub rows: usize,
}

impl Plugin {
    /// One byte per row: 0 for nothing, n for the n-th verdict of the request.
    ///
    /// # Errors
    /// Whatever keeps the plugin from judging; the caller then fails closed.
    pub async fn judge(
        &self,
        configured: &Arc<Configured>,
        request: &JudgeRequest,
        call: JudgeCall,
    ) -> Result<Vec<u8>, PluginError> {
        self.core.may_be_asked(configured, call.hook, &call.entity)?;
        columns_hold(request, &call)?;
        let (core, configured, rows) = (Arc::clone(&self.core), Arc::clone(configured), call.rows);
        let verdicts = self
            .engine
            .run(&self.core.compiled.permits, move || {
                let attributes = core.attributes_out(core.declared_attributes(&call.attributes).cloned().collect());
                let columns: Vec<types::Column> = call.columns.into_iter().map(column_out).collect();
                let deadline = core.limits.answer_deadline;
                core.compiled
                    .sandbox
                    .call(deadline, Log::Closed, |policy, store| {
                        let hook = hook_out(call.hook);
                        policy.call_judge(store, hook, &call.entity, &attributes, &configured.blob, &columns)
                    })?
                    // The guest saw values of records, so its words stay here.
                    .map_err(|_| PluginError::PluginSaid { message: "it could not judge these records".to_owned() })
            })
            .await?;
        self.engine.failed(verdicts_hold(&verdicts, rows, request.verdicts.len()))?;
        Ok(verdicts)
    }
}

fn columns_hold(request: &JudgeRequest, call: &JudgeCall) -> Result<(), PluginError> {
    let wrong = |detail: String| Err(PluginError::BadRequest { detail });
    let facts = request.facts.iter().map(ToString::to_string);
    let wanted: Vec<String> = request.fields.iter().cloned().chain(facts).collect();
    if !call.columns.iter().map(|column| &column.name).eq(&wanted) {
        return wrong(format!("`judge` wants the columns {}", cut(&wanted.join(", "), 300)));
    }
    for column in &call.columns {
        let values = match &column.data {
            ColumnData::Integers(values) => values.len(),
            ColumnData::Texts(values) => values.len(),
        };
        if column.present.len() != call.rows || values != call.rows {
            return wrong(format!("the column `{}` has not {} rows", cut(&column.name, 64), call.rows));
        }
    }
    Ok(())
}

fn verdicts_hold(verdicts: &[u8], rows: usize, announced: usize) -> Result<(), PluginError> {
    if verdicts.len() != rows {
        let detail = format!("{} verdicts for {rows} rows", verdicts.len());
        return Err(PluginError::BadVerdict { detail });
    }
    match verdicts.iter().find(|verdict| usize::from(**verdict) > announced) {
        Some(verdict) => Err(PluginError::BadVerdict { detail: format!("verdict {verdict} was never announced") }),
        None => Ok(()),
    }
}

/// Absent values are blanked, so that nothing hides in them.
fn column_out(column: Column) -> types::Column {
    let Column { name, present, data } = column;
    let data = match data {
        ColumnData::Integers(mut values) => {
            blank(&mut values, &present);
            types::ColumnData::Integers(values)
        }
        ColumnData::Texts(mut values) => {
            blank(&mut values, &present);
            types::ColumnData::Texts(values)
        }
    };
    types::Column { name, present: present.into_iter().map(u8::from).collect(), data }
}

fn blank<T: Default>(values: &mut [T], present: &[bool]) {
    for (value, present) in values.iter_mut().zip(present) {
        if !present {
            *value = T::default();
        }
    }
}
