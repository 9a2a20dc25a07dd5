//! `plan`: one question per context, answered from the cache or by a fresh guest, with rules that
//! have been type-checked before anyone sees them.

use std::sync::Arc;

use garant_domain::rule::{Effect, FactCall, Hook, Rule, Target};
use garant_domain::value::Value;

use crate::bindings::types;
use crate::cache::KeyParts;
use crate::check::Checker;
use crate::configure::Configured;
use crate::convert::{hook_out, value_out};
use crate::error::{PluginError, cut};
use crate::load::{Core, Plugin};
use crate::reference::ReferenceTable;
use crate::sandbox::Log;

/// The context that a plan is made for. It may hold more than the plugin declared: the rest is
/// neither passed on nor part of the cache key.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// The hook.
    pub hook: Hook,
    /// The entity.
    pub entity: String,
    /// Context attributes. A declared one that is missing is null.
    pub attributes: Vec<(String, Value)>,
    /// Reference tables. A declared one that is missing fails the plan.
    pub references: Vec<Arc<ReferenceTable>>,
}

/// What a plugin decided for a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its rules.
    pub rules: Vec<Rule>,
    /// Whether it wants to look at the records of a page besides.
    pub judge: Option<JudgeRequest>,
}

/// The columns that `judge` wants, and what it may say about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgeRequest {
    /// Fields of the records.
    pub fields: Vec<String>,
    /// Facts about their data subjects.
    pub facts: Vec<FactCall>,
    /// Verdict byte n means the n-th of these, from 1.
    pub verdicts: Vec<Verdict>,
}

/// What a verdict byte means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What happens to the record.
    pub effect: Effect,
    /// To what of it.
    pub target: Target,
    /// The reason code, without the plugin's id.
    pub code: String,
}

impl Plugin {
    /// The rules for one context.
    ///
    /// # Errors
    /// Whatever keeps the plugin from deciding; the caller then fails closed.
    pub async fn plan(&self, configured: &Arc<Configured>, request: &PlanRequest) -> Result<Arc<Plan>, PluginError> {
        let core = &self.core;
        core.may_be_asked(configured, request.hook, &request.entity)?;
        let references = core.declared_references(&request.references)?;
        let parts = KeyParts {
            base: &core.base,
            settings: &configured.digest,
            hook: request.hook,
            entity: &request.entity,
            references: &references,
        };
        let key = parts.key(core.declared_attributes(&request.attributes));
        if let Some(plan) = self.engine.plans().get(&key) {
            return Ok(plan);
        }
        let attributes = core.declared_attributes(&request.attributes).cloned().collect();
        let (hook, entity) = (request.hook, request.entity.clone());
        let (core, configured) = (Arc::clone(core), Arc::clone(configured));
        let plan = self
            .engine
            .run(&self.core.compiled.permits, move || {
                core.make_plan(&configured, hook, &entity, attributes, &references).map(Arc::new)
            })
            .await?;
        self.engine.plans().put(key, Arc::clone(&plan));
        Ok(plan)
    }
}

impl Core {
    /// A plugin is asked only where it says it has rules, and only with settings of its own.
    pub(crate) fn may_be_asked(&self, configured: &Configured, hook: Hook, entity: &str) -> Result<(), PluginError> {
        if configured.component != self.compiled.digest {
            return Err(PluginError::BadRequest { detail: "the settings belong to another plugin".to_owned() });
        }
        if !self.manifest.hooks.contains(&hook) {
            return Err(PluginError::Undeclared { what: "hook", name: format!("{hook:?}").to_lowercase() });
        }
        if !self.manifest.covers(hook, entity) {
            return Err(PluginError::Undeclared { what: "entity", name: cut(entity, 64) });
        }
        Ok(())
    }

    /// Values of the declared attributes, in the manifest's order.
    pub(crate) fn declared_attributes<'v>(&self, given: &'v [(String, Value)]) -> impl Iterator<Item = &'v Value> {
        self.manifest.attributes.iter().zip(&self.places).map(move |(key, place)| {
            // The host lists all of them in one order; whoever lists fewer is searched.
            let there = given.get(*place).filter(|(name, _)| name == key);
            let found = there.or_else(|| given.iter().find(|(name, _)| name == key));
            found.map_or(&Value::Null, |(_, value)| value)
        })
    }

    /// Declared attributes as the guest gets them.
    pub(crate) fn attributes_out(&self, values: Vec<Value>) -> Vec<types::Attribute> {
        let keys = self.manifest.attributes.iter().cloned();
        keys.zip(values).map(|(key, value)| types::Attribute { key, value: value_out(value) }).collect()
    }

    fn declared_references(&self, given: &[Arc<ReferenceTable>]) -> Result<Vec<Arc<ReferenceTable>>, PluginError> {
        let find = |name: &String| {
            given.iter().find(|table| table.name() == name).cloned().ok_or_else(|| PluginError::BadRequest {
                detail: format!("the reference table `{}` is missing", cut(name, 64)),
            })
        };
        self.manifest.references.iter().map(find).collect()
    }

    fn make_plan(
        &self,
        configured: &Configured,
        hook: Hook,
        entity: &str,
        attributes: Vec<Value>,
        references: &[Arc<ReferenceTable>],
    ) -> Result<Plan, PluginError> {
        let attributes = self.attributes_out(attributes);
        let tables: Vec<types::ReferenceTable> = references.iter().map(|table| table.wit().clone()).collect();
        let output = self
            .compiled
            .sandbox
            .call(self.limits.answer_deadline, Log::Open, |policy, store| {
                policy.call_plan(store, hook_out(hook), entity, &attributes, &configured.blob, &tables)
            })?
            .map_err(|message| PluginError::PluginSaid { message: cut(&message, 500) })?;
        let entity = self
            .catalog
            .entity(entity)
            .ok_or_else(|| PluginError::Undeclared { what: "entity", name: cut(entity, 64) })?;
        Checker { manifest: &self.manifest, catalog: &self.catalog, entity, hook, limits: &self.limits }.plan(output)
    }
}
