//! Countries: ISO 3166-1 alpha-2 codes and their English names, with the spellings that files use.
//!
//! A name is understood or it is not: nothing here guesses. Which law a country stands under is
//! reference data with dates and never lives here.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Code, alpha-3 code, name and other spellings, one country a line.
const TABLE: &str = include_str!("../reference/countries.tsv");

struct Countries {
    by_code: HashMap<&'static str, &'static str>,
    by_spelling: HashMap<String, &'static str>,
}

static COUNTRIES: LazyLock<Countries> = LazyLock::new(|| {
    let mut countries = Countries { by_code: HashMap::new(), by_spelling: HashMap::new() };
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let (Some(code), Some(alpha_3), Some(name)) = (columns.next(), columns.next(), columns.next()) else {
            continue;
        };
        let others = columns.next().unwrap_or_default().split('|').filter(|other| !other.is_empty());
        countries.by_code.insert(code, name);
        for spelling in [code, alpha_3, name].into_iter().chain(others) {
            countries.by_spelling.insert(normalise(spelling), code);
        }
    }
    countries
});

/// Whether the text is an alpha-2 code, in capitals.
#[must_use]
pub fn is_code(text: &str) -> bool {
    COUNTRIES.by_code.contains_key(text)
}

/// The English short name of an alpha-2 code.
#[must_use]
pub fn name_of(code: &str) -> Option<&'static str> {
    COUNTRIES.by_code.get(code).copied()
}

/// The alpha-2 code of an English name, an alpha-2 or an alpha-3 code. Case, accents, punctuation and
/// the article do not matter.
#[must_use]
pub fn from_name(text: &str) -> Option<&'static str> {
    COUNTRIES.by_spelling.get(&normalise(text)).copied()
}

/// All alpha-2 codes, sorted.
#[must_use]
pub fn codes() -> Vec<&'static str> {
    let mut codes: Vec<_> = COUNTRIES.by_code.keys().copied().collect();
    codes.sort_unstable();
    codes
}

fn normalise(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => plain.push(letter),
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => plain.push('a'),
            'ç' => plain.push('c'),
            'è' | 'é' | 'ê' | 'ë' => plain.push('e'),
            'ì' | 'í' | 'î' | 'ï' => plain.push('i'),
            'ñ' => plain.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' => plain.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => plain.push('u'),
            '&' => plain.push_str(" and "),
            // `U.S.A.` is `USA`; accents written apart fall away.
            '.' | '\u{300}'..='\u{36f}' => {}
            _ => plain.push(' '),
        }
    }
    plain.split_whitespace().filter(|word| *word != "the").collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_no_spelling_means_two_countries() {
        let mut seen: HashMap<String, &str> = HashMap::new();
        let lines: Vec<Vec<&str>> =
            TABLE.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect()).collect();
        assert_eq!(lines.len(), 251, "249 of ISO 3166-1, AN and XK");
        for columns in lines {
            let [code, alpha_3, name, others] = columns[..] else { panic!("four columns: {columns:?}") };
            assert_eq!((code.len(), alpha_3.len()), (2, 3), "{code}");
            for spelling in [code, alpha_3, name].into_iter().chain(others.split('|').filter(|other| !other.is_empty()))
            {
                let other = seen.insert(normalise(spelling), code);
                assert!(other.is_none_or(|other| other == code), "`{spelling}` means {code} and {other:?}");
            }
        }
    }

    #[test]
    fn codes_and_names_lead_to_each_other() {
        for code in codes() {
            let name = name_of(code).unwrap();
            assert_eq!(from_name(name), Some(code), "{name}");
            assert!(is_code(code));
        }
        assert!(!is_code("fr") && !is_code("ZZ") && !is_code(""));
        assert_eq!(name_of("ZZ"), None);
    }

    #[test]
    fn spellings_of_files_are_understood() {
        for (spelling, code) in [
            ("Macao", "MO"),
            ("Macau", "MO"),
            ("Korea", "KR"),
            ("Palestinian Territory", "PS"),
            ("Libyan Arab Jamahiriya", "LY"),
            ("Cote d'Ivoire", "CI"),
            ("Côte d\u{2019}Ivoire", "CI"),
            ("Svalbard & Jan Mayen Islands", "SJ"),
            ("Antarctica (the territory South of 60 deg S)", "AQ"),
            ("UNITED STATES OF AMERICA", "US"),
            ("U.S.A.", "US"),
            ("usa", "US"),
            ("uk", "GB"),
            ("  the  netherlands ", "NL"),
            ("Re\u{301}union", "RE"),
            ("Philipines", "PH"),
            ("Netherlands Antilles", "AN"),
        ] {
            assert_eq!(from_name(spelling), Some(code), "{spelling}");
        }
        assert_eq!(from_name("Atlantis"), None);
        assert_eq!(from_name(""), None);
    }
}
