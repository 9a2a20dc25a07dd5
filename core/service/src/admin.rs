//! What the DPO does with policies: install, read, switch, set, exchange and remove them. Nothing
//! here depends on a policy, so a DPO can always get in.
//!
//! Prove, commit, then publish: a change is loaded, configured and planned before it is inserted as
//! a new version, and served only after the commit.

mod alarm;
mod change;
mod install;
mod observe;
mod pending;
mod request;
mod start;
mod view;

pub use alarm::{AlarmView, BreakGlass};
pub(crate) use install::needs;
pub use install::{InstallRequest, InstalledView};
pub use observe::Observed;
pub use pending::PendingView;
pub use request::{Action, ChangeRequest, Version};
pub(crate) use request::{check_reason, edit_problem};
pub(crate) use view::require_dpo;
pub use view::{PolicyView, ScheduledView};
