//! Who may act for the purpose, and on whose behalf: known from the request alone.

use garant_plugin_sdk::prelude::*;

use crate::{Purpose, refuse};

/// The purpose is alive, mapped to roles of which the actor has one, and its basis is documented.
pub(crate) fn purpose(policy: &Purpose, basis: &str, ctx: &Context) -> Vec<Rule> {
    let mut rules = vec![];
    let from = ctx.date("purpose.valid_from").map(|from| today().lt(from));
    let until = ctx.date("purpose.valid_until").map(|until| today().gt(until));
    rules.extend(from.into_iter().chain(until).map(|outside| Rule::refuse(outside).code("PUR-03")));
    match (ctx.text("actor.role"), ctx.text("purpose.roles")) {
        (Some(role), Some(roles)) if roles.split_whitespace().any(|allowed| allowed == role) => {}
        (Some(_), Some(_)) => rules.push(refuse("PUR-09")),
        // An actor or a purpose that was mapped to nothing.
        _ => rules.push(refuse("SYS-01")),
    }
    let passed = ctx.text("purpose.balancing_test") == Some("passed");
    if basis == "A6-1-f" && policy.balancing_test_required && !passed {
        rules.push(refuse("PUR-12"));
    }
    rules
}

/// A processor acts for the purposes of its instructions and never for its own; a controller needs a
/// basis of its own, a joint one an arrangement that is alive.
pub(crate) fn recipient(key: &str, ctx: &Context) -> Vec<Rule> {
    if ctx.flag("recipient.present") == Some(false) {
        return vec![];
    }
    let listed = ctx.text("recipient.purposes").unwrap_or_default();
    let instructed = listed.split_whitespace().any(|purpose| covers(purpose, key));
    match ctx.text("recipient.role") {
        Some("processor" | "sub_processor") if !instructed => vec![refuse("PUR-10")],
        Some("controller") if !instructed || !has_basis(ctx) => vec![refuse("PUR-16")],
        Some("joint_controller") => {
            let ended = ctx.date("recipient.arrangement_until").map_or_else(Cond::always, |last| today().gt(last));
            vec![Rule::refuse(if instructed { ended } else { Cond::always() }).code("PUR-16")]
        }
        Some(_) => vec![],
        None => vec![refuse("SYS-01")],
    }
}

fn has_basis(ctx: &Context) -> bool {
    ctx.text("recipient.own_basis").is_some_and(|basis| basis.starts_with("A6-1-"))
}
