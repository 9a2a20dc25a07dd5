//! Folding: what people take for the same letter becomes the same letter.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// A text without regard to case, width, ligatures and diacritics: NFKD, both case mappings (so that
/// `ß` is `ss` and every sigma is one), marks that combine removed. Vowel signs of Indic scripts are no
/// diacritics and stay.
#[must_use]
pub fn fold(text: &str) -> String {
    let upper = text.nfkd().flat_map(char::to_uppercase);
    let lower = upper.flat_map(char::to_lowercase).collect::<String>();
    let mut folded = String::with_capacity(lower.len());
    for c in lower.nfkd().filter(|c| canonical_combining_class(*c) == 0) {
        match plain(c) {
            Some(letters) => folded.push_str(letters),
            None => folded.push(c),
        }
    }
    folded
}

/// Letters with a stroke or of two letters, which Unicode does not take apart.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => return None,
    })
}
