//! The database side of the one door: SQLite and PostgreSQL, schema, conditions and masks as SQL,
//! transactions, the decision log. The only crate that knows a database.
//!
//! It decides nothing: what a caller may see comes in as [`garant_domain::query::Guards`], and an
//! entity without a guard is unreachable. No HTTP, no GraphQL, no WASM and no plugin's name.

mod address;
mod alarm;
mod approval;
mod archive;
mod catalog;
mod config;
mod connect;
mod consent;
mod custom;
mod ddl;
mod dialect;
mod disclosure;
mod dismissal;
mod error;
mod external;
mod idempotency;
mod job;
mod log;
mod merge;
mod migrate;
mod obligation;
mod past;
mod pending;
mod people;
mod plugin;
mod policy;
mod policy_task;
mod pool;
mod record;
mod register;
mod row;
mod search;
mod shape;
mod sql;
mod stage;
mod store;
mod sweep;
mod tally;
mod token;
mod value;
mod webhook;
mod write;

pub use address::{AddressKey, AddressStatement};
pub use alarm::Alarm;
pub use approval::{Approval, GivenApproval};
pub use archive::{ArchiveAccess, ArchivedRow};
pub use catalog::CatalogChange;
pub use config::{Durability, StoreConfig};
pub use consent::consent_event_of;
pub use disclosure::Disclosure;
pub use error::{DatabaseFailure, StoreError};
pub use external::Keyed;
pub use idempotency::AskedOnce;
pub use job::{Job, JobState, JobStep};
pub use log::{Activity, DecisionLog, LogCheck, LogDetail, LogLine, LoggedLine, Observation};
pub use merge::{Merge, SaidAgain};
pub use obligation::Obligation;
pub use past::FieldChange;
pub use pending::{Decision, PendingChange};
pub use people::{Account, Attempt, DescribedRole, RoleTexts, Session, Ticket};
pub use plugin::InstalledPlugin;
pub use policy_task::{ALARM, CausedBy, FREEZE, PolicyTask};
pub use record::{Change, NewRecord, Record};
pub use register::CurrentState;
pub use stage::{HistoryStep, StageChange};
pub use store::Store;
pub use sweep::{Along, DueRecord, DueRules, ExternalKey, LedgerEntry, LegalHold, SweepOutcome, SweepRun};
pub use tally::{Comparison, Narrower, Tally};
pub use token::{NewToken, Token};
pub use webhook::{Delivery, DeliveryState, Settled, Webhook};
pub use write::WriteTx;
