//! `garant import`.

use std::fs::File;
use std::io::{BufReader, IsTerminal, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, ensure};
use garant_domain::clock::SystemClock;
use garant_domain::context::Actor;
use garant_domain::problem::ErrorCode;
use garant_service::Caller;
use garant_service::import::{
    ImportError, ImportReport, ImportRequest, LINE_COLUMN, Mapping, Progress, Reject, RejectFile, RejectSink,
};
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
    let file = File::open(&args.file).with_context(|| format!("{}: cannot be read", args.file.display()))?;
    let bar = bar(file.metadata()?.len());
    let app = compose(&config, Arc::new(SystemClock)).await?;
    let catalog = app.service.catalog_of(&config.tenant.id).await?;
    let mapping = Mapping::parse(&mapping, &catalog).with_context(|| args.mapping.display().to_string())?;
    let role = args.role;
    let caller = Caller {
        tenant: config.tenant.id.clone(),
        actor: Actor { id: "local:import".to_owned(), role: role.clone(), country: None },
        name: "garant import".to_owned(),
        recipient: None,
        default_purpose: None,
    };
    let path = args.rejects.unwrap_or_else(|| args.file.with_extension("rejects.csv"));
    forget(&path, &args.file)?;
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
    let report = imported.map_err(|error| told(&error, &role)).with_context(|| args.file.display().to_string())?;
    println!("{}", summary(&report));
    if report.rejected == 0 {
        return Ok(Outcome::Done);
    }
    println!("Rejected rows, with line and reason: {}", path.display());
    Ok(Outcome::WithRejects)
}

/// The error in the words of the command line.
fn told(error: &ImportError, role: &str) -> anyhow::Error {
    let ImportError::Batch { problem, .. } = error else { return anyhow!("{error}") };
    match problem.code {
        ErrorCode::PurposeRequired if problem.purposes.is_empty() => {
            anyhow!(
                "{problem}; no purpose is registered for the role `{role}`, and the DPO registers them with createPurpose"
            )
        }
        ErrorCode::PurposeRequired => {
            anyhow!("{problem}; the role `{role}` may name one with --purpose: {}", problem.purposes.join(", "))
        }
        _ => anyhow!("{error}; {}", problem.remedy.as_deref().unwrap_or("the batches before are kept")),
    }
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

/// Removes the rejects of an earlier run, which would mislead; never another file.
fn forget(rejects: &Path, file: &Path) -> anyhow::Result<()> {
    let Ok(found) = File::open(rejects) else { return Ok(()) };
    ensure!(
        std::fs::canonicalize(rejects)? != std::fs::canonicalize(file)?,
        "{}: would overwrite the file that is imported; name another with --rejects",
        rejects.display()
    );
    let mut first = vec![0; LINE_COLUMN.len()];
    let ours = BufReader::new(found).read_exact(&mut first).is_ok() && first == LINE_COLUMN.as_bytes();
    ensure!(ours, "{}: is there already and holds no rejects; name another with --rejects", rejects.display());
    std::fs::remove_file(rejects).with_context(|| format!("{}: cannot be removed", rejects.display()))
}

/// The rows may be personal data, so only the owner may read the file.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rejects_of_an_earlier_run_are_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let [file, old, other] = ["in.csv", "old.csv", "other.csv"].map(|name| folder.path().join(name));
        std::fs::write(&file, format!("{LINE_COLUMN},rejected_reason,a\n")).expect("is written");
        std::fs::write(&old, format!("{LINE_COLUMN},rejected_reason,a\n1,x,y\n")).expect("is written");
        std::fs::write(&other, "precious").expect("is written");
        forget(&old, &file).expect("is removed");
        assert!(!old.exists());
        forget(&old, &file).expect("nothing to remove");
        assert!(forget(&other, &file).is_err_and(|error| error.to_string().contains("--rejects")) && other.exists());
        assert!(forget(&file, &file).is_err_and(|error| error.to_string().contains("overwrite")) && file.exists());
    }

    #[test]
    fn the_summary_counts_every_row() {
        let report = ImportReport { rows: 9, created: 4, updated: 2, unchanged: 2, rejected: 1, references: 0 };
        assert_eq!(summary(&report), "9 rows: 4 created, 2 updated, 2 unchanged, 1 rejected");
        let report = ImportReport { references: 3, ..report };
        assert!(summary(&report).ends_with("1 rejected; 3 more records made by reference"));
    }
}
