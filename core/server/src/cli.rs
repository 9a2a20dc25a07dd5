//! The command line. Each command is one file in `commands`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// A CRM whose every access to personal data passes policies that the DPO switches.
#[derive(Debug, Parser)]
#[command(
    name = "garant",
    version,
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong command line, 3 imported with rejected rows."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start with a small invented company in an embedded database, and print what to try.
    Demo(Demo),
    /// Start the server.
    Serve(Place),
    /// Read records from a CSV file.
    Import(Import),
    /// Write records to a file, for a recipient.
    Export(Export),
    /// Imports and exports that run by themselves.
    #[command(subcommand)]
    Job(JobCommand),
    /// Tokens of people and API clients.
    #[command(subcommand)]
    Token(TokenCommand),
    /// People who sign in.
    #[command(subcommand)]
    User(UserCommand),
    /// Policy plugins in files.
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// The decision log.
    #[command(subcommand)]
    Log(LogCommand),
    /// Make the words of every record anew that searches and duplicates are found by: after a process of an
    /// older version wrote records.
    Reindex(Place),
    /// Archive, anonymise and erase what is due now.
    Sweep(Sweep),
    /// What was erased, to be kept apart from the backups.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Print the configuration reference.
    Config,
}

/// `garant demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Address and port; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Folder of the demo's database and secret; kept between starts.
    #[arg(long, default_value = "garant-demo")]
    pub data_dir: PathBuf,
}

/// Commands that work on a database: a configured one, or the demo's.
#[derive(Debug, Args)]
pub struct Place {
    /// Configuration file; see `garant config` and examples/config.
    #[arg(long, env = "GARANT_CONFIG", required_unless_present = "data_dir", conflicts_with = "data_dir")]
    pub config: Option<PathBuf>,
    /// Folder of a demo, instead of a configuration file.
    #[arg(long)]
    pub data_dir: Option<PathBuf>,
    /// Takes the place of `database.url`, so that its password need not be in the file.
    #[arg(long, env = "GARANT_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

/// `garant import`.
#[derive(Debug, Args)]
pub struct Import {
    /// Where to.
    #[command(flatten)]
    pub place: Place,
    /// Mapping file; see examples/import.
    #[arg(long, required_unless_present = "resume")]
    pub mapping: Option<PathBuf>,
    /// Purpose for which the data is collected; needed for personal data, may be repeated.
    #[arg(long)]
    pub purpose: Vec<String>,
    /// Role under which the records are written; its purposes and rights apply.
    #[arg(long, default_value = "sales")]
    pub role: String,
    /// Where rejected rows go; FILE with `.rejects.csv` unless told, JOB with it where one is resumed.
    #[arg(long)]
    pub rejects: Option<PathBuf>,
    /// Go on with an import that was stopped or killed, instead of sending the file again.
    #[arg(long, value_name = "JOB", conflicts_with = "file")]
    pub resume: Option<String>,
    /// The CSV file, UTF-8.
    #[arg(required_unless_present = "resume")]
    pub file: Option<PathBuf>,
}

/// `garant export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Where from.
    #[command(flatten)]
    pub place: Place,
    /// Entity: `contact`, `company`, `deal`, ...
    #[arg(long)]
    pub entity: String,
    /// How the file is written.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    pub format: Format,
    /// A field of the catalogue; all unless told, may be repeated.
    #[arg(long)]
    pub field: Vec<String>,
    /// Id of the registered recipient that gets the file; needed for personal data.
    #[arg(long)]
    pub recipient: Option<String>,
    /// Purpose of the disclosure; needed for personal data, may be repeated.
    #[arg(long)]
    pub purpose: Vec<String>,
    /// Channel through which people would be reached.
    #[arg(long)]
    pub channel: Option<String>,
    /// Role under which the records are read; its purposes and rights apply.
    #[arg(long, default_value = "sales")]
    pub role: String,
    /// The file to write; it must not be there yet.
    pub file: PathBuf,
}

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A header and a line for each record.
    Csv,
    /// A JSON object on each line, with what was masked and why.
    Ndjson,
}

/// `garant job`.
#[derive(Debug, Subcommand)]
pub enum JobCommand {
    /// Print the jobs of everybody, the newest first: what and how far, not what they hold.
    List(Place),
    /// Stop a job; what it did stands.
    Cancel(JobNamed),
    /// Let a job that was stopped go on.
    Resume(JobNamed),
}

/// A job by its id.
#[derive(Debug, Args)]
pub struct JobNamed {
    /// Where.
    #[command(flatten)]
    pub place: Place,
    /// As `garant job list` prints it.
    pub id: String,
}

/// `garant token`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it once; the database keeps only its hash.
    Create(TokenCreate),
}

