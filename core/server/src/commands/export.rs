//! `garant export`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, ensure};
use garant_domain::clock::SystemClock;
use garant_domain::context::Actor;
use garant_domain::problem::Problem;
use garant_service::{Caller, ExportFormat, ExportRequest, UnitRequest};

use crate::cli::{Export, Format};
use crate::{compose, logging, secret};

pub(super) async fn run(args: Export) -> anyhow::Result<()> {
    let config = super::load(&args.place)?;
    logging::start(&config.log);
    let app = compose(&config, Arc::new(SystemClock)).await?;
    let caller = Caller {
        tenant: config.tenant.id.clone(),
        actor: Actor { id: "local:export".to_owned(), role: args.role, country: None },
        name: "garant export".to_owned(),
        recipient: None,
        default_purpose: None,
        access: garant_service::Access::default(),
    };
    let request = ExportRequest {
        entity: args.entity,
        columns: args.field.into_iter().map(|field| (field.clone(), field)).collect(),
        filter: None,
        format: match args.format {
            Format::Csv => ExportFormat::Csv,
            Format::Ndjson => ExportFormat::Ndjson,
        },
        unit: UnitRequest { purposes: args.purpose, channel: args.channel },
        recipient: args.recipient,
    };
    ensure!(!args.file.exists(), "{}: is there already; name another file", args.file.display());
    let mut export = app.service.export(&caller, request).await.map_err(told)?;
    let part = Part::create(&args.file)?;
    let mut writer = &part.file;
    while let Some(bytes) = export.next().await.map_err(told)? {
        writer.write_all(&bytes).with_context(|| part.path.display().to_string())?;
    }
    part.complete(&args.file)?;
    app.service.store().close().await;
    println!("{} records in {}", export.rows(), args.file.display());
    Ok(())
}

/// A file that is not complete: it bears another name, and goes with an error.
struct Part {
    path: PathBuf,
    file: fs::File,
}

impl Part {
    /// Only the owner may read it: the records may be personal data.
    fn create(file: &Path) -> anyhow::Result<Self> {
        let mut path = file.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        let file = secret::private(&path).with_context(|| format!("{}: cannot be written", path.display()))?;
        Ok(Self { path, file })
    }

    fn complete(&self, file: &Path) -> anyhow::Result<()> {
        self.file.sync_all().with_context(|| self.path.display().to_string())?;
        fs::rename(&self.path, file).with_context(|| format!("{}: cannot be named so", file.display()))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Gone by then if it is complete.
        let _ = fs::remove_file(&self.path);
    }
}

/// A problem in the words of the command line.
fn told(problem: Problem) -> anyhow::Error {
    let field = problem.field.as_deref().map(|field| format!("{field}: ")).unwrap_or_default();
    let codes: Vec<String> = problem.reasons.iter().map(|reason| reason.full_code()).collect();
    let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
    let purposes = match problem.purposes.as_slice() {
        [] => String::new(),
        keys => format!(" (--purpose {})", keys.join(" or ")),
    };
    anyhow!("{field}{problem}{codes}; {}{purposes}", problem.remedy.as_deref().unwrap_or("nothing was written"))
}
