//! An example policy that judges: free text that smells of health (Art. 9 GDPR) is masked for all but
//! some roles, and they cannot write such text either.
//!
//! No rule can look for words in a text, so the plan asks the host for the texts themselves, as
//! columns over a whole page, and [`Policy::judge`] answers with one byte a record.

use garant_plugin_sdk::prelude::*;

/// The settings.
#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HealthNotes {
    /// Beginnings of words that tell of health, in small letters.
    words: Vec<String>,
    /// Roles that may read and write them.
    roles: Vec<String>,
}

const WORDS: [&str; 14] = [
    "cancer", "chemo", "chimio", "diabet", "diabèt", "disab", "handicap", "hospital", "hôpital", "illness", "maladie",
    "pregnan", "enceinte", "surgery",
];

impl Default for HealthNotes {
    fn default() -> Self {
        Self { words: WORDS.map(str::to_owned).to_vec(), roles: vec!["dpo".to_owned()] }
    }
}

impl HealthNotes {
    fn tells_of_health(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        words.any(|word| self.words.iter().any(|begin| !begin.is_empty() && word.starts_with(begin.as_str())))
    }
}

impl Policy for HealthNotes {
    fn manifest() -> Manifest {
        Manifest::new("health-notes", env!("CARGO_PKG_VERSION"))
            .title("Health in notes", "Santé dans les notes")
            .summary(
                "Free text that tells of somebody's health is masked, and is not written either.",
                "Le texte libre qui révèle la santé d'une personne est masqué et ne peut pas être saisi.",
            )
            .hooks([Hook::Read, Hook::Transfer, Hook::Write])
            .entities(["activity", "deal"])
            .fields(["subject_line", "body", "note"])
            .attributes(["actor.role"])
            .settings(&Settings::new([
                texts("words", WORDS).title("Words", "Mots").help(
                    "Beginnings of words that tell of health, in small letters.",
                    "Débuts de mots qui révèlent la santé, en minuscules.",
                ),
                texts("roles", ["dpo"])
                    .title("Roles", "Rôles")
                    .help("Roles that may read and write them.", "Rôles qui peuvent les lire et les saisir."),
            ]))
            .reasons([
                reason("HEALTH-01", "GDPR 9(1)")
                    .title("Health in free text", "Santé dans un texte libre")
                    .message(
                        "The text tells of this person's health, so it is not shown.",
                        "Le texte révèle la santé de cette personne ; il n'est pas affiché.",
                    )
                    .remedy(
                        "Ask the DPO to remove what is not needed from the text.",
                        "Demandez au DPO de retirer du texte ce qui n'est pas nécessaire.",
                    ),
                reason("HEALTH-02", "GDPR 5(1)(c), 9(1)")
                    .title("No health in free text", "Pas de santé en texte libre")
                    .message(
                        "The text tells of this person's health, and notes are no place for it.",
                        "Le texte révèle la santé de cette personne ; une note n'est pas le lieu pour cela.",
                    )
                    .remedy("Leave the health out of the text.", "Retirez du texte ce qui concerne la santé."),
            ])
    }

    fn plan(&self, ctx: &Context) -> Result<Plan, String> {
        if self.roles.iter().any(|role| ctx.text("actor.role") == Some(role)) {
            return Ok(Plan::new());
        }
        // What a verdict does has no condition of its own: `judge` says where it holds.
        let given = all::<Cond>([]);
        let verdict = match ctx.hook {
            Hook::Write => Rule::reject(given, free_text()).code("HEALTH-02"),
            _ => Rule::mask(given, free_text()).code("HEALTH-01"),
        };
        Ok(match ctx.entity.as_str() {
            "activity" => Plan::new().judge([field("subject_line"), field("body")], [verdict]),
            _ => Plan::new().judge([field("note")], [verdict]),
        })
    }

    fn judge(&self, ctx: &Context, columns: &Columns) -> Result<Vec<u8>, String> {
        let mut verdicts = vec![0; columns.rows()];
        let texts: &[&str] = if ctx.entity == "activity" { &["subject_line", "body"] } else { &["note"] };
        for name in texts {
            for (verdict, text) in verdicts.iter_mut().zip(columns.texts(name)?) {
                if text.is_some_and(|text| self.tells_of_health(text)) {
                    *verdict = 1;
                }
            }
        }
        Ok(verdicts)
    }
}

export_policy!(HealthNotes);
