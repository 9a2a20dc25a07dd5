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
    covering: Option<Covering>,
}

/// The registered notices that cover the purpose: a consent to another version is stale for it.
#[derive(Clone)]
struct Covering {
    /// Versions that may be relied on, whoever asks.
    versions: Vec<String>,
    /// Where another controller would rely on the consent: the versions that name each.
    controllers: Option<Vec<(String, Vec<String>)>>,
}

impl Covering {
    /// `None` where no notice for the purpose is registered.
    fn of(purpose: &str, ctx: &Context) -> Result<Option<Self>, String> {
        let table = ctx.table("privacy_notice")?;
        let covers_it = |row: &Row| words(row.text("purposes")).any(|key| covers(key, purpose));
        let rows: Vec<Row> = table.rows().filter(covers_it).collect();
        let version = |row: &Row| row.text("notice_version").map(str::to_owned);
        let versions: Vec<String> = rows.iter().filter_map(version).collect();
        if versions.is_empty() {
            return Ok(None);
        }
        let named = |row: &Row| Some((version(row)?, words(row.text("controllers")).map(str::to_owned).collect()));
        let other = matches!(ctx.text("recipient.role"), Some("controller" | "joint_controller"));
        Ok(Some(Self { versions, controllers: other.then(|| rows.iter().filter_map(named).collect()) }))
    }

    fn covered(&self, notice: impl Fn() -> Term) -> Cond {
        let known = notice().one_of(self.versions.iter().map(String::as_str));
        let Some(controllers) = &self.controllers else { return known };
        let names = |(version, ids): &(String, Vec<String>)| {
            all([notice().eq(version.as_str()), context("ctx.recipient.id").one_of(ids.iter().map(String::as_str))])
        };
        any(controllers.iter().map(names))
    }
}

fn words(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split_whitespace()
}

impl Evidence {
    /// # Errors
    /// When the host gave no register of notices.
    pub(crate) fn new(purpose: &str, channel: &str, policy: &Consent, ctx: &Context) -> Result<Self, String> {
        let own = ctx.integer("purpose.consent_validity_months").and_then(|months| i32::try_from(months).ok());
        Ok(Self {
            purpose: purpose.to_owned(),
            channel: channel.to_owned(),
            // Unknown counts as set: that is the stricter reading.
            double_opt_in: ctx.flag("purpose.double_opt_in") != Some(false),
            require_proof: policy.require_proof,
            validity_months: own.or(policy.validity_months),
            covering: Covering::of(purpose, ctx)?,
        })
    }

    /// The same for another purpose.
    pub(crate) fn of_purpose(&self, purpose: &str) -> Self {
        Self { purpose: purpose.to_owned(), channel: self.channel.clone(), covering: None, ..*self }
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

    fn not_free(&self) -> Cond {
        self.fact("consent.conditional").is_true()
    }

    fn uncovered(&self) -> Cond {
        let notice = || self.fact("consent.notice");
        self.covering.as_ref().map_or_else(Cond::never, |covering| !covering.covered(notice))
    }

    /// Given by a guardian, or by child and guardian together where the law asks for both.
    pub(crate) fn given_by<const N: usize>(&self, who: [&str; N]) -> Cond {
        self.fact("consent.given_by").one_of(who)
    }

    /// Consent that can be relied on.
    pub(crate) fn valid(&self) -> Cond {
        all([
            self.standing(),
            !self.silent(),
            !self.without_proof(),
            !self.unconfirmed(),
            !self.too_old(),
            !self.not_free(),
            !self.uncovered(),
        ])
    }

    /// A service that did not need it was refused without it.
    pub(crate) fn conditional(&self) -> Cond {
        all([self.standing(), self.not_free()])
    }

    /// Given to a notice that did not cover this.
    pub(crate) fn stale(&self) -> Cond {
        all([self.standing(), self.uncovered()])
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
