//! Settings: the schema first, then the plugin.

use garant_domain::problem::SettingProblem;
use garant_policy::ConfigureError;

use crate::guest::{Guest, engine};

async fn problems(guest: Guest, settings: &str) -> Vec<SettingProblem> {
    let plugin = guest.load(&engine()).await.unwrap();
    match plugin.configure(settings).await {
        Err(ConfigureError::Problems(problems)) => problems,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_schema_speaks_first_and_says_how_to_mend_it() {
    let wrong = problems(Guest::default(), r#"{"days": "three"}"#).await;
    assert_eq!(wrong.len(), 1);
    assert_eq!(wrong[0].path, "/days");
    assert_eq!(wrong[0].hint, "Give a value of type \"integer\". Days to wait.");

    let low = problems(Guest::default(), r#"{"days": 0}"#).await;
    assert_eq!(low[0].hint, "Give at least 1. Days to wait.");

    let unknown = problems(Guest::default(), r#"{"dyas": 3}"#).await;
    assert_eq!((unknown[0].path.as_str(), unknown[0].hint.as_str()), ("", "Known here: days."));
}

#[tokio::test]
async fn what_is_no_object_is_no_settings() {
    for settings in ["", "[]", "{", "3"] {
        assert_eq!(problems(Guest::default(), settings).await.len(), 1, "{settings}");
    }
}

#[tokio::test]
async fn the_plugin_has_the_last_word() {
    let picky = Guest::doing(include_str!("../../../testkit/guests/honest/refuse_settings.wat"));
    let expected = SettingProblem {
        path: "/days".to_owned(),
        message: "not on a Monday".to_owned(),
        hint: "choose another day".to_owned(),
    };
    assert_eq!(problems(picky, r#"{"days": 3}"#).await, vec![expected]);
}

#[tokio::test]
async fn a_plugin_that_cannot_look_is_no_problem_of_the_settings() {
    let guest = Guest::doing(include_str!("../../../testkit/guests/hostile/huge_output.wat"));
    let error = guest.load(&engine()).await.unwrap().configure("{}").await.unwrap_err();
    assert!(matches!(error, ConfigureError::Unavailable(error) if error.code() == "OUTPUT_TOO_LARGE"));
}
