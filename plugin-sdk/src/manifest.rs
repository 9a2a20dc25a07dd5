//! Who a policy is, what it needs and what it can decide. The host gives nothing that is not
//! declared here.

use crate::settings::Settings;
use crate::wit::types::{self, Hook, Localised};

/// A manifest in the making.
#[derive(Clone, Debug)]
pub struct Manifest(types::Manifest);

fn localised(en: &str, fr: &str) -> Localised {
    Localised { en: en.to_owned(), fr: fr.to_owned() }
}

fn owned<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl Manifest {
    /// A policy with an id (`kebab-case`, stable) and a version; hook `read` and no settings until
    /// it says otherwise.
    #[must_use]
    pub fn new(id: &str, version: &str) -> Self {
        Self(types::Manifest {
            id: id.to_owned(),
            version: version.to_owned(),
            title: localised("", ""),
            summary: localised("", ""),
            hooks: vec![Hook::Read],
            entities: vec![],
            fields: vec![],
            facts: vec![],
            attributes: vec![],
            bound_attributes: vec![],
            references: vec![],
            settings_schema: Settings::none().schema(),
            reasons: vec![],
        })
    }

    /// A few words, in English and French.
    #[must_use]
    pub fn title(mut self, en: &str, fr: &str) -> Self {
        self.0.title = localised(en, fr);
        self
    }

    /// One or two sentences, in English and French.
    #[must_use]
    pub fn summary(mut self, en: &str, fr: &str) -> Self {
        self.0.summary = localised(en, fr);
        self
    }

    /// Where it wants to be asked.
    #[must_use]
    pub fn hooks<const N: usize>(mut self, hooks: [Hook; N]) -> Self {
        self.0.hooks = hooks.into();
        self
    }

    /// Entities that it decides about.
    #[must_use]
    pub fn entities<const N: usize>(mut self, names: [&str; N]) -> Self {
        self.0.entities = owned(names);
        self
    }

    /// Fields of records that its rules read.
    #[must_use]
    pub fn fields<const N: usize>(mut self, names: [&str; N]) -> Self {
        self.0.fields = owned(names);
        self
    }

    /// Facts that its rules read, without arguments.
    #[must_use]
    pub fn facts<const N: usize>(mut self, names: [&str; N]) -> Self {
        self.0.facts = owned(names);
        self
    }

    /// Context attributes that its plan reads.
    #[must_use]
    pub fn attributes<const N: usize>(mut self, keys: [&str; N]) -> Self {
        self.0.attributes = owned(keys);
        self
    }

    /// Context attributes that its rules name and the host binds per request.
    #[must_use]
    pub fn bound_attributes<const N: usize>(mut self, keys: [&str; N]) -> Self {
        self.0.bound_attributes = owned(keys);
        self
    }

    /// Reference tables that its plan reads.
    #[must_use]
    pub fn references<const N: usize>(mut self, names: [&str; N]) -> Self {
        self.0.references = owned(names);
        self
    }

    /// Settings that the DPO may change.
    #[must_use]
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.0.settings_schema = settings.schema();
        self
    }

    /// Every reason that a rule may give.
    #[must_use]
    pub fn reasons(mut self, reasons: impl IntoIterator<Item = Reason>) -> Self {
        self.0.reasons = reasons.into_iter().map(|reason| reason.0).collect();
        self
    }

    pub(crate) fn into_wit(self) -> types::Manifest {
        self.0
    }
}

/// A reason in the making.
#[derive(Clone, Debug)]
pub struct Reason(types::Reason);

/// A reason with its stable code and the law, as cited: `GDPR 7(3)`; several provisions of one law
/// are separated by commas, several laws by semicolons.
#[must_use]
pub fn reason(code: &str, article: &str) -> Reason {
    let (code, article) = (code.to_owned(), article.to_owned());
    Reason(types::Reason {
        code,
        article,
        title: localised("", ""),
        message: localised("", ""),
        remedy: localised("", ""),
    })
}

impl Reason {
    /// A few words, in English and French.
    #[must_use]
    pub fn title(mut self, en: &str, fr: &str) -> Self {
        self.0.title = localised(en, fr);
        self
    }

    /// What is the case, in one sentence.
    #[must_use]
    pub fn message(mut self, en: &str, fr: &str) -> Self {
        self.0.message = localised(en, fr);
        self
    }

    /// The smallest change that would allow it.
    #[must_use]
    pub fn remedy(mut self, en: &str, fr: &str) -> Self {
        self.0.remedy = localised(en, fr);
        self
    }
}
