//! Use cases: the only crate that joins the store and the policies. Records are read and written
//! through a [`Unit`] and nowhere else.
//!
//! Nothing here knows GraphQL, HTTP or SQL, and nothing names a plugin.

mod admin;
mod approval;
mod auth;
mod catalogs;
mod counters;
mod custom;
mod error;
mod export;
mod gate;
mod hold;
pub mod import;
mod input;
mod job;
mod obligation;
mod once;
mod people;
mod policy_task;
mod preview;
mod published;
mod reference;
mod register;
mod reviewed;
mod seal;
mod service;
mod sweep;
mod unit;
mod vault;
mod wake;
mod watch;
mod webhook;

pub use admin::{
    Action, AlarmView, BreakGlass, ChangeRequest, InstallRequest, InstalledView, Observed, PendingView, PolicyView,
    ScheduledView, Version,
};
pub use approval::{ApprovalState, ApprovalView, BoundOperation};
pub use auth::{Access, Caller, Credential, token_hash};
pub use catalogs::Current;
pub use counters::Counters;
pub use custom::{CatalogDraft, CustomView, NewField, NewObject};
pub use export::{Export, ExportFormat, ExportRequest};
pub use garant_store::{AccessChange, CatalogChange, Delivery, JobState, LedgerEntry, LegalHold, Obligation, Webhook};
pub use gate::{
    Basis, Bulk, Door, DormantRecord, DormantRequest, DuplicatePage, DuplicatePair, ExplainRequest, ExplainedRule,
    Explanation, ExternalRecord, FoundPage, FoundRecord, MAX_BULK, MAX_GROUPS, MAX_MERGE, MergeRequest, Merged, Moved,
    Recorded, Remedy, ReviewedGroup, SearchRequest, Seen, SeenFact, Statement, TimelineEvent, TimelineItem,
    TimelinePage, Upserted, Who, only, search_for,
};
pub use hold::NewHold;
pub use input::{Input, MAX_TEXT_BYTES};
pub use job::{CHUNK, Claimed, JobFile, JobLink, JobPart, JobProgress, JobView, Upload, UploadError};
pub use obligation::ObligationView;
pub use once::{Once, OnceKey};
pub use people::{
    AccountState, AccountView, BegunTotp, Invited, KeyView, NewKey, NewUser, PeopleConfig, RoleView, Rotation, Secret,
    SessionView, SignIn, SignInUnderWay, SignedIn, TicketKind, Vouched,
};
pub use policy_task::PolicyTaskView;
pub use preview::{
    ActiveClient, Count, Counts, FieldImpact, Flow, FlowReason, Impact, PolicyTrial, Preview, PreviewRequest,
    ProviderCard, RecipientDraft, RecipientPreview, ReferenceChange, RegisterChange, RowsChange, TrialStep,
};
pub use reference::ReferenceError;
pub use register::PurposeInfo;
pub use reviewed::{MaskedField, ReviewedPage, ReviewedRow};
pub use service::{OpenError, Service, ServiceConfig, ShippedPlugin};
pub use sweep::{SweepCount, SweepPreview, SweepView};
pub use unit::{CHANNELS, InForce, Report, Unit, UnitRequest};
pub use watch::{Watch, Woken};
pub use webhook::{Attempt, AttemptOutcome, NewWebhook, WEBHOOK_EVENTS, WebhookSecret};
