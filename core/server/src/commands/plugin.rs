//! `garant plugin inspect`.

use std::path::Path;

use anyhow::Context as _;
use garant_policy::{Engine, Manifest};

use crate::{compose, config};

pub(super) async fn inspect(file: &Path) -> anyhow::Result<()> {
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("{name}: cannot be read"))?;
    let engine = Engine::new(compose::limits(&config::Policy::default()))?;
    let plugin = match engine.load(&bytes, super::catalog()?).await {
        Ok(plugin) => plugin,
        Err(error) => {
            let code = error.code();
            return Err(error).with_context(|| format!("{name}: {code}"));
        }
    };
    println!("{}", describe(plugin.manifest(), plugin.digest()));
    Ok(())
}

fn describe(manifest: &Manifest, digest: &str) -> String {
    let list = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let mut lines = vec![
        format!("{} {}: {}", manifest.id, manifest.version, manifest.title.en),
        manifest.summary.en.clone(),
        format!("digest      {digest}"),
        format!(
            "hooks       {}",
            list(&manifest.hooks.iter().map(|hook| format!("{hook:?}").to_lowercase()).collect::<Vec<_>>())
        ),
        format!("entities    {}", list(&manifest.entities)),
        format!("fields      {}", list(&manifest.fields)),
        format!("facts       {}", list(&manifest.facts)),
        format!("attributes  {}", list(&manifest.attributes)),
        format!("references  {}", list(&manifest.references)),
        "reasons".to_owned(),
    ];
    lines.extend(
        manifest.reasons.iter().map(|reason| format!("  {}  {} ({})", reason.code, reason.title.en, reason.article)),
    );
    lines.join("\n")
}
