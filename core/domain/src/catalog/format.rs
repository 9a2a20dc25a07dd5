//! How texts of some fields must be written, so that what is kept is what it says it is.

use serde::{Deserialize, Serialize};
use url::Url;

/// The longest address of any kind, in bytes.
const LONGEST: usize = 1_000;
/// Digits of a telephone number (E.164 has 15 at most; extensions follow).
const DIGITS: std::ops::RangeInclusive<usize> = 3..=20;

/// Codes of ISO 4217 that are in use, without those of funds, metals and tests.
const CURRENCIES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN \
    BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ \
    GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL \
    LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN \
    PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD \
    TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// How a text must be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextFormat {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
    /// A currency of ISO 4217.
    Currency,
}

impl TextFormat {
    /// Whether a text is written so. It errs on the side of taking what people write.
    #[must_use]
    pub fn admits(self, text: &str) -> bool {
        if text.is_empty() || text.len() > LONGEST || text.chars().any(char::is_control) {
            return false;
        }
        match self {
            Self::Email => is_email(text),
            Self::Phone => is_phone(text),
            Self::Url => Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()),
            Self::Currency => text.len() == 3 && CURRENCIES.split(' ').any(|code| code == text),
        }
    }

    /// What is expected, for messages.
    #[must_use]
    pub fn expected(self) -> &'static str {
        match self {
            Self::Email => "an e-mail address such as ada@example.org",
            Self::Phone => "a telephone number such as +33 1 23 45 67 89",
            Self::Url => "a web address such as https://example.org/",
            Self::Currency => "a currency of ISO 4217 such as EUR",
        }
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let labels = domain.split('.').all(|label| !label.is_empty());
    !local.is_empty() && domain.contains('.') && labels && !text.contains(char::is_whitespace)
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    DIGITS.contains(&digits) && text.chars().all(|c| c.is_ascii_digit() || " +-./()x#".contains(c))
}

/// Some keys of a selection as one text: each once, in the order of the selection. Nothing for none, and
/// for a key that the selection does not have.
#[must_use]
pub fn chosen(keys: &[String], named: &[&str]) -> Option<String> {
    let known = named.iter().all(|name| keys.iter().any(|key| key == name));
    let chosen: Vec<&str> = keys.iter().map(String::as_str).filter(|key| named.contains(key)).collect();
    (known && !chosen.is_empty()).then(|| chosen.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_taken_and_what_is_none_is_not() {
        for (format, good, bad) in [
            (
                TextFormat::Email,
                &["ada@example.org", "o'neil+x@a.b.co"][..],
                &["ada", "@a.b", "a b@c.de", "a@b", "a@b..c"][..],
            ),
            (TextFormat::Phone, &["+33 1 23 45 67 89", "(030) 123-456 x7"], &["12", "call me", "+"]),
            (
                TextFormat::Url,
                &["https://example.org", "http://a.b/c?d#e"],
                &["example.org", "javascript:alert(1)", "https://"],
            ),
            (TextFormat::Currency, &["EUR", "JPY"], &["eur", "EURO", "XXX", "US "]),
        ] {
            assert!(good.iter().all(|text| format.admits(text)), "{format:?}");
            assert!(!bad.iter().any(|text| format.admits(text)), "{format:?}");
        }
    }

    #[test]
    fn a_choice_has_one_form() {
        let keys = ["red", "green", "blue"].map(str::to_owned);
        assert_eq!(chosen(&keys, &["blue", "red", "blue"]).as_deref(), Some("red blue"));
        assert_eq!(chosen(&keys, &["mauve"]), None);
        assert_eq!(chosen(&keys, &[]), None);
    }
}
