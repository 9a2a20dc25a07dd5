//! Free text that smells of health: looked at word by word, since a rule cannot read a text. The words
//! are a hint for a person who looks again, not a diagnosis.

use garant_plugin_sdk::prelude::*;

/// The fields that are read, by entity: the free texts of the standard catalogue.
fn fields(entity: &str) -> &'static [&'static str] {
    match entity {
        "activity" => &["subject_line", "body"],
        "deal" => &["note"],
        _ => &[],
    }
}

/// Asks to look at the free texts of an entity that has some. What may be masked so cannot be filtered
/// or ordered by, so the line by which an activity is found is read and stays.
pub(crate) fn watched(plan: Plan, entity: &str) -> Plan {
    let verdict = |name| Rule::mask(Cond::always(), named(name)).code("SPE-10").task("free-text-quarantine");
    match entity {
        "activity" => plan.judge([field("subject_line"), field("body")], [verdict("body")]),
        "deal" => plan.judge([field("note")], [verdict("note")]),
        _ => plan,
    }
}

/// One byte a record: 1 where a word begins like one of the terms.
///
/// # Errors
/// When a column is missing.
pub(crate) fn judge(terms: &[String], entity: &str, columns: &Columns) -> Result<Vec<u8>, String> {
    let terms: Vec<String> = terms.iter().map(|term| term.to_lowercase()).collect();
    let mut verdicts = vec![0; columns.rows()];
    for name in fields(entity) {
        for (verdict, text) in verdicts.iter_mut().zip(columns.texts(name)?) {
            if text.is_some_and(|text| smells(&terms, text)) {
                *verdict = 1;
            }
        }
    }
    Ok(verdicts)
}

fn smells(terms: &[String], text: &str) -> bool {
    let text = text.to_lowercase();
    let words = || text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    terms.iter().any(|term| match term.contains(' ') {
        true => text.contains(term.as_str()),
        false => words().any(|word| word.starts_with(term.as_str())),
    })
}

#[cfg(test)]
mod tests {
    use super::smells;

    #[test]
    fn words_smell_by_their_beginning() {
        let terms = ["diabet", "enceinte", "arrêt maladie"].map(str::to_owned).to_vec();
        for text in ["Is DIABETIC", "elle est enceinte.", "en arrêt maladie depuis mai", "diabetes"] {
            assert!(smells(&terms, text), "{text}");
        }
        for text in ["", "prediabetic", "arrêt de travail", "haut-parleur"] {
            assert!(!smells(&terms, text), "{text}");
        }
    }
}
