//! Guests from text, honest and hostile: what a file of `guests/` does not define is taken from the
//! honest guest.

pub mod image;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use garant_domain::catalog::Catalog;
use garant_domain::rule::Hook;
use garant_domain::value::Value;
use garant_policy::{Configured, Engine, Limits, Plan, PlanRequest, Plugin, PluginError};
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use image::{BASE, Effect, Image, Manifest, Node, Rule, Selector};

const WIT: &str = include_str!("../../../plugin-sdk/wit/policy.wit");

/// The parts of the honest guest, by the export that shows whether a file has its own.
const HONEST: [(&str, &str); 5] = [
    ("cabi_realloc", include_str!("../guests/honest/memory.wat")),
    ("describe", include_str!("../guests/honest/describe.wat")),
    ("configure", include_str!("../guests/honest/configure.wat")),
    ("plan", include_str!("../guests/honest/plan.wat")),
    ("judge", include_str!("../guests/honest/judge.wat")),
];

/// What a guest says and does.
pub struct Guest {
    /// What it does, in text form; a whole module or component, or the functions that differ.
    pub code: &'static str,
    /// What `describe` says.
    pub manifest: Manifest,
    /// What the honest `plan` answers.
    pub plan: image::Plan,
    /// The contract that it is built for.
    pub wit: String,
}

impl Default for Guest {
    fn default() -> Self {
        Self { code: "", manifest: Manifest::default(), plan: one_rule(), wit: WIT.to_owned() }
    }
}

impl Guest {
    /// A guest that does this, and is honest otherwise.
    #[must_use]
    pub fn doing(code: &'static str) -> Self {
        Self { code, ..Self::default() }
    }

    /// A guest with these rules.
    #[must_use]
    pub fn with_rule(rule: Rule) -> Self {
        Self { plan: image::Plan { rules: vec![rule], ..image::Plan::default() }, ..Self::default() }
    }

    /// The file, as `cargo build` would make it.
    ///
    /// # Panics
    ///
    /// When the text is none.
    #[must_use]
    pub fn module(&self) -> Vec<u8> {
        let is_whole = self.code.lines().any(|line| line.starts_with("(module") || line.starts_with("(component"));
        if is_whole {
            return wat::parse_str(self.code).expect("a guest");
        }
        let mut image = Image::new();
        let (manifest, plan) = (image.manifest(&self.manifest), image.plan(&self.plan));
        let mut text = format!("(module\n{}\n", self.code);
        for (export, part) in HONEST {
            if !self.code.contains(&format!("(export \"{export}\")")) {
                text.push_str(part);
            }
        }
        let data: String = image.bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
        text.push_str(&format!("(data (i32.const {BASE}) \"{data}\"))"));
        let text = text.replace("$MANIFEST", &manifest.to_string()).replace("$PLAN", &plan.to_string());
        let mut bytes = wat::parse_str(text).expect("a guest");
        let mut resolve = Resolve::default();
        let package = resolve.push_str("policy.wit", &self.wit).expect("a guest");
        let world = resolve.select_world(&[package], Some("policy")).expect("a guest");
        embed_component_metadata(&mut bytes, &resolve, world, StringEncoding::UTF8).expect("a guest");
        bytes
    }

    /// Loads it.
    ///
    /// # Errors
    ///
    /// As the sandbox says.
    pub async fn load(&self, engine: &Arc<Engine>) -> Result<Arc<Plugin>, PluginError> {
        engine.load(&self.module(), catalog()).await
    }

    /// Loads, configures with no settings, plans a read of contacts.
    ///
    /// # Errors
    ///
    /// As the sandbox says.
    pub async fn decide(&self, engine: &Arc<Engine>) -> Result<Arc<Plan>, PluginError> {
        let plugin = self.load(engine).await?;
        plugin.plan(&configure(&plugin).await?, &read("marketing")).await
    }
}

/// A plan with [`hide_unless_french`].
#[must_use]
pub fn one_rule() -> image::Plan {
    image::Plan { rules: vec![hide_unless_french()], ..image::Plan::default() }
}

/// A rule that hides whoever is not in France.
#[must_use]
pub fn hide_unless_french() -> Rule {
    Rule {
        when: vec![Node::Field("country"), Node::Text("FR"), Node::Eq],
        effect: Effect::Hide,
        target: vec![Selector::Row],
        code: "TST-01",
    }
}

/// A guest that refuses a request at some hooks (by their number in the contract) on contacts unless this
/// many other people have approved it in the kind `four-eyes`.
#[must_use]
pub fn four_eyes(people: i64, hooks: &[u8]) -> Guest {
    let mut guest = Guest::with_rule(Rule {
        // There is no `less than` here: refused where `people - 1` is at least as many as there are.
        when: vec![Node::Integer(people - 1), Node::Fact("approval.count", vec!["four-eyes"]), Node::Ge],
        effect: Effect::Refuse,
        target: vec![Selector::Row],
        code: "TST-01",
    });
    guest.manifest.id = "four-eyes".to_owned();
    guest.manifest.hooks = hooks.to_vec();
    guest.manifest.entities = vec!["contact".to_owned()];
    guest.manifest.facts = vec!["approval.count".to_owned()];
    guest
}

/// Configures a plugin with no settings.
///
/// # Errors
///
/// As the sandbox says.
///
/// # Panics
///
/// When the settings are refused.
pub async fn configure(plugin: &Plugin) -> Result<Arc<Configured>, PluginError> {
    plugin.configure("{}").await.map_err(|error| match error {
        garant_policy::ConfigureError::Unavailable(error) => error,
        garant_policy::ConfigureError::Problems(problems) => panic!("{problems:?}"),
    })
}

/// A request to plan the reading of contacts for a purpose.
#[must_use]
pub fn read(purpose: &str) -> PlanRequest {
    PlanRequest {
        hook: Hook::Read,
        entity: "contact".to_owned(),
        attributes: vec![
            ("purpose.key".to_owned(), Value::text(purpose)),
            ("actor.role".to_owned(), Value::text("sales")),
        ],
        references: vec![],
    }
}

/// The standard catalogue.
///
/// # Panics
///
/// When it does not hold.
pub fn catalog() -> Arc<Catalog> {
    static CATALOG: OnceLock<Arc<Catalog>> = OnceLock::new();
    Arc::clone(CATALOG.get_or_init(|| Arc::new(Catalog::standard().expect("a guest"))))
}

/// Tight limits, so that a test of a limit is quick.
#[must_use]
pub fn limits() -> Limits {
    Limits {
        memory_bytes: 8 << 20,
        output_bytes: 1 << 20,
        answer_deadline: Duration::from_millis(100),
        setup_deadline: Duration::from_millis(200),
        tick: Duration::from_millis(5),
        wait: Duration::from_secs(20),
        ..Limits::standard()
    }
}

/// One engine for all tests that do not need their own, as a server has one: what a hostile guest
/// breaks, it breaks for the others.
///
/// # Panics
///
/// When it cannot be started.
pub fn engine() -> Arc<Engine> {
    static ENGINE: OnceLock<Arc<Engine>> = OnceLock::new();
    Arc::clone(ENGINE.get_or_init(|| Engine::new(limits()).expect("a guest")))
}
