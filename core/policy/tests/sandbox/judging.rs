//! `judge`: columns in, one byte per row out.

use garant_domain::rule::Hook;
use garant_policy::{Column, ColumnData, JudgeCall, PluginError};

use crate::guest::{Guest, configure, engine, read};
use crate::image::{Effect, Judge, Plan, Selector};

const FACT: &str = "consent.status(marketing,email)";

pub fn judging(code: &'static str) -> Guest {
    let judge = Judge {
        fields: vec!["country".to_owned()],
        facts: vec![("consent.status", vec!["marketing", "email"])],
        verdicts: vec![(Effect::Mask, vec![Selector::Personal], "TST-01")],
    };
    Guest { plan: Plan { judge: Some(judge), ..Plan::default() }, ..Guest::doing(code) }
}

fn column(name: &str, values: &[Option<&str>]) -> Column {
    Column {
        name: name.to_owned(),
        present: values.iter().map(Option::is_some).collect(),
        data: ColumnData::Texts(values.iter().map(|value| value.unwrap_or("secret").to_owned()).collect()),
    }
}

fn call(columns: Vec<Column>) -> JudgeCall {
    JudgeCall {
        hook: Hook::Read,
        entity: "contact".to_owned(),
        attributes: read("marketing").attributes,
        columns,
        rows: 3,
    }
}

pub fn page() -> JudgeCall {
    call(vec![
        column("country", &[Some("FR"), None, Some("DE")]),
        column(FACT, &[Some("given"), Some("none"), Some("none")]),
    ])
}

pub async fn judge(guest: &Guest, page: JudgeCall) -> Result<Vec<u8>, PluginError> {
    let plugin = guest.load(&engine()).await?;
    let configured = configure(&plugin).await?;
    let plan = plugin.plan(&configured, &read("marketing")).await?;
    plugin.judge(&configured, plan.judge.as_ref().unwrap(), page).await
}

#[tokio::test]
async fn verdicts_come_back_row_by_row() {
    assert_eq!(judge(&judging(""), page()).await, Ok(vec![1, 0, 1]));
}

#[tokio::test]
async fn wrong_verdicts_are_refused() {
    for code in [
        include_str!("../../../testkit/guests/hostile/bad_verdict_count.wat"),
        include_str!("../../../testkit/guests/hostile/unannounced_verdict.wat"),
    ] {
        let error = judge(&judging(code), page()).await.unwrap_err();
        assert_eq!(error.code(), "BAD_VERDICT", "{error}");
    }
}

#[tokio::test]
async fn a_guest_that_saw_values_cannot_repeat_them() {
    let error =
        judge(&judging(include_str!("../../../testkit/guests/honest/quote_judge.wat")), page()).await.unwrap_err();
    assert_eq!(error.code(), "PLUGIN_SAID");
    assert!(!error.to_string().contains("FR"), "{error}");
}

#[tokio::test]
async fn columns_are_exactly_what_was_asked_for() {
    let short = call(vec![column("country", &[None]), column(FACT, &[None, None, None])]);
    let swapped = call(page().columns.into_iter().rev().collect());
    let missing = call(page().columns.into_iter().take(1).collect());
    for page in [short, swapped, missing] {
        assert_eq!(judge(&judging(""), page).await.unwrap_err().code(), "BAD_REQUEST");
    }
}

#[tokio::test]
async fn a_request_to_judge_is_checked_like_a_rule() {
    let mut undeclared = judging("");
    undeclared.plan.judge.as_mut().unwrap().fields = vec!["last_name".to_owned()];
    let mut wrong_arguments = judging("");
    wrong_arguments.plan.judge.as_mut().unwrap().facts = vec![("consent.status", vec![])];
    let mut refusing = judging("");
    refusing.plan.judge.as_mut().unwrap().verdicts = vec![(Effect::Refuse, vec![Selector::Row], "TST-01")];
    let mut silent = judging("");
    silent.plan.judge.as_mut().unwrap().verdicts = vec![];
    for (guest, code) in
        [(undeclared, "UNDECLARED"), (wrong_arguments, "BAD_RULE"), (refusing, "BAD_RULE"), (silent, "BAD_RULE")]
    {
        let error = guest.decide(&engine()).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}
