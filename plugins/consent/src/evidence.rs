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

/// Given or renewed, whatever its worth.
const STANDING: [&str; 2] = ["given", "renewed"];

/// Consent to a purpose through a channel. What many rules ask is made once: a condition that is cloned is
/// sent once, however many rules it hangs in.
pub(crate) struct Evidence {
    purpose: String,
    channel: String,
    standing: Cond,
    opposed: Cond,
    nothing: Cond,
    silent: Cond,
    without_proof: Cond,
    unconfirmed: Cond,
    too_old: Cond,
    not_free: Cond,
    uncovered: Cond,
    valid: Cond,
}

/// The registered notices that cover the purpose: a consent to another version is stale for it.
pub(crate) struct Covering {
    /// Versions that may be relied on, whoever asks.
    versions: Vec<String>,
    /// Where another controller would rely on the consent: the versions that name each.
    controllers: Option<Vec<(String, Vec<String>)>>,
}

impl Covering {
    /// `None` where no notice for the purpose is registered.
    ///
    /// # Errors
    /// When the host gave no register of notices.
    pub(crate) fn of(purpose: &str, ctx: &Context) -> Result<Option<Self>, String> {
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

    fn covered(&self, notice: &Term) -> Cond {
        let known = notice.clone().one_of(self.versions.iter().map(String::as_str));
        let Some(controllers) = &self.controllers else { return known };
        let names = |(version, ids): &(String, Vec<String>)| {
            all([
                notice.clone().eq(version.as_str()),
                context("ctx.recipient.id").one_of(ids.iter().map(String::as_str)),
            ])
        };
        any(controllers.iter().map(names))
    }
}

fn words(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split_whitespace()
}

impl Evidence {
    /// What is on file, where these notices cover the purpose.
    pub(crate) fn new(
        purpose: &str,
        channel: &str,
        covering: Option<&Covering>,
        policy: &Consent,
        ctx: &Context,
    ) -> Self {
        let fact = |name: &str| fact(name, [purpose, channel]);
        let is = |states: &[&str]| fact("consent.status").one_of(states.iter().copied());
        let own = ctx.integer("purpose.consent_validity_months").and_then(|months| i32::try_from(months).ok());
        // The last day is the same-numbered one, and counts.
        let ends = |months| fact("consent.given_at").local_date().plus_months(months);
        let too_old = own.or(policy.validity_months).map_or_else(Cond::never, |months| ends(months).lt(today()));
        // Unknown counts as set: that is the stricter reading.
        let double_opt_in = ctx.flag("purpose.double_opt_in") != Some(false);
        let unconfirmed = if double_opt_in { !fact("consent.confirmed") } else { Cond::never() };
        let without_proof = if policy.require_proof { !fact("consent.proven") } else { Cond::never() };
        let uncovered = |covering: &Covering| !covering.covered(&fact("consent.notice"));
        let uncovered = covering.map_or_else(Cond::never, uncovered);
        let standing = is(&STANDING);
        let silent = fact("consent.method").one_of(["pre_ticked", "silence"]);
        let not_free = fact("consent.conditional").is_true();
        let flaws = [&silent, &without_proof, &unconfirmed, &too_old, &not_free, &uncovered];
        let sound = flaws.into_iter().map(|flaw| !flaw.clone());
        let valid = all([standing.clone()].into_iter().chain(sound));
        Self {
            purpose: purpose.to_owned(),
            channel: channel.to_owned(),
            opposed: is(&["withdrawn", "refused"]),
            nothing: is(&["none"]),
            standing,
            silent,
            without_proof,
            unconfirmed,
            too_old,
            not_free,
            uncovered,
            valid,
        }
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
        self.standing.clone()
    }

    /// The same for another purpose through this channel.
    pub(crate) fn standing_for(&self, purpose: &str) -> Cond {
        fact("consent.status", [purpose, &self.channel]).one_of(STANDING)
    }

    /// Withdrawn or refused: no exemption stands against it.
    pub(crate) fn opposed(&self) -> Cond {
        self.opposed.clone()
    }

    /// Nobody ever asked.
    pub(crate) fn nothing(&self) -> Cond {
        self.nothing.clone()
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

    /// Given by a guardian, or by child and guardian together where the law asks for both.
    pub(crate) fn given_by<const N: usize>(&self, who: [&str; N]) -> Cond {
        self.fact("consent.given_by").one_of(who)
    }

    /// Consent that can be relied on.
    pub(crate) fn valid(&self) -> Cond {
        self.valid.clone()
    }

    /// A service that did not need it was refused without it.
    pub(crate) fn conditional(&self) -> Cond {
        all([self.standing(), self.not_free.clone()])
    }

    /// Given to a notice that did not cover this.
    pub(crate) fn stale(&self) -> Cond {
        all([self.standing(), self.uncovered.clone()])
    }

    pub(crate) fn pending(&self) -> Cond {
        any([self.is(["requested", "deferred"]), all([self.standing(), self.unconfirmed.clone()])])
    }

    pub(crate) fn past_validity(&self) -> Cond {
        any([self.is(["expired"]), all([self.standing(), self.too_old.clone()])])
    }

    pub(crate) fn ambiguous(&self) -> Cond {
        all([self.standing(), self.silent.clone()])
    }

    pub(crate) fn unproven(&self) -> Cond {
        all([self.standing(), self.without_proof.clone()])
    }
}
