//! Words: what of a field's text can be searched, and what a caller searches by. Both are cut and folded
//! here, so that they meet; where the words are kept, and whose are looked at, is not decided here.
//!
//! A text gives the words that people type: its parts, an e-mail address and a domain also whole, a
//! phone number as its digits. What is searched for is matched whole, the last word by its beginning.

mod fold;
mod phone;

use std::collections::BTreeSet;

pub use fold::fold;

/// Part of what decides whether words that were kept are still the words that are looked for.
pub const VERSION: u32 = 2;
/// The longest word that is kept, in characters; both sides are cut.
const MAX_WORD: usize = 64;
/// Words of one text at most; what follows is not searched.
pub const MAX_TERMS: usize = 1_000;
/// Words of one search at most.
pub const MAX_WORDS: usize = 8;
/// The longest search, in characters.
pub const MAX_QUERY: usize = 200;

/// What is searched for in the records of an entity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Search {
    /// Each must be found.
    pub words: Vec<Word>,
    /// The fields that are looked at; which ones depends on the context alone.
    pub fields: Vec<String>,
}

/// A word of a search.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Word {
    /// Folded.
    pub text: String,
    /// Whether a word that begins so is found too.
    pub prefix: bool,
}

/// Why a text is no search. It never quotes the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// Nothing but blanks and signs.
    #[error("the search has no word")]
    NoWord,
    /// More words than are looked for.
    #[error("the search has more than {MAX_WORDS} words")]
    TooManyWords,
    /// A long text.
    #[error("the search is longer than {MAX_QUERY} characters")]
    TooLong,
}

/// The words of a field's text. `phone` says that the text as a whole is a number.
#[must_use]
pub fn terms(text: &str, phone: bool) -> BTreeSet<String> {
    let folded = fold(text);
    let mut terms = BTreeSet::new();
    if phone || phone::is_number(&folded) {
        phone::terms(&folded, &mut terms);
    }
    for (piece, number) in phone::split(&folded) {
        if number {
            phone::terms(piece, &mut terms);
        }
        for chunk in chunks(piece).filter(|chunk| !phone || chunk.contains(char::is_alphabetic)) {
            if terms.len() >= MAX_TERMS {
                return terms;
            }
            of_chunk(chunk, &mut terms);
        }
    }
    terms
}

/// The digits of a phone number, with the code of its country, if it has one, and without.
#[must_use]
pub fn phone_keys(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    phone::terms(&fold(text), &mut keys);
    keys
}

/// The words of a search, in their order, each once.
///
/// # Errors
/// A text without a word, or with too many.
pub fn words(text: &str) -> Result<Vec<Word>, SearchError> {
    if text.chars().count() > MAX_QUERY {
        return Err(SearchError::TooLong);
    }
    let folded = fold(text);
    let pieces = if phone::is_number(&folded) { vec![(folded.as_str(), true)] } else { phone::split(&folded) };
    let mut found: Vec<String> = Vec::new();
    for (piece, number) in pieces {
        if number {
            found.extend(phone::digits(piece));
            continue;
        }
        for chunk in chunks(piece) {
            match compound(chunk) {
                Some(whole) => found.push(cut(whole)),
                None => found.extend(parts(chunk).map(cut)),
            }
        }
    }
    let last = found.pop().ok_or(SearchError::NoWord)?;
    let mut words: Vec<Word> = Vec::new();
    for text in found {
        if text != last && !words.iter().any(|word| word.text == text) {
            words.push(Word { text, prefix: false });
        }
    }
    // One letter of our alphabet begins half of all words.
    let prefix = last.len() > 1;
    words.push(Word { text: last, prefix });
    if words.len() > MAX_WORDS { Err(SearchError::TooManyWords) } else { Ok(words) }
}

fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let between = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '"' | '|');
    text.split(between).filter(|chunk| !chunk.is_empty())
}

/// The words of a run without blanks.
fn of_chunk(chunk: &str, terms: &mut BTreeSet<String>) {
    let Some(whole) = compound(chunk) else {
        terms.extend(parts(chunk).map(cut));
        // O'Brien is also found as obrien, Jean-Pierre as jeanpierre.
        if chunk.chars().any(is_joint) && chunk.chars().all(|c| c.is_alphanumeric() || is_joint(c)) {
            terms.extend(Some(cut(&parts(chunk).collect::<String>())).filter(|joined| !joined.is_empty()));
        }
        return;
    };
    terms.insert(cut(whole));
    let domain = match whole.rsplit_once('@') {
        Some((name, domain)) => {
            // What an address ends with (org, com) tells nothing.
            let labels = domain.rsplit_once('.').map_or(domain, |(labels, _)| labels);
            terms.extend(parts(name).chain(parts(labels)).map(cut));
            domain
        }
        None => {
            terms.extend(parts(whole).map(cut));
            whole
        }
    };
    // A domain also without what stands before it, down to two labels: shop.example.org, example.org.
    let mut rest = domain;
    while rest.contains('.') {
        terms.insert(cut(rest));
        rest = rest.split_once('.').map_or("", |(_, rest)| rest);
    }
}

/// An e-mail address, a domain or the like, which is one word: with an `@` or a dot inside. Of an
/// address on the web the host.
fn compound(chunk: &str) -> Option<&str> {
    let host = chunk.split_once("://").map_or(chunk, |(_, rest)| rest);
    let host = if host.contains('@') { host } else { host.split(['/', '?', '#']).next().unwrap_or_default() };
    let whole = host.trim_matches(|c: char| !c.is_alphanumeric());
    let whole = whole.strip_prefix("www.").unwrap_or(whole);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '@' | '-' | '_' | '+');
    (whole.contains(['@', '.']) && whole.chars().all(plain)).then_some(whole)
}

fn parts(chunk: &str) -> impl Iterator<Item = &str> {
    chunk.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty())
}

fn is_joint(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '-' | '\u{2010}' | '\u{2011}')
}

fn cut(word: &str) -> String {
    word.chars().take(MAX_WORD).collect()
}

#[cfg(test)]
mod tests;
