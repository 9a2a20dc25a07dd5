//! The doors: every way in which records are read or written, by name. Whoever asks the policies says
//! through which door, so that a new way in cannot come to be without one here; a test walks through
//! each of them under every kind of decision.

use garant_domain::context::Operation;
use garant_domain::role::Act;

/// A way to records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// A page of an entity.
    Page,
    /// Pages of those who refer to each of some records.
    PagePerParent,
    /// Records behind references.
    ByIds,
    /// One record by id.
    Record,
    /// Counts and measures of all that match.
    Aggregate,
    /// The same for those who refer to each of some records.
    AggregatePerParent,
    /// The same by group.
    GroupBy,
    /// The best found records of several entities.
    Search,
    /// One record, natively, as somebody else would be shown it.
    Explain,
    /// Counts of what a change would do to who is shown.
    Preview,
    /// Pairs of records that look like one.
    Duplicates,
    /// Records to a recipient, batch by batch.
    Export,
    /// A record to a webhook.
    Webhook,
    /// A record that changed, to whoever follows it.
    Subscription,
    /// A new record, or several.
    Create,
    /// A change of one record.
    Update,
    /// One record into the trash.
    Delete,
    /// One record out of the trash.
    Restore,
    /// New or changed records under keys of a source.
    Upsert,
    /// The same from a file.
    Import,
    /// A change of all that match.
    UpdateWhere,
    /// All that match into the trash.
    DeleteWhere,
    /// What somebody said, named by an address or by a token instead of a record.
    Consent,
    /// Several records that become one.
    Merge,
    /// All that is due out of the active tables.
    Sweep,
    /// One record of the archive.
    Dormant,
    /// A person out of the archive.
    Wake,
}

impl Door {
    /// All doors.
    pub const ALL: &[Self] = &[
        Self::Page,
        Self::PagePerParent,
        Self::ByIds,
        Self::Record,
        Self::Aggregate,
        Self::AggregatePerParent,
        Self::GroupBy,
        Self::Search,
        Self::Explain,
        Self::Preview,
        Self::Duplicates,
        Self::Export,
        Self::Webhook,
        Self::Subscription,
        Self::Create,
        Self::Update,
        Self::Delete,
        Self::Restore,
        Self::Upsert,
        Self::Import,
        Self::UpdateWhere,
        Self::DeleteWhere,
        Self::Consent,
        Self::Merge,
        Self::Sweep,
        Self::Dormant,
        Self::Wake,
    ];

    /// What a role must be granted to go through; `None` where a duty opens it.
    #[must_use]
    pub fn act(self) -> Option<Act> {
        match self {
            Self::Page
            | Self::PagePerParent
            | Self::ByIds
            | Self::Record
            | Self::Aggregate
            | Self::AggregatePerParent
            | Self::GroupBy
            | Self::Search
            | Self::Duplicates
            | Self::Subscription => Some(Act::Read),
            Self::Export | Self::Webhook => Some(Act::Export),
            Self::Create | Self::Upsert | Self::Consent => Some(Act::Create),
            Self::Update | Self::UpdateWhere => Some(Act::Update),
            Self::Delete | Self::DeleteWhere | Self::Restore => Some(Act::Delete),
            Self::Import => Some(Act::Import),
            Self::Merge => Some(Act::Merge),
            Self::Explain | Self::Preview | Self::Sweep | Self::Dormant | Self::Wake => None,
        }
    }

    /// What the log and the history call it.
    #[must_use]
    pub fn operation(self) -> Operation {
        match self {
            Self::Page
            | Self::PagePerParent
            | Self::ByIds
            | Self::Record
            | Self::Aggregate
            | Self::AggregatePerParent
            | Self::GroupBy
            | Self::Search
            | Self::Dormant
            | Self::Explain
            | Self::Preview
            | Self::Duplicates
            | Self::Subscription => Operation::Read,
            Self::Export => Operation::Export,
            Self::Webhook => Operation::Webhook,
            Self::Create | Self::Upsert | Self::Consent => Operation::Create,
            Self::Update | Self::UpdateWhere | Self::Merge => Operation::Update,
            Self::Delete | Self::DeleteWhere => Operation::Delete,
            Self::Restore => Operation::Restore,
            Self::Import => Operation::Import,
            Self::Sweep => Operation::Sweep,
            Self::Wake => Operation::Wake,
        }
    }
}
