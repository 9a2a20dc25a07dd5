//! The plugin's own code, called in this process as the host would call it in the sandbox.

use std::marker::PhantomData;

use garant_domain::catalog::{Catalog, Entity};
use garant_domain::context::ATTRIBUTES;
use garant_domain::rule::{CheckEnv, Rule};
use garant_domain::value::Value;
use garant_plugin_sdk::Policy;
use garant_plugin_sdk::pack;
use garant_plugin_sdk::wit::{Guest, types as wit};

use crate::case::Case;
use crate::convert;
use crate::manifest::defaults;
use crate::reference::Reference;

/// A plugin in this process.
pub struct Native<P> {
    manifest: wit::Manifest,
    policy: PhantomData<P>,
}

impl<P: Policy> Default for Native<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Policy> Native<P> {
    /// The plugin, asked who it is.
    #[must_use]
    pub fn new() -> Self {
        Self { manifest: P::describe(), policy: PhantomData }
    }

    /// The reason codes that it declares.
    #[must_use]
    pub fn codes(&self) -> Vec<String> {
        self.manifest.reasons.iter().map(|reason| reason.code.clone()).collect()
    }

    /// What it says is wrong with the settings of a case: path, message and hint of each problem.
    #[must_use]
    pub fn problems(&self, case: &Case) -> Vec<(String, String, String)> {
        let problem = |problem: wit::Problem| (problem.path, problem.message, problem.hint);
        self.configure(case).err().unwrap_or_default().into_iter().map(problem).collect()
    }

    /// The rules that it answers to the context of a case, type-checked as the host does.
    ///
    /// # Errors
    /// What the host would refuse: settings, the plan itself, a rule.
    pub fn rules(&self, case: &Case) -> Result<Vec<Rule>, String> {
        let (output, ..) = self.planned(case)?;
        let catalog = Catalog::standard().map_err(|error| error.to_string())?;
        let entity = case.entity(&catalog)?;
        let env = self.env(&catalog, &entity);
        let shared = convert::shared(&output, &env)?;
        output.rules.iter().map(|rule| convert::rule(rule, &shared, &env)).collect()
    }

    /// What may be named: what the manifest declares.
    pub(crate) fn env<'a>(&'a self, catalog: &'a Catalog, entity: &'a Entity) -> CheckEnv<'a> {
        CheckEnv {
            catalog,
            entity,
            fields: &self.manifest.fields,
            facts: &self.manifest.facts,
            bound_attributes: &self.manifest.bound_attributes,
        }
    }

    /// The plan as the guest gives it, with the attributes and the settings that it was made from.
    pub(crate) fn planned(&self, case: &Case) -> Result<(wit::PlanOutput, Vec<wit::Attribute>, Vec<u8>), String> {
        let blob = self.configure(case).map_err(|problems| {
            let all: Vec<String> = problems.iter().map(|one| format!("{} {}", one.path, one.message)).collect();
            format!("settings: {}", all.join("; "))
        })?;
        let references = self.references(case)?;
        let context = self.attributes(case)?;
        let hook = convert::hook(case.hook);
        let output = <P as Guest>::plan(hook, case.entity.clone(), context.clone(), blob.clone(), references)?;
        Ok((output, context, blob))
    }

    fn configure(&self, case: &Case) -> Result<Vec<u8>, Vec<wit::Problem>> {
        let mut settings = defaults(&self.manifest.settings_schema);
        for (name, value) in &case.settings {
            settings.insert(name.clone(), serde_json::to_value(value).unwrap_or_default());
        }
        P::configure(serde_json::Value::Object(settings).to_string())
    }

    fn attributes(&self, case: &Case) -> Result<Vec<wit::Attribute>, String> {
        let declared = ATTRIBUTES.iter().filter(|(key, _)| self.manifest.attributes.iter().any(|name| name == key));
        let attribute = |(key, ty): &(&str, _)| {
            let value = convert::guest_value(case.attribute(key, *ty)?);
            Ok(wit::Attribute { key: (*key).to_owned(), value })
        };
        declared.map(attribute).collect()
    }

    fn references(&self, case: &Case) -> Result<Vec<wit::ReferenceTable>, String> {
        let now = case.now()?;
        let catalog = Catalog::standard().map_err(|error| error.to_string())?;
        let table = |name: &String| {
            if let Some(table) = case.derived(name, &catalog)? {
                return Ok(packed(&table.name, table.columns, table.rows));
            }
            let table = Reference::embedded(name)?;
            let rows = table.valid_at(now, case.zone()?)?;
            Ok(packed(name, table.columns, rows))
        };
        self.manifest.references.iter().map(table).collect()
    }
}

fn packed(name: &str, columns: Vec<String>, rows: Vec<Vec<Value>>) -> wit::ReferenceTable {
    pack(name, columns, rows.into_iter().map(|row| row.into_iter().map(convert::guest_value).collect()).collect())
}
