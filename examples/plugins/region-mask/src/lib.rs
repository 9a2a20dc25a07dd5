//! An example policy: people of some roles see e-mail and phone only of contacts in their region.

use garant_plugin_sdk::prelude::*;

/// The settings, which are the policy.
#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RegionMask {
    /// Roles that are bound to a region.
    roles: Vec<String>,
    /// ISO 3166 countries of the region.
    countries: Vec<String>,
}

impl Default for RegionMask {
    fn default() -> Self {
        Self { roles: vec!["sales".to_owned()], countries: vec!["FR".to_owned(), "BE".to_owned()] }
    }
}

impl Policy for RegionMask {
    fn manifest() -> Manifest {
        Manifest::new("region-mask", env!("CARGO_PKG_VERSION"))
            .title("Regional contacts", "Contacts par région")
            .summary(
                "Some roles see e-mail and phone only of contacts in their region.",
                "Certains rôles ne voient le courriel et le téléphone que des contacts de leur région.",
            )
            .entities(["contact"])
            .facts(["subject.country"])
            .attributes(["actor.role"])
            .settings(&Settings::new([
                texts("roles", ["sales"])
                    .title("Roles", "Rôles")
                    .help("Roles that are bound to a region.", "Rôles limités à une région."),
                texts("countries", ["FR", "BE"])
                    .title("Countries", "Pays")
                    .help("Countries of the region (ISO 3166).", "Pays de la région (ISO 3166)."),
            ]))
            .reasons([reason("REGION-01", "GDPR 25(2), 32(4)")
                .title("Outside the region", "Hors région")
                .message(
                    "This contact lives outside the region of your role, or its country is unknown.",
                    "Ce contact réside hors de la région de votre rôle, ou son pays est inconnu.",
                )
                .remedy("Ask a colleague of that region.", "Demandez à un collègue de cette région.")])
    }

    fn problems(&self) -> Vec<Problem> {
        let wrong = |country: &&String| country.len() != 2;
        let say = |country: &String| {
            Problem::new("/countries", format!("`{country}` is no ISO 3166 code"), "use two letters, such as FR")
        };
        self.countries.iter().filter(wrong).map(say).collect()
    }

    fn plan(&self, ctx: &Context) -> Result<Plan, String> {
        if !self.roles.iter().any(|role| ctx.text("actor.role") == Some(role)) {
            return Ok(Plan::new());
        }
        let outside = !fact("subject.country", []).one_of(&self.countries);
        Ok(Plan::new().rule(Rule::mask(outside, channel("email") | channel("phone")).code("REGION-01")))
    }
}

export_policy!(RegionMask);
