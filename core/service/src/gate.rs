//! The gate: the one place where records are read and written. It asks the policies of the unit's
//! set, joins their rules, hands them to the store as guards, and turns what comes back into
//! reviewed rows.
//!
//! The doors are listed by [`Door`], and a test walks through each.

mod aggregate;
mod approvals;
mod attributes;
mod count;
mod decision;
mod disclosure;
mod door;
mod dormant;
mod duplicates;
mod duties;
mod explain;
mod judge;
mod known;
mod log;
mod look;
mod operands;
mod plan;
mod read;
mod request_facts;
mod rights;
mod search;
mod sweep;
mod timeline;
mod wake;
mod write;

pub use aggregate::{MAX_GROUPS, ReviewedGroup};
pub use door::Door;
pub use dormant::{DormantRecord, DormantRequest};
pub use duplicates::{DuplicatePage, DuplicatePair};
pub use explain::{Basis, ExplainRequest, ExplainedRule, Explanation, Remedy, SeenFact};
pub use look::{Seen, only};
pub use search::{FoundPage, FoundRecord, SearchRequest, search_for};
pub use timeline::{TimelineEvent, TimelineItem, TimelinePage};
pub use write::{
    Bulk, ExternalRecord, MAX_BULK, MAX_MERGE, MergeRequest, Merged, Moved, Recorded, Statement, Upserted, Who,
};

pub(crate) use approvals::Relied;
pub(crate) use count::compare;
pub(crate) use decision::{GuardCache, effect_name};
pub(crate) use duties::Opened;
pub(crate) use known::KnownDecisions;
pub(crate) use plan::{Asked, ask, prove, prove_on};
pub(crate) use read::MAX_PAGE;
pub(crate) use rights::Narrowing;
pub(crate) use search::words_scope;
pub(crate) use sweep::{Acted, Due, DueAsleep, Sleeper, emptied_entities, swept_entities};