/// `garant token create`.
#[derive(Debug, Args)]
pub struct TokenCreate {
    /// Where to.
    #[command(flatten)]
    pub place: Place,
    /// Name of the token, for lists: who or what uses it.
    #[arg(long)]
    pub name: String,
    /// Role: `sales`, `marketing`, `support`, `accounting`, `legal`, `dpo`, ...
    #[arg(long)]
    pub role: String,
    /// ISO 3166 country where its user works.
    #[arg(long)]
    pub country: Option<String>,
    /// Id of the registered recipient on whose behalf it acts.
    #[arg(long)]
    pub recipient: Option<String>,
    /// Purpose of requests that name none.
    #[arg(long)]
    pub purpose: Option<String>,
    /// A purpose that a request may name, may be repeated; all that the role may unless told.
    #[arg(long)]
    pub only_purpose: Vec<String>,
    /// Days until it ends.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub expires_days: Option<u32>,
    /// Requests that it may send a minute; `server.requests_per_minute` unless told.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub requests_per_minute: Option<u32>,
}

/// `garant user`.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make a user and print the invitation once, with which the user sets a password.
    Create(UserCreate),
    /// Print every account, one on a line: user, state, role, e-mail, name.
    List(Place),
    /// Give a user another role.
    Role(UserRole),
    /// End a user's access and all sessions.
    Deactivate(UserNamed),
    /// Let a user sign in again.
    Reactivate(UserNamed),
    /// Print once what lets a user set another password.
    Reset(UserNamed),
    /// Take the second factor away from a user who lost it.
    ResetTotp(UserNamed),
    /// Erase a user: name, address, account and log-ins, for good.
    Erase(UserNamed),
}

/// `garant user create`.
#[derive(Debug, Args)]
pub struct UserCreate {
    /// Where to.
    #[command(flatten)]
    pub place: Place,
    /// Name of the user.
    #[arg(long)]
    pub name: String,
    /// What the user signs in with.
    #[arg(long)]
    pub email: String,
    /// Role: `admin`, `dpo`, `sales`, ...
    #[arg(long)]
    pub role: String,
    /// Id of the user's team.
    #[arg(long)]
    pub team: Option<String>,
    /// ISO 3166 country where the user works.
    #[arg(long)]
    pub country: Option<String>,
}

/// `garant user role`.
#[derive(Debug, Args)]
pub struct UserRole {
    /// Who.
    #[command(flatten)]
    pub named: UserNamed,
    /// Role: `admin`, `dpo`, `sales`, ...
    #[arg(long)]
    pub role: String,
}

/// A command about one user.
#[derive(Debug, Args)]
pub struct UserNamed {
    /// Where.
    #[command(flatten)]
    pub place: Place,
    /// Id of the user, as `garant user list` prints it.
    pub user: String,
}

/// `garant plugin`.
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Load a plugin in the sandbox and print what it says of itself.
    Inspect {
        /// A WASM module or component.
        file: PathBuf,
    },
    /// Make a key pair for signing plugins.
    Keygen {
        /// File for the secret key; it must not exist yet.
        file: PathBuf,
    },
    /// Sign a plugin: writes FILE.sig beside it.
    Sign {
        /// Secret key, as `keygen` made it.
        #[arg(long)]
        key: PathBuf,
        /// A WASM module or component.
        file: PathBuf,
    },
    /// Verify a plugin and install it, for the DPO to add or upgrade to.
    Install(PluginInstall),
}

/// `garant plugin install`.
#[derive(Debug, Args)]
pub struct PluginInstall {
    /// Where to.
    #[command(flatten)]
    pub place: Place,
    /// Signature file; FILE with `.sig` unless told.
    #[arg(long)]
    pub signature: Option<PathBuf>,
    /// Why; kept in the register.
    #[arg(long, default_value = "Installed on the command line")]
    pub reason: String,
    /// A WASM module or component.
    pub file: PathBuf,
}

/// `garant log`.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Check that no line of the decision log was changed, removed or put between.
    Verify(Place),
    /// Print lines of the decision log as JSON, one on a line.
    Show(LogShow),
}

/// `garant log show`.
#[derive(Debug, Args)]
pub struct LogShow {
    /// Where from.
    #[command(flatten)]
    pub place: Place,
    /// Only accesses to this entity.
    #[arg(long)]
    pub entity: Option<String>,
    /// Only accesses by this role.
    #[arg(long)]
    pub role: Option<String>,
    /// At most so many, the newest.
    #[arg(long, default_value_t = 1000)]
    pub limit: u32,
}

/// `garant sweep`.
#[derive(Debug, Args)]
pub struct Sweep {
    /// Where.
    #[command(flatten)]
    pub place: Place,
    /// Only count what would be done.
    #[arg(long)]
    pub dry_run: bool,
    /// Why; kept with the run.
    #[arg(long, default_value = "Started on the command line")]
    pub reason: String,
}

/// `garant ledger`.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Print what was erased as JSON, one on a line: keyed references, no data. Keep it where no backup goes.
    Export(Place),
    /// After a restore, take such a file; the next sweep erases what came back.
    Replay(LedgerReplay),
}

/// `garant ledger replay`.
#[derive(Debug, Args)]
pub struct LedgerReplay {
    /// Where to.
    #[command(flatten)]
    pub place: Place,
    /// What `garant ledger export` printed.
    pub file: PathBuf,
}
