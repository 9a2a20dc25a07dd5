//! Whom a transfer reaches: the recipient, those whom it engages, and whoever hosts our own records. Each is
//! judged by the same questions, so each is told in the same words.

use garant_plugin_sdk::prelude::*;

/// Where it is written down what holds for a party: the register's entry of the recipient, or a row of a chain.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    Recipient(&'a Context),
    Member(Row<'a>),
}

impl<'a> Source<'a> {
    fn value(self, name: &str) -> Value {
        match self {
            Self::Recipient(ctx) => ctx.value(&format!("recipient.{name}")).clone(),
            Self::Member(row) => row.value(name),
        }
    }

    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        match self {
            Self::Recipient(ctx) => ctx.text(&format!("recipient.{name}")).filter(|text| !text.is_empty()),
            Self::Member(row) => row.text(name),
        }
    }

    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        self.value(name).as_bool()
    }

    pub(crate) fn date(self, name: &str) -> Option<Date> {
        self.value(name).as_date()
    }
}

/// One to whom data goes.
pub(crate) struct Party<'a> {
    pub source: Source<'a>,
    /// As the register of recipients has it: whoever is engaged by a recipient is a sub-processor.
    pub role: &'a str,
    /// Where it sits and where it holds or sees the data; empty when neither is known.
    pub countries: Vec<&'a str>,
    /// Further down the chain than the one with whom we deal.
    pub onward: bool,
    /// Of the recipient's chain, so that what is given to the recipient is what it gets.
    pub of_recipient: bool,
    /// Of our own group of companies.
    pub group: bool,
}

impl<'a> Party<'a> {
    /// The recipient of the request; `None` where it is no entry of the register.
    pub(crate) fn recipient(ctx: &'a Context, chain: Table<'a>) -> Option<Self> {
        let source = Source::Recipient(ctx);
        let role = source.text("role")?;
        let itself = rows(chain, "recipient").find(|row| depth(*row) == 0);
        let seat = itself.and_then(|row| row.text("country"));
        Some(Self {
            source,
            role,
            countries: countries(source.text("country"), seat),
            onward: false,
            of_recipient: true,
            group: itself.is_some_and(|row| Source::Member(row).flag("group") == Some(true)),
        })
    }

    /// Those whom the recipient engages, and those whom they engage.
    pub(crate) fn engaged(chain: Table<'a>) -> impl Iterator<Item = Self> {
        rows(chain, "recipient").filter(|row| depth(*row) > 0).map(|row| Self::member(row, true))
    }

    /// Whoever hosts our own records, and those behind them.
    pub(crate) fn hosting(chain: Table<'a>) -> impl Iterator<Item = Self> {
        rows(chain, "hosting").map(|row| Self::member(row, false))
    }

    fn member(row: Row<'a>, of_recipient: bool) -> Self {
        let onward = depth(row) > 0;
        Self {
            source: Source::Member(row),
            role: if onward { "sub_processor" } else { "processor" },
            countries: countries(row.text("location"), row.text("country")),
            onward,
            of_recipient,
            group: Source::Member(row).flag("group") == Some(true),
        }
    }

    pub(crate) fn is_processor(&self) -> bool {
        self.role == "processor" || self.role == "sub_processor"
    }

    /// It needs no clear text, and the keys stay with us or in the Union.
    pub(crate) fn has_ciphertext_alone(&self) -> bool {
        self.source.flag("plaintext_needed") == Some(false)
            && matches!(self.source.text("key_holder"), Some("customer" | "eu_third_party"))
    }

    /// It only carries ciphertext through (EDPB use case 3).
    pub(crate) fn only_carries(&self) -> bool {
        self.onward && self.source.text("role") == Some("transit") && self.has_ciphertext_alone()
    }

    /// It only licenses software that others run; whether that sends data home.
    pub(crate) fn licence(&self) -> Option<bool> {
        let licence = self.onward && self.source.flag("licence_only") == Some(true);
        licence.then(|| self.source.flag("telemetry") != Some(false))
    }
}

/// Whether a chain is longer than the host tells.
pub(crate) fn is_cut(chain: Table<'_>, of: &str) -> bool {
    let gaps = chain.rows().filter(|row| row.text("of") == Some(of));
    gaps.into_iter().any(|row| row.text("gap") == Some("too_large"))
}

fn rows<'a>(chain: Table<'a>, of: &'static str) -> impl Iterator<Item = Row<'a>> {
    chain.rows().filter(move |row| row.text("of") == Some(of) && row.text("row") == Some("member"))
}

fn depth(row: Row<'_>) -> i64 {
    row.value("depth").as_integer().unwrap_or(i64::MAX)
}

fn countries<'a>(location: Option<&'a str>, seat: Option<&'a str>) -> Vec<&'a str> {
    let mut countries: Vec<&str> = [location, seat].into_iter().flatten().collect();
    countries.dedup();
    countries
}
