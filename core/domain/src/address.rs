//! Addresses and numbers in the one form in which two contacts can be seen to share them: an objection
//! to an e-mail address concerns everybody who is reached there, however each of them wrote it down.
//!
//! The form errs on the side of sharing: one contact too many left alone is a smaller harm than one
//! person written to who said no. It is for comparing, never for writing or calling.

use crate::catalog::{Entity, Field};

/// Digits of a number that tell it apart: what is left of it without country code and trunk prefix.
const SIGNIFICANT: usize = 9;
/// Fewer digits are an extension, or no number at all.
const FEWEST: usize = 6;

/// What reaches a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AddressKind {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
}

impl AddressKind {
    /// The kind that a field holds, if it holds one.
    #[must_use]
    pub fn of(field: &Field) -> Option<Self> {
        match field.channel.as_deref() {
            Some("email") => Some(Self::Email),
            Some("phone") => Some(Self::Phone),
            _ => None,
        }
    }

    /// A short name, which keys begin with.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }

    /// Whether what a person says about a channel concerns this address: all channels do.
    #[must_use]
    pub fn serves(self, channel: &str) -> bool {
        match channel {
            crate::consent::ANY_CHANNEL => true,
            "email" => self == Self::Email,
            "sms" | "call" => self == Self::Phone,
            _ => false,
        }
    }

    /// The form in which the address compares; `None` for a text that is none.
    #[must_use]
    pub fn normalise(self, text: &str) -> Option<String> {
        match self {
            Self::Email => email(text),
            Self::Phone => phone(text),
        }
    }
}

/// The fields of an entity that hold addresses.
pub fn fields(entity: &Entity) -> impl Iterator<Item = (&Field, AddressKind)> {
    entity.fields.iter().filter_map(|field| Some((field, AddressKind::of(field)?)))
}

/// Without regard to case, in the local part too: no provider of note tells two people apart by it.
fn email(text: &str) -> Option<String> {
    let folded = text.trim().to_lowercase();
    let (local, host) = folded.rsplit_once('@')?;
    (!local.is_empty() && !host.is_empty() && !folded.contains(char::is_whitespace)).then_some(folded)
}

/// The last digits, up to an extension: `+33 6 12 34 56 78`, `0033612345678` and `06.12.34.56.78` are one
/// number.
fn phone(text: &str) -> Option<String> {
    let mut digits = String::new();
    for letter in text.chars() {
        if let Some(digit) = letter.to_digit(10) {
            digits.push(char::from_digit(digit, 10)?);
        } else if digits.len() >= FEWEST && (letter.is_alphabetic() || matches!(letter, '#' | ';' | ',')) {
            break;
        }
    }
    (digits.len() >= FEWEST).then(|| digits.split_off(digits.len().saturating_sub(SIGNIFICANT)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same(kind: AddressKind, texts: &[&str]) {
        let forms: Vec<Option<String>> = texts.iter().map(|text| kind.normalise(text)).collect();
        assert!(forms.iter().all(|form| form.is_some() && *form == forms[0]), "{texts:?}: {forms:?}");
    }

    #[test]
    fn one_address_has_one_form() {
        same(AddressKind::Email, &["Ada@Example.org", " ada@example.org ", "ADA@EXAMPLE.ORG"]);
        same(AddressKind::Phone, &["+33 6 12 34 56 78", "0033612345678", "06.12.34.56.78", "(+33) 0612-345678"]);
        same(AddressKind::Phone, &["+44 (0)20 7946 0958", "020 7946 0958"]);
        same(AddressKind::Phone, &["001-496-978-3969x58947", "(496)978-3969", "496 978 3969 ext. 12"]);
    }

    #[test]
    fn others_have_others() {
        let differ = |kind: AddressKind, a: &str, b: &str| assert_ne!(kind.normalise(a), kind.normalise(b), "{a} {b}");
        differ(AddressKind::Email, "ada@example.org", "bea@example.org");
        differ(AddressKind::Email, "ada@example.org", "ada@example.com");
        differ(AddressKind::Phone, "06 12 34 56 78", "06 12 34 56 79");
    }

    #[test]
    fn what_is_no_address_has_none() {
        for text in ["", "  ", "ada", "@example.org", "ada@", "ada b@example.org"] {
            assert_eq!(AddressKind::Email.normalise(text), None, "{text}");
        }
        for text in ["", "12345", "call me", "n/a", "ext. 12"] {
            assert_eq!(AddressKind::Phone.normalise(text), None, "{text}");
        }
    }

    #[test]
    fn a_channel_is_served_by_its_address() {
        for (channel, email, phone) in [
            ("any", true, true),
            ("email", true, false),
            ("sms", false, true),
            ("call", false, true),
            ("post", false, false),
        ] {
            assert_eq!(
                (AddressKind::Email.serves(channel), AddressKind::Phone.serves(channel)),
                (email, phone),
                "{channel}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_form_is_its_own_form(text in "\\PC{0,40}") {
            for kind in [AddressKind::Email, AddressKind::Phone] {
                if let Some(form) = kind.normalise(&text) {
                    prop_assert_eq!(kind.normalise(&form), Some(form));
                }
            }
        }
    }
}
