//! The cases of this policy, run natively, and what the test kit finds in policies that break the
//! agreement between plan and judge.

use std::sync::atomic::{AtomicUsize, Ordering};

use garant_example_health_notes::HealthNotes;
use garant_plugin_sdk::prelude::*;
use garant_plugin_testkit::{Native, load_cases, run};

#[test]
fn cases() {
    run::<HealthNotes>(env!("CARGO_MANIFEST_DIR"));
}

/// How often the chancy judge was asked.
static ASKED: AtomicUsize = AtomicUsize::new(0);

/// Judges badly, in the way that the setting says.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Bad {
    how: String,
}

impl Policy for Bad {
    fn manifest() -> Manifest {
        HealthNotes::manifest()
    }

    fn plan(&self, _: &Context) -> Result<Plan, String> {
        let given = || all::<Cond>([]);
        let mut verdicts = vec![Rule::mask(given(), free_text()).code("HEALTH-01")];
        if self.how == "never given" {
            verdicts.push(Rule::mask(given(), free_text()).code("HEALTH-02"));
        }
        Ok(Plan::new().judge([field("note")], verdicts))
    }

    fn judge(&self, _: &Context, columns: &Columns) -> Result<Vec<u8>, String> {
        let rows = columns.rows();
        match self.how.as_str() {
            "not announced" => Ok(vec![2; rows]),
            "too many" => Ok(vec![0; rows + 1]),
            "by place" => Ok((0..rows).map(|row| u8::from(row > 0)).collect()),
            "by chance" => Ok(vec![u8::from(ASKED.fetch_add(1, Ordering::Relaxed).is_multiple_of(2)); rows]),
            "no empty page" if rows == 0 => Err("nothing to judge".to_owned()),
            "another column" => columns.texts("body").map(|_| vec![0; rows]),
            _ => Ok(vec![1; rows]),
        }
    }
}

#[test]
fn a_plan_and_a_judge_that_disagree_are_caught() {
    for (how, part) in [
        ("not announced", "gives verdict 2, and `plan` announced 1"),
        ("too many", "gives 2 verdicts for 1 records"),
        ("by place", "a verdict may depend on its record only"),
        ("by chance", "when asked again"),
        ("no empty page", "on a page without records: `plan` asks to judge and `judge` fails: nothing to judge"),
        ("never given", "announces HEALTH-02"),
        ("another column", "no column `body`"),
    ] {
        let mut cases = load_cases(concat!(env!("CARGO_MANIFEST_DIR"), "/cases/deal.toml")).expect("the cases");
        cases.iter_mut().for_each(|case| {
            case.settings.insert("how".to_owned(), how.into());
        });
        let native = Native::<Bad>::new();
        let alone = native.decide(cases.first().expect("a case")).err();
        let found = alone.into_iter().chain(native.disagreements(&cases)).collect::<Vec<_>>().join("\n");
        assert!(found.contains(part), "{how}: expected `{part}` in:\n{found}");
    }
}
