//! `garant import`: the file goes into a job like one that came over the API, and this process runs it.

use std::fs::File;
use std::io::{BufRead as _, BufReader, IsTerminal, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail, ensure};
use garant_domain::catalog::Catalog;
use garant_domain::clock::SystemClock;
use garant_domain::context::Actor;
use garant_domain::problem::ErrorCode;
use garant_service::import::{
    ImportError, ImportReport, LINE_COLUMN, Mapping, Progress, Reject, RejectFile, RejectSink,
};
use garant_service::{CHUNK, Caller, Service, UnitRequest, UploadError};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Outcome;
use crate::cli::Import;
use crate::{compose, logging, secret};

/// Rejected rows that are also told on the terminal.
const SHOWN: u64 = 10;

pub(super) async fn run(args: Import) -> anyhow::Result<Outcome> {
    let config = super::load(&args.place)?;
    logging::start(&config.log);
    let named = args.file.clone().or_else(|| args.resume.clone().map(PathBuf::from)).unwrap_or_default();
    let path = args.rejects.clone().unwrap_or_else(|| named.with_extension("rejects.csv"));
    forget(&path, &named)?;
    let file = args.file.as_deref().map(opened).transpose()?;
    let bar = bar(file.as_ref().map(File::metadata).transpose()?.map_or(0, |data| data.len()));
    let app = compose(&config, Arc::new(SystemClock)).await?;
    let catalog = app.service.catalog_of(&config.tenant.id).await?;
    let mapping = args.mapping.as_deref().map(|path| mapping(path, &catalog)).transpose()?;
    let caller = Caller {
        tenant: config.tenant.id.clone(),
        actor: Actor { id: "local:import".to_owned(), role: args.role.clone(), country: None },
        name: "garant import".to_owned(),
        recipient: None,
        default_purpose: None,
        access: garant_service::Access::default(),
    };
    let context = || named.display().to_string();
    let job = match (args.resume, mapping, file) {
        (Some(job), _, _) => job,
        (None, Some(mapping), Some(file)) => {
            let sent = send(&app.service, &caller, mapping, file, args.purpose, &bar).await;
            sent.map_err(|error| told(&error, &args.role)).with_context(context)?
        }
        (None, ..) => bail!("a mapping and a file are needed, or a job to be resumed"),
    };
    let delimiter = app.service.import_delimiter(&caller, &job).await?;
    let mut rejects = Told { bar: bar.clone(), told: 0, file: rejects_file(&path, delimiter) };
    let mut progress = |progress: Progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.bytes);
        bar.set_message(format!("{} rows, {} rejected", progress.rows, progress.rejected));
    };
    let imported = tokio::select! {
        imported = app.service.resume_import(&caller, &job, &mut rejects, &mut progress) => imported,
        _ = tokio::signal::ctrl_c() => {
            app.service.cancel_job(&caller, &job).await?;
            Err(ImportError::Cancelled)
        }
    };
    bar.finish_and_clear();
    app.service.store().close().await;
    let imported = imported.map_err(|error| told(&error, &args.role));
    let report = imported.with_context(|| format!("go on with --resume {job}")).with_context(context)?;
    println!("{}", summary(&report));
    if report.rejected == 0 {
        return Ok(Outcome::Done);
    }
    println!("Rejected rows, with line and reason: {}", path.display());
    Ok(Outcome::WithRejects)
}

fn mapping(path: &Path, catalog: &Catalog) -> anyhow::Result<Mapping> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{}: cannot be read; examples/import has some to start from", path.display()))?;
    Mapping::parse(&text, catalog).with_context(|| path.display().to_string())
}

fn opened(path: &Path) -> anyhow::Result<File> {
    File::open(path).with_context(|| format!("{}: cannot be read", path.display()))
}

/// Sends the file into a job; answers its id.
async fn send(
    service: &Arc<Service>,
    caller: &Caller,
    mapping: Mapping,
    file: File,
    purposes: Vec<String>,
    bar: &ProgressBar,
) -> Result<String, ImportError> {
    let refused = |error: UploadError| match error {
        UploadError::Source(error) => ImportError::Source(error),
        UploadError::Problem(problem) => ImportError::Batch { line: 1, problem },
    };
    let unit = UnitRequest { purposes, channel: None };
    let mut upload = service.begin_import(caller, unit, mapping).await.map_err(|problem| refused(problem.into()))?;
    let mut reader = BufReader::with_capacity(CHUNK, file);
    loop {
        let unreadable = |error: std::io::Error| ImportError::Source(csv::Error::from(error).into());
        let bytes = reader.fill_buf().map_err(unreadable)?.to_vec();
        if bytes.is_empty() {
            break;
        }
        upload.push(&bytes).await.map_err(refused)?;
        reader.consume(bytes.len());
        bar.inc(bytes.len() as u64);
    }
    let job = upload.complete().await.map_err(refused)?;
    bar.set_position(0);
    Ok(job.id)
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
    let ImportReport { rows, created, updated, unchanged, rejected, references, duplicates } = report;
    let more = |count: &u64, what: &str| if *count == 0 { String::new() } else { format!("; {count} {what}") };
    let references = more(references, "more records made by reference");
    let duplicates = more(duplicates, "look like a record that was there");
    format!(
        "{rows} rows: {created} created, {updated} updated, {unchanged} unchanged, {rejected} rejected{references}{duplicates}"
    )
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
        let report =
            ImportReport { rows: 9, created: 4, updated: 2, unchanged: 2, rejected: 1, references: 0, duplicates: 0 };
        assert_eq!(summary(&report), "9 rows: 4 created, 2 updated, 2 unchanged, 1 rejected");
        let report = ImportReport { references: 3, ..report };
        assert!(summary(&report).ends_with("1 rejected; 3 more records made by reference"));
    }
}
