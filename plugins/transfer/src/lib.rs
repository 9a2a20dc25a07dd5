//! Transfers (GDPR chapter V) and the contract with a processor (28(3)).
//!
//! The questions stand in their order: is it a transfer at all; is there adequacy, in scope and in
//! time; is there an Art. 46 tool with a live assessment and effective measures; is it an occasion of
//! Art. 49. All of it is known from the recipient, so the rules depend on the request alone. Reach of
//! foreign laws is another question and another policy.

mod manifest;
mod reasons;
mod tool;

use garant_plugin_sdk::prelude::*;

/// The settings, which are the policy.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Transfer {
    /// Whether a positive assessment lets an importer that needs clear text receive data.
    accept_positive_assessment: bool,
    /// Whether derogations for single occasions (Art. 49) may be relied on.
    accept_derogations: bool,
}

impl Default for Transfer {
    fn default() -> Self {
        Self { accept_positive_assessment: true, accept_derogations: true }
    }
}

impl Policy for Transfer {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn plan(&self, ctx: &Context) -> Result<Plan, String> {
        if ctx.flag("recipient.present") == Some(false) {
            return Ok(Plan::new().rule(Rule::allow(Cond::always()).code("TRF-01")));
        }
        let country = ctx.text("recipient.country").unwrap_or_default();
        let in_eea = ctx
            .table("territories")?
            .rows()
            .any(|row| row.text("iso") == Some(country) && row.text("area") == Some("EEA"));
        let plan = match ctx.text("recipient.role") {
            // People may have their own data wherever they are: nobody else imports it.
            Some("data_subject") => return Ok(Plan::new().rule(Rule::allow(Cond::always()).code("TRF-05"))),
            Some("same_controller") => return Ok(same_controller(in_eea)),
            Some("authority") if !in_eea => {
                let order = Rule::refuse(Cond::always()).code("TRF-25").alarm("third-country-order").task("art-48");
                return Ok(Plan::new().rule(order));
            }
            Some("processor" | "sub_processor") => Plan::new().rule(contract(ctx)),
            _ => Plan::new(),
        };
        let decided =
            if in_eea { vec![Rule::allow(Cond::always()).code("TRF-01")] } else { self.third_country(ctx, country)? };
        Ok(plan.rules(decided))
    }
}

impl Transfer {
    fn third_country(&self, ctx: &Context, country: &str) -> Result<Vec<Rule>, String> {
        let adequacy = ctx.table("adequacy")?.find("iso", country);
        let in_scope = ctx.flag("recipient.adequacy_scope_ok") == Some(true);
        let in_framework = ctx.flag("recipient.dpf_active") == Some(true);
        Ok(match adequacy.and_then(|row| row.text("kind")) {
            // A decision that ends by itself names its end: the reason is the time, not the country.
            Some("whole") if adequacy.is_some_and(|row| row.text("expires").is_some()) => allow("TRF-09"),
            Some("whole") => allow("TRF-07"),
            Some("limited") if in_scope => allow("TRF-07"),
            Some("framework") if in_framework && in_scope => {
                vec![
                    Rule::allow(Cond::always()).code("TRF-12"),
                    Rule::flag(Cond::always()).code("TRF-12").task("fallback-tool"),
                ]
            }
            Some("limited") => self.tool_or(ctx, "TRF-08"),
            Some("framework") if in_framework => self.tool_or(ctx, "TRF-13"),
            Some("framework") if ctx.text("recipient.mechanism") == Some("dpf") => self.tool_or(ctx, "TRF-14"),
            Some("lapsed") => self.tool_or(ctx, "TRF-09"),
            _ if !is_country(country) => refuse("TRF-11"),
            // Where the person cannot count on the country at all, a processor lacks a tool, and
            // anybody else a ground.
            _ => match ctx.text("recipient.role") {
                Some("processor" | "sub_processor") => self.tool_or(ctx, "TRF-04"),
                _ => self.tool_or(ctx, "TRF-11"),
            },
        })
    }

    /// The Art. 46 tool or the derogation that is registered; without one, refused with the code.
    fn tool_or(&self, ctx: &Context, code: &str) -> Vec<Rule> {
        tool::rules(self, ctx).unwrap_or_else(|| refuse(code))
    }
}

/// An employee on a trip is no importer (EDPB 05/2021), but security stays due.
fn same_controller(in_eea: bool) -> Plan {
    let plan = Plan::new().rule(Rule::allow(Cond::always()).code("TRF-03"));
    if in_eea { plan } else { plan.rule(Rule::flag(Cond::always()).code("TRF-03").task("remote-access-security")) }
}

/// A processor, inside the EU too, needs a contract that is alive.
fn contract(ctx: &Context) -> Rule {
    let expired = match ctx.date("recipient.contract_until") {
        Some(until) => literal(until).lt(today()),
        None => Cond::always(),
    };
    Rule::refuse(expired).code("TRF-29")
}

pub(crate) fn allow(code: &str) -> Vec<Rule> {
    vec![Rule::allow(Cond::always()).code(code)]
}

pub(crate) fn refuse(code: &str) -> Vec<Rule> {
    vec![Rule::refuse(Cond::always()).code(code)]
}

/// Two capital letters; organisations with an adequacy decision of their own are found in its table.
fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

export_policy!(Transfer);
