//! `garant import`.

use std::fs::File;
use std::io::{BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use garant_domain::clock::SystemClock;
use garant_domain::context::Actor;
use garant_service::Caller;
use garant_service::import::{ImportReport, ImportRequest, Mapping, Progress, Reject, RejectFile, RejectSink};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Outcome;
use crate::cli::Import;
use crate::{compose, logging, secret};

/// Rejected rows that are also told on the terminal.
const SHOWN: u64 = 10;

pub(super) async fn run(args: Import) -> anyhow::Result<Outcome> {
    let config = super::load(&args.place)?;
    logging::start(&config.log);
    let mapping = std::fs::read_to_string(&args.mapping).with_context(|| {
        format!("{}: cannot be read; examples/import has some to start from", args.mapping.display())
    })?;
    let mapping = Mapping::parse(&mapping, &*super::catalog()?).with_context(|| args.mapping.display().to_string())?;
    let file = File::open(&args.file).with_context(|| format!("{}: cannot be read", args.file.display()))?;
    let bar = bar(file.metadata()?.len());
    let app = compose(&config, Arc::new(SystemClock)).await?;
    let caller = Caller {
        tenant: config.tenant.id.clone(),
        actor: Actor { id: "local:import".to_owned(), role: args.role, country: None },
        name: "garant import".to_owned(),
        recipient: None,
        default_purpose: None,
    };
    let path = args.rejects.unwrap_or_else(|| args.file.with_extension("rejects.csv"));
    let mut rejects = Told { bar: bar.clone(), told: 0, file: rejects_file(&path, mapping.delimiter) };
    let imported = app
        .service
        .import(
            &caller,
            ImportRequest {
                mapping: &mapping,
                reader: BufReader::new(file),
                purposes: args.purpose,
                rejects: &mut rejects,
                progress: &mut |progress: Progress| {
                    bar.set_position(progress.bytes);
                    bar.set_message(format!("{} rows, {} rejected", progress.rows, progress.rejected));
                },
            },
        )
        .await;
    bar.finish_and_clear();
    app.service.store().close().await;
    let report = imported.with_context(|| args.file.display().to_string())?;
    println!("{}", summary(&report));
    if report.rejected == 0 {
        return Ok(Outcome::Done);
    }
    println!("Rejected rows, with line and reason: {}", path.display());
    Ok(Outcome::WithRejects)
}

fn summary(report: &ImportReport) -> String {
    let ImportReport { rows, created, updated, unchanged, rejected, references } = report;
    let references =
        if *references == 0 { String::new() } else { format!("; {references} more records made by reference") };
    format!("{rows} rows: {created} created, {updated} updated, {unchanged} unchanged, {rejected} rejected{references}")
}

fn bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}  {eta} left") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// The rows may be personal data, so only the owner may read the file; one of an earlier run would
/// mislead.
fn rejects_file(path: &Path, delimiter: char) -> RejectFile<File, impl FnOnce() -> std::io::Result<File> + use<>> {
    let path: PathBuf = path.to_path_buf();
    RejectFile::new(delimiter, move || secret::private(&path))
}

/// Keeps rejected rows and tells the first few: line and reason, without the row.
struct Told<S> {
    bar: ProgressBar,
    told: u64,
    file: S,
}

impl<S: RejectSink> RejectSink for Told<S> {
    fn reject(&mut self, header: &[String], row: &Reject) -> std::io::Result<()> {
        self.told += 1;
        if self.told <= SHOWN {
            self.bar.suspend(|| eprintln!("line {}: {}", row.line, row.reason));
        }
        if self.told == SHOWN + 1 {
            self.bar.suspend(|| eprintln!("further rows are told in the rejects file only"));
        }
        self.file.reject(header, row)
    }
}
