//! Phone numbers inside texts: their digits, with and without the code of their country.

use std::collections::BTreeSet;

/// Digits that a run must have to be a number that is called; a plus sign says so earlier.
const LEAST: usize = 6;
const LEAST_AFTER_PLUS: usize = 3;

/// Codes of countries with one and with two digits (ITU-T E.164); all others have three.
const ONE: [&str; 2] = ["1", "7"];
const TWO: [&str; 44] = [
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51",
    "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90",
    "91", "92", "93", "94", "95", "98",
];

/// Whether a text is nothing but a number.
pub fn is_number(text: &str) -> bool {
    text.chars().all(is_part) && called(text)
}

fn called(run: &str) -> bool {
    let least = if run.trim_start().starts_with('+') { LEAST_AFTER_PLUS } else { LEAST };
    run.bytes().filter(u8::is_ascii_digit).count() >= least
}

/// A text in pieces, each with whether it is a number: a run of digits, blanks and the signs between
/// them, from `+`, `(` or `0` on. Other runs of digits are words.
pub fn split(text: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let (mut start, mut from) = (0, 0);
    while let Some(found) = text.get(from..).and_then(|tail| tail.find(['+', '(', '0'])) {
        let at = from + found;
        let (head, tail) = text.split_at(at);
        let (run, after) = tail.split_at(tail.find(|c: char| !is_part(c)).unwrap_or(tail.len()));
        let number = run.trim_end_matches(|c: char| !c.is_ascii_digit());
        // Nothing that belongs to a word touches it.
        let begins = !head.ends_with(|c: char| c.is_alphanumeric() || c == '@');
        let ends = number.len() < run.len() || !after.starts_with(|c: char| c.is_alphanumeric() || c == '@');
        if begins && ends && called(number) {
            pieces.push((text.get(start..at).unwrap_or_default(), false));
            pieces.push((number, true));
            start = at + number.len();
            from = start;
        } else {
            let digits = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
            from = at + digits.max(1);
        }
    }
    pieces.push((text.get(start..).unwrap_or_default(), false));
    pieces
}

fn is_part(c: char) -> bool {
    c.is_ascii_digit() || c.is_whitespace() || matches!(c, '+' | '(' | ')' | '-' | '.' | '/' | '\u{2010}' | '\u{2011}')
}

/// The digits of a number as it is searched for: without the zeros that stand before it at home or
/// abroad.
pub fn digits(text: &str) -> Option<String> {
    // +44 (0)20: the zero in brackets is dialled at home alone.
    let text = text.replace("(0)", "");
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    (!digits.is_empty()).then(|| digits.chars().take(20).collect())
}

/// The digits of a number as it is kept: with the code of its country, if it has one, and without.
pub fn terms(text: &str, terms: &mut BTreeSet<String>) {
    let Some(digits) = digits(text) else { return };
    let plain = text.trim_start();
    if plain.starts_with('+') || plain.starts_with("00") {
        let begins = |codes: &[&str]| codes.iter().any(|code| digits.starts_with(code));
        let code = match (begins(&ONE), begins(&TWO)) {
            (true, _) => 1,
            (_, true) => 2,
            _ => 3,
        };
        if let Some(home) = digits.get(code..).filter(|home| home.len() >= 4) {
            terms.insert(home.to_owned());
        }
    }
    terms.insert(digits);
}
