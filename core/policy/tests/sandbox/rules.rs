//! Rules that may not be obeyed.

use garant_domain::rule::{CompareOp, Effect as DomainEffect, Expr, Hook, Term};
use garant_domain::value::Value;
use garant_policy::{PlanRequest, PluginError};

use crate::guest::{Guest, configure, engine, hide_unless_french, read};
use crate::image::{Effect, Node, Plan, Rule, Selector};

async fn refused(rule: Rule) -> PluginError {
    Guest::with_rule(rule).decide(&engine()).await.unwrap_err()
}

#[tokio::test]
async fn an_honest_rule_arrives_as_it_was_meant() {
    let plan = Guest::default().decide(&engine()).await.unwrap();
    let rule = &plan.rules[0];
    let (country, french) = (Term::Field("country".to_owned()), Term::Literal(Value::text("FR")));
    assert_eq!(rule.when, Expr::Compare(CompareOp::Eq, country, french));
    assert_eq!((rule.effect, rule.code.as_str()), (DomainEffect::Hide, "TST-01"));
}

#[tokio::test]
async fn what_is_not_declared_is_not_touched() {
    let with = |when| Rule { when, ..hide_unless_french() };
    let undeclared = |what, name: &str| PluginError::Undeclared { what, name: name.to_owned() };

    let error = refused(with(vec![Node::Field("last_name"), Node::Text("X"), Node::Eq])).await;
    assert_eq!(error, undeclared("field", "last_name"));
    let error = refused(with(vec![Node::Fact("subject.restricted", vec![])])).await;
    assert_eq!(error, undeclared("fact", "subject.restricted"));
    let error = refused(with(vec![Node::Context("ctx.recipient.id"), Node::Text("r"), Node::Eq])).await;
    assert_eq!(error, undeclared("context attribute", "ctx.recipient.id"));
    let mask = Rule { effect: Effect::Mask, target: vec![Selector::Field("phone")], ..hide_unless_french() };
    assert_eq!(refused(mask).await, undeclared("field", "phone"));
}

#[tokio::test]
async fn rules_that_do_not_type_check_spoil_the_plan() {
    let conditions = [
        vec![Node::Field("country"), Node::Integer(1), Node::Eq],
        vec![Node::Field("country")],
        vec![Node::Eq],
        vec![Node::Field("country"), Node::Field("country")],
        vec![Node::All(4_000_000_000)],
        vec![Node::Fact("consent.status", vec!["marketing"]), Node::Text("given"), Node::Eq],
    ];
    for when in conditions {
        let error = refused(Rule { when, ..hide_unless_french() }).await;
        assert_eq!(error.code(), "BAD_RULE", "{error}");
    }
}

/// What several rules ask is checked where it is said, and cannot unfold into more than a rule may be.
#[tokio::test]
async fn shared_conditions_are_held_to_what_rules_are() {
    let french = || vec![Node::Field("country"), Node::Text("FR"), Node::Eq];
    let with = |shared: Vec<Vec<Node>>, when| Guest {
        plan: Plan { shared, rules: vec![Rule { when, ..hide_unless_french() }], ..Plan::default() },
        ..Guest::default()
    };
    let plan = with(vec![french()], vec![Node::Shared(0)]).decide(&engine()).await.unwrap();
    assert!(matches!(&plan.rules[0].when, Expr::Shared(inner) if matches!(**inner, Expr::Compare(..))));

    let mut unfolding = vec![french()];
    unfolding.extend((0..20).map(|place| vec![Node::Shared(place), Node::Shared(place), Node::All(2)]));
    let refused = [
        with(vec![], vec![Node::Shared(0)]),
        with(vec![vec![Node::Shared(0)]], vec![Node::Shared(0)]),
        with(vec![vec![Node::Field("country")]], vec![Node::Shared(0)]),
        with(unfolding, vec![Node::Shared(20)]),
    ];
    for guest in refused {
        let error = guest.decide(&engine()).await.unwrap_err();
        assert_eq!(error.code(), "BAD_RULE", "{error}");
    }
    let secret = with(vec![vec![Node::Field("last_name"), Node::Text("X"), Node::Eq]], vec![Node::Shared(0)]);
    let error = secret.decide(&engine()).await.unwrap_err();
    assert_eq!(error, PluginError::Undeclared { what: "field", name: "last_name".to_owned() });
    let many = with((0..2_001).map(|_| french()).collect(), vec![Node::Shared(0)]);
    assert_eq!(many.decide(&engine()).await.unwrap_err().code(), "TOO_MANY_RULES");
}

#[tokio::test]
async fn a_code_without_a_reason_is_refused() {
    let error = refused(Rule { code: "XYZ", ..hide_unless_french() }).await;
    assert!(error.to_string().contains("XYZ"), "{error}");
    assert_eq!(error.code(), "BAD_RULE");
}

#[tokio::test]
async fn targets_must_mean_something() {
    let error = refused(Rule { target: vec![], ..hide_unless_french() }).await;
    assert_eq!(error.code(), "BAD_RULE");
    let error = refused(Rule { effect: Effect::Mask, ..hide_unless_french() }).await;
    assert!(error.to_string().contains("needs fields"), "{error}");
}

#[tokio::test]
async fn refuse_may_depend_on_the_context_alone() {
    let error = refused(Rule { effect: Effect::Refuse, ..hide_unless_french() }).await;
    assert_eq!(error.code(), "BAD_RULE");
    let fact = vec![Node::Fact("subject.country", vec![]), Node::Text("FR"), Node::Eq];
    let error = refused(Rule { effect: Effect::Refuse, when: fact, ..hide_unless_french() }).await;
    assert_eq!(error.code(), "BAD_RULE");

    let when = vec![Node::Context("ctx.actor.id"), Node::Text("u1"), Node::Eq];
    let rule = Rule { effect: Effect::Refuse, when, ..hide_unless_french() };
    assert!(Guest::with_rule(rule).decide(&engine()).await.is_ok());
}

#[tokio::test]
async fn each_hook_has_its_effects() {
    use Effect::{Erase, Flag, Hide, Mask, Refuse, Reject};
    let legal = [
        (Hook::Read, vec![Flag, Mask, Hide, Refuse]),
        (Hook::Transfer, vec![Flag, Mask, Hide, Refuse]),
        (Hook::Write, vec![Flag, Refuse, Reject]),
        (Hook::Retention, vec![Flag, Erase]),
    ];
    for effect in [Flag, Mask, Hide, Refuse, Reject, Erase] {
        let target = vec![if matches!(effect, Mask) { Selector::Personal } else { Selector::Row }];
        let guest = Guest::with_rule(Rule { when: vec![], effect, target, code: "TST-01" });
        let plugin = guest.load(&engine()).await.unwrap();
        let configured = configure(&plugin).await.unwrap();
        for (hook, effects) in &legal {
            let answer = plugin.plan(&configured, &PlanRequest { hook: *hook, ..read("marketing") }).await;
            let expected = effects.iter().any(|legal| *legal as u32 == effect as u32);
            assert_eq!(answer.is_ok(), expected, "effect {} at {hook:?}: {answer:?}", effect as u32);
        }
    }
}
