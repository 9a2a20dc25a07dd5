//! Periods that a statute sets, by the country whose law we are under: rows of a table, as of the day.

use garant_plugin_sdk::prelude::*;

use crate::{ArchivePurpose, Retention};

/// For how long an archive purpose may read.
pub(crate) struct Months {
    pub months: i32,
    /// The table has no row for the country: the strictest one of all is taken.
    pub unruled: bool,
}

impl Retention {
    /// # Errors
    /// When the host gave no table of statutes, or one whose months do not read.
    pub(crate) fn months_of(&self, archive: &ArchivePurpose, ctx: &Context) -> Result<Months, String> {
        if archive.statute.is_empty() {
            return Ok(Months { months: archive.months, unruled: false });
        }
        let mut all: Vec<(Option<&str>, i32)> = vec![];
        for row in ctx.table("retention_law")?.rows().filter(|row| row.text("record") == Some(&archive.statute)) {
            let months = row.text("months").unwrap_or_default();
            let months = months.parse().map_err(|_| format!("retention_law: `{months}` are no months"))?;
            all.push((row.text("country"), months));
        }
        let own = all.iter().find(|(country, _)| *country == Some(self.statute_country.as_str()));
        let strictest = all.iter().map(|(_, months)| *months).min();
        Ok(match own {
            Some((_, months)) => Months { months: *months, unruled: false },
            // Nothing at all is known: what the settings say is the most that there is.
            None => Months { months: strictest.unwrap_or(archive.months).min(archive.months), unruled: true },
        })
    }
}
