//! What is on file about one person's consent to one purpose through one channel.

use garant_plugin_sdk::prelude::*;

use crate::Consent;

const STATES: [&str; 10] = [
    "none",
    "requested",
    "given",
    "renewed",
    "deferred",
    "refused",
    "withdrawn",
    "expired",
    "terminated",
    "invalidated",
];

/// Consent to a purpose through a channel.
pub(crate) struct Evidence {
    purpose: String,
    channel: String,
    double_opt_in: bool,
    require_proof: bool,
    validity_months: Option<i32>,
}

impl Evidence {
    pub(crate) fn new(purpose: &str, channel: &str, policy: &Consent, ctx: &Context) -> Self {
        let own = ctx.integer("purpose.consent_validity_months").and_then(|months| i32::try_from(months).ok());
        Self {
            purpose: purpose.to_owned(),
            channel: channel.to_owned(),
            // Unknown counts as set: that is the stricter reading.
            double_opt_in: ctx.flag("purpose.double_opt_in") != Some(false),
            require_proof: policy.require_proof,
            validity_months: own.or(policy.validity_months),
        }
    }

    /// The same for another purpose.
    pub(crate) fn of_purpose(&self, purpose: &str) -> Self {
        Self { purpose: purpose.to_owned(), channel: self.channel.clone(), ..*self }
    }

    fn fact(&self, name: &str) -> Term {
        fact(name, [&self.purpose, &self.channel])
    }

    pub(crate) fn status(&self) -> Term {
        self.fact("consent.status")
    }

    pub(crate) fn is<const N: usize>(&self, states: [&str; N]) -> Cond {
        self.status().one_of(states)
    }

    /// Given or renewed, whatever its worth (the two states that DPV counts as valid).
    pub(crate) fn standing(&self) -> Cond {
        self.is(["given", "renewed"])
    }

    /// Null, or a state that this policy does not know.
    pub(crate) fn unknown(&self) -> Cond {
        any([self.status().is_null(), !self.is(STATES)])
    }

    pub(crate) fn on_other_channel(&self) -> Cond {
        self.fact("consent.other_channel").is_true()
    }

    pub(crate) fn explicit(&self) -> Cond {
        all([self.standing(), self.fact("consent.explicit").is_true()])
    }

    fn unconfirmed(&self) -> Cond {
        if self.double_opt_in { !self.fact("consent.confirmed") } else { Cond::never() }
    }

    fn without_proof(&self) -> Cond {
        if self.require_proof { !self.fact("consent.proven") } else { Cond::never() }
    }

    fn silent(&self) -> Cond {
        self.fact("consent.method").one_of(["pre_ticked", "silence"])
    }

    /// The last day is the same-numbered one, and counts.
    fn too_old(&self) -> Cond {
        let ends = |months| self.fact("consent.given_at").local_date().plus_months(months);
        self.validity_months.map_or_else(Cond::never, |months| ends(months).lt(today()))
    }

    /// Consent that can be relied on.
    pub(crate) fn valid(&self) -> Cond {
        all([self.standing(), !self.silent(), !self.without_proof(), !self.unconfirmed(), !self.too_old()])
    }

    pub(crate) fn pending(&self) -> Cond {
        any([self.is(["requested", "deferred"]), all([self.standing(), self.unconfirmed()])])
    }

    pub(crate) fn past_validity(&self) -> Cond {
        any([self.is(["expired"]), all([self.standing(), self.too_old()])])
    }

    pub(crate) fn ambiguous(&self) -> Cond {
        all([self.standing(), self.silent()])
    }

    pub(crate) fn unproven(&self) -> Cond {
        all([self.standing(), self.without_proof()])
    }
}
