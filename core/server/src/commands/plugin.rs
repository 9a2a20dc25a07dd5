//! `garant plugin inspect` and `garant plugin install`.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use garant_domain::clock::SystemClock;
use garant_policy::{Engine, Manifest};
use garant_service::InstallRequest;

use super::sign::signature_of;
use crate::cli::PluginInstall;
use crate::{compose, config, logging};

pub(super) async fn inspect(file: &Path) -> anyhow::Result<()> {
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("{name}: cannot be read"))?;
    let engine = Engine::new(crate::limits(&config::Policy::default()))?;
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

pub(super) async fn install(args: PluginInstall) -> anyhow::Result<()> {
    let config = super::load(&args.place)?;
    logging::start(&config.log);
    let name = args.file.display();
    let bytes = std::fs::read(&args.file).with_context(|| format!("{name}: cannot be read"))?;
    let named = args.signature.is_some();
    let beside = args.signature.unwrap_or_else(|| signature_of(&args.file));
    let signature = match std::fs::read_to_string(&beside) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named => None,
        Err(error) => return Err(error).with_context(|| format!("{}: cannot be read", beside.display())),
    };
    let app = compose(&config, Arc::new(SystemClock)).await?;
    let request = InstallRequest { bytes, signature, reason: args.reason };
    let installed = app.service.install_as_operator(request).await;
    app.service.store().close().await;
    let installed = installed.map_err(|problem| {
        let remedy = problem.remedy.clone().unwrap_or_default();
        anyhow::anyhow!("{name}: {problem}. {remedy}")
    })?;
    let (plugin, publisher) = (&installed.plugin, installed.plugin.publisher.as_deref());
    println!("{} {} is installed, signed by {}", plugin.plugin, plugin.version, publisher.unwrap_or("nobody"));
    println!("digest {}", plugin.digest);
    println!("It decides nothing until the DPO adds it (addPolicy) or upgrades to it (upgradePolicy).");
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
