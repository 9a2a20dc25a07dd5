//! Special categories, offences and national ids (GDPR 9, 10, 87).
//!
//! Two questions, and both must be answered: is the role cleared for such data at all, and does a
//! condition of Art. 9(2) (an authority under Art. 10, a listed use of the national id) hold for the
//! purpose and the person. What is not answered is masked. Break-glass answers the first alone.

mod condition;
mod free_text;
mod manifest;
mod reasons;

use garant_plugin_sdk::prelude::*;

/// The settings, which are the policy.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpecialCategory {
    /// Roles that may work with special categories where a condition holds.
    cleared_roles: Vec<String>,
    /// Roles of professionals bound to secrecy (Art. 9(3)).
    secrecy_roles: Vec<String>,
    /// Aggregates over fewer people are withheld from those who may see special categories.
    smallest_group: u32,
    /// Whether health data from care may only be with hosts that are certified (France).
    certified_hosts: bool,
    /// Beginnings of words that smell of health in a free text.
    health_terms: Vec<String>,
}

impl Default for SpecialCategory {
    fn default() -> Self {
        Self {
            cleared_roles: vec![],
            secrecy_roles: vec![],
            smallest_group: 5,
            certified_hosts: true,
            health_terms: manifest::HEALTH_TERMS.map(str::to_owned).to_vec(),
        }
    }
}

impl Policy for SpecialCategory {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn plan(&self, ctx: &Context) -> Result<Plan, String> {
        if is_access_request(ctx) {
            return Ok(Plan::new().rule(allow("SPE-17")));
        }
        let condition = condition::of(self, ctx);
        let mut plan = Plan::new();
        let cleared = self.is_cleared(ctx);
        if !cleared {
            let target = special("art9") | special("art10") | special("national_id") | biometric();
            plan.push(Rule::mask(Cond::always(), target).code("SPE-01"));
        } else if ctx.flag("actor.break_glass") == Some(true) {
            plan.push(Rule::flag(Cond::always()).code("SPE-15").alarm("break-glass"));
        }
        plan = plan
            .rules(condition.masks().into_iter().map(|(when, code)| Rule::mask(when, special("art9")).code(code)))
            .rule(Rule::mask(condition.denied(), biometric()).code("SPE-14"))
            .rules(condition.allowance())
            .rules(offences(ctx))
            .rules(national_id(ctx)?)
            .rules(self.certified_host(ctx));
        let denied = if cleared { condition.denied() } else { Cond::always() };
        if ctx.entity == "deal" {
            plan.push(inferred(&denied));
        }
        if cleared && !condition.never_holds() {
            plan.push(Rule::min_group(Cond::always(), self.smallest_group).code("SPE-11"));
        }
        let unwatched = self.health_terms.is_empty() || (cleared && condition.always_holds());
        Ok(if unwatched { plan } else { free_text::watched(plan, &ctx.entity) })
    }

    fn judge(&self, ctx: &Context, columns: &Columns) -> Result<Vec<u8>, String> {
        free_text::judge(&self.health_terms, &ctx.entity, columns)
    }
}

impl SpecialCategory {
    /// Cleared as a role, or by a break-glass that is under way; it lifts nothing else.
    fn is_cleared(&self, ctx: &Context) -> bool {
        let role = ctx.text("actor.role").unwrap_or_default();
        self.cleared_roles.iter().any(|cleared| cleared == role) || ctx.flag("actor.break_glass") == Some(true)
    }

    /// Health data out of care, hosted for another, needs a certified host (France): the recipient that
    /// gets it, and our own hosting.
    fn certified_host(&self, ctx: &Context) -> Option<Rule> {
        let from_care = ctx.text("purpose.special_condition") == Some("A9-2-h");
        let external = ctx.flag("hosting.external") != Some(false) && ctx.flag("hosting.hds") != Some(true);
        let handed_on = matches!(ctx.text("recipient.role"), Some("processor" | "sub_processor"));
        let uncertified = external || (handed_on && ctx.flag("recipient.hds") != Some(true));
        let french = fact("subject.country", []).eq("FR");
        (self.certified_hosts && from_care && uncertified)
            .then(|| Rule::mask(french, category("user.health_and_medical")).code("SPE-13"))
    }
}

/// The person's own export, and nobody else's.
fn is_access_request(ctx: &Context) -> bool {
    let to_the_person = ctx.text("recipient.role") == Some("data_subject");
    let asked_for = ctx.text("purpose.nature") == Some("access_request");
    to_the_person || (asked_for && ctx.flag("recipient.present") == Some(false))
}

/// What an order tells of somebody's health or beliefs is as special as what is said of it.
fn inferred(denied: &Cond) -> Rule {
    let telling = field("product_sensitivity").ne("none");
    Rule::mask(all([telling, denied.clone()]), named("product") | named("product_sensitivity")).code("SPE-09")
}

/// Offences: only under the control of an authority or where a law lets it.
fn offences(ctx: &Context) -> Option<Rule> {
    let authority = ctx.text("purpose.offence_authority").is_some_and(|law| !law.trim().is_empty());
    (!authority).then(|| Rule::mask(Cond::always(), special("art10")).code("SPE-12"))
}

/// National ids: only for the uses that the person's country lists.
///
/// # Errors
/// When the host gave no table of uses.
fn national_id(ctx: &Context) -> Result<Option<Rule>, String> {
    let table = ctx.table("national_id_uses")?;
    let purpose = ctx.text("purpose.national_id_use");
    let listed = table.rows().filter(|row| purpose.is_some() && row.text("use") == purpose);
    let countries: Vec<&str> = listed.filter_map(|row| row.text("iso")).collect();
    let outside = if countries.is_empty() { Cond::always() } else { !fact("subject.country", []).one_of(countries) };
    Ok(Some(Rule::mask(outside, special("national_id")).code("SPE-16")))
}

fn biometric() -> Target {
    category("user.biometric")
}

fn allow(code: &str) -> Rule {
    Rule::allow(Cond::always()).code(code)
}

pub(crate) fn has_law(ctx: &Context) -> bool {
    ctx.text("purpose.law_reference").is_some_and(|law| !law.trim().is_empty())
}

export_policy!(SpecialCategory);
