//! What the DPO does with policies: read them, switch them, set them. Nothing here depends on a
//! policy, so a DPO can always get in.
//!
//! Prove, commit, then publish: a change is loaded, configured and planned before it is inserted as
//! a new version, and served only after the commit.

mod change;
mod observe;
mod start;
mod view;

pub(crate) use change::{check_settings, unknown};
pub use observe::Observed;
pub(crate) use view::require_dpo;
pub use view::{PolicyNeeds, PolicyView};
