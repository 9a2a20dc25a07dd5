//! Which law reaches whom: rows of a table, as of the day of the request.

use garant_plugin_sdk::prelude::*;

/// The tables.
pub(crate) struct Laws<'a> {
    territories: Table<'a>,
    reach: Table<'a>,
}

/// A country in the eyes of this policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the European Economic Area.
    Inside,
    /// Its law reaches whoever is under it.
    Reaching(Law),
    /// Outside, and the table says nothing of its law.
    Outside,
    /// No country is known.
    Unknown,
}

/// What the statutes of a country amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Law {
    /// The CLOUD Act.
    pub cloud_act: bool,
    /// People have no guarantees against it that would do.
    pub lawless: bool,
    /// It reaches providers of communications and remote computing alone.
    pub providers_only: bool,
}

impl<'a> Laws<'a> {
    pub(crate) fn of(ctx: &'a Context) -> Result<Self, String> {
        Ok(Self { territories: ctx.table("territories")?, reach: ctx.table("reach_laws")? })
    }

    pub(crate) fn place(&self, country: Option<&str>) -> Place {
        let Some(country) = country.map(standard) else { return Place::Unknown };
        if self.territories.find("iso", country).and_then(|row| row.text("area")) == Some("EEA") {
            return Place::Inside;
        }
        let rows = || self.reach.rows().filter(|row| row.text("iso") == Some(country));
        if rows().next().is_none() {
            // The seat of an international organisation is under nobody's order.
            return if country == "EPO" { Place::Inside } else { Place::Outside };
        }
        Place::Reaching(Law {
            cloud_act: rows().any(|row| row.text("family") == Some("cloud-act")),
            // One statute without guarantees is enough.
            lawless: rows().any(|row| row.text("guarantees") == Some("none")),
            providers_only: rows().all(|row| row.text("catches") == Some("providers")),
        })
    }
}

/// Eurostat writes two countries otherwise than ISO 3166.
fn standard(code: &str) -> &str {
    match code {
        "EL" => "GR",
        "UK" => "GB",
        other => other,
    }
}
