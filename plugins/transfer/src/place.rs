//! Where a party is, in the eyes of chapter V, as of the request: the tables hold the rows that
//! are valid then.

use garant_plugin_sdk::prelude::*;

use crate::party::Source;

/// Where a party is.
pub(crate) enum Place<'a> {
    /// In the European Economic Area: no transfer.
    Union,
    /// Under an adequacy decision without limits of scope.
    Adequate {
        /// The decision names its last day.
        until_known_date: bool,
    },
    /// Under an adequacy decision, inside its scope.
    AdequateInScope,
    /// An active participant of the EU-US Data Privacy Framework, with data that it covers.
    Framework,
    /// Not told, or no country.
    Unknown,
    /// Elsewhere.
    Third {
        /// ISO 3166 code.
        country: &'a str,
        /// The code of why adequacy does not help.
        why: &'static str,
    },
}

/// The tables of territories and decisions.
#[derive(Clone, Copy)]
pub(crate) struct Places<'a> {
    territories: Table<'a>,
    adequacy: Table<'a>,
}

impl<'a> Places<'a> {
    /// # Errors
    /// When the host gave no tables.
    pub(crate) fn of(ctx: &'a Context) -> Result<Self, String> {
        Ok(Self { territories: ctx.table("territories")?, adequacy: ctx.table("adequacy")? })
    }

    /// Where a party is, as to one of its countries; adequacy helps as far as its source says.
    pub(crate) fn place(self, country: &'a str, source: Source<'_>) -> Place<'a> {
        let country = standard(country);
        if self.territories.find("iso", country).and_then(|row| row.text("area")) == Some("EEA") {
            return Place::Union;
        }
        let Some(decision) = self.adequacy.find("iso", country) else {
            return if is_country(country) { Place::Third { country, why: "TRF-11" } } else { Place::Unknown };
        };
        let in_scope = source.flag("adequacy_scope_ok") == Some(true);
        let active = source.flag("dpf_active") == Some(true);
        match decision.text("kind") {
            Some("whole") => Place::Adequate { until_known_date: decision.text("expires").is_some() },
            Some("limited") if in_scope => Place::AdequateInScope,
            Some("limited") => Place::Third { country, why: "TRF-08" },
            Some("framework") if active && in_scope => Place::Framework,
            Some("framework") if active => Place::Third { country, why: "TRF-13" },
            Some("framework") => Place::Third { country, why: "TRF-14" },
            Some("lapsed") => Place::Third { country, why: "TRF-09" },
            // A kind that this policy does not know helps nobody.
            _ => Place::Third { country, why: "TRF-11" },
        }
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

/// Two letters that ISO 3166 does not leave to users for "unknown" and the like. Kosovo's `XK` is in
/// general use.
fn is_country(code: &str) -> bool {
    match code.as_bytes() {
        b"AA" | b"ZZ" => false,
        [b'Q', b'M'..=b'Z'] => code == "QA",
        [b'X', _] => code == "XK",
        [a, b] => a.is_ascii_uppercase() && b.is_ascii_uppercase(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_country;

    #[test]
    fn codes_left_to_users_are_no_countries() {
        for code in ["KE", "QA", "XK", "IN"] {
            assert!(is_country(code), "{code}");
        }
        for code in ["", "XX", "ZZ", "AA", "QZ", "ke", "Kenya", "K1"] {
            assert!(!is_country(code), "{code}");
        }
    }
}
