//! That words of a search meet the words of a text.

use proptest::prelude::*;

use super::*;

fn list(text: &str, phone: bool) -> Vec<String> {
    terms(text, phone).into_iter().collect()
}

fn searched(text: &str) -> Vec<String> {
    words(text).expect("a search").into_iter().map(|word| word.text).collect()
}

/// Whether a search finds a text, as the store does it.
fn finds(search: &str, text: &str, phone: bool) -> bool {
    let terms = terms(text, phone);
    let found =
        |word: &Word| terms.iter().any(|term| *term == word.text || (word.prefix && term.starts_with(&word.text)));
    words(search).expect("a search").iter().all(found)
}

#[test]
fn letters_are_folded() {
    for (text, folded) in [
        ("ÉLÉONORE", "eleonore"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Søren Æbelø", "soren aebelo"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευσ"),
        ("Ὀδυσσεύς", "οδυσσευσ"),
        ("ﬁance", "fiance"),
        ("Ｇａｒａｎｔ", "garant"),
        ("İstanbul ılık", "istanbul ilik"),
        ("हिन्दी", "हिनदी"),
    ] {
        assert_eq!(fold(text), folded, "{text}");
    }
}

#[test]
fn names_addresses_and_domains_give_the_words_people_type() {
    assert_eq!(list("Jean-Pierre O'Brien", false), ["brien", "jean", "jeanpierre", "o", "obrien", "pierre"]);
    assert_eq!(
        list("ada.lovelace@mail.example.org", false),
        ["ada", "ada.lovelace@mail.example.org", "example", "example.org", "lovelace", "mail", "mail.example.org"]
    );
    assert_eq!(list("https://www.example.org/a?b", false), ["example", "example.org", "org"]);
    assert_eq!(list("...", false), Vec::<String>::new());
    assert_eq!(list(&"x".repeat(200), false), ["x".repeat(MAX_WORD)]);
    let long = (0..5_000).map(|n| format!("w{n} ")).collect::<String>();
    assert_eq!(list(&long, false).len(), MAX_TERMS);
}

#[test]
fn a_number_is_its_digits_at_home_and_abroad() {
    assert_eq!(list("+33 1 23 45 67 89", true), ["123456789", "33123456789"]);
    assert_eq!(list("+44 (0)20 7946 0958", true), ["2079460958", "442079460958"]);
    assert_eq!(list("+1 (555) 010-9999", true), ["15550109999", "5550109999"]);
    assert_eq!(list("+353 1 234 5678", true), ["12345678", "35312345678"]);
    assert_eq!(list("01.23.45.67.89", true), ["123456789"]);
    for search in
        ["01 23 45 67 89", "0123456789", "+33 1 23 45 67 89", "0033123456789", "123456789", "+33 1 23", "01 23 45 6"]
    {
        assert!(finds(search, "+33 1 23 45 67 89", true), "{search}");
    }
    assert!(finds("12 34 56 78", "12 34 56 78", true));
    assert!(!finds("+49 1 23 45 67 89", "+33 1 23 45 67 89", true));
    assert!(finds("dupont 01 23 45 67 89", "Dupont, call 01 23 45 67 89 (home)", false));
    assert!(finds("2026", "due 01/05/2026", false) && finds("01/05/2026", "due 01/05/2026", false));
}

#[test]
fn a_search_is_words_in_their_order() {
    assert_eq!(searched("Ada  LOVELACE"), ["ada", "lovelace"]);
    assert_eq!(searched("Ada ada"), ["ada"]);
    assert_eq!(searched("Ada@Example.org"), ["ada@example.org"]);
    assert_eq!(searched("@example.org"), ["example.org"]);
    assert_eq!(searched("jean-pierre 75011"), ["jean", "pierre", "75011"]);
    let prefixes = |text| words(text).expect("a search").iter().map(|word| word.prefix).collect::<Vec<_>>();
    assert_eq!(prefixes("ada love"), [false, true]);
    assert_eq!(prefixes("a"), [false]);
    assert_eq!(prefixes("李"), [true]);
    assert_eq!(words("  -- "), Err(SearchError::NoWord));
    assert_eq!(words("a b c d e f g h i"), Err(SearchError::TooManyWords));
    assert_eq!(words(&"x".repeat(201)), Err(SearchError::TooLong));
}

#[test]
fn what_is_typed_finds_what_is_meant() {
    for (search, text) in [
        ("eleonore", "Éléonore"),
        ("Éléon", "eleonore"),
        ("obrien", "O'Brien"),
        ("o'brien", "O'Brien"),
        ("brien", "O’Brien"),
        ("jean pierre", "Jean-Pierre"),
        ("jeanpierre", "Jean-Pierre"),
        ("example.org", "ada@mail.example.org"),
        ("ada@mail.exa", "ada@mail.example.org"),
        ("lovelace", "ada.lovelace@example.org"),
        ("www.example.org", "https://example.org/about"),
        ("J.R.R. Tolkien", "J.R.R. Tolkien"),
    ] {
        assert!(finds(search, text, false), "{search} in {text}");
    }
    for (search, text) in
        [("lace", "Lovelace"), ("ada lov", "Ada Byron"), ("love ada", "Ada Lovelace"), ("org", "a@b.org")]
    {
        assert!(!finds(search, text, false), "{search} in {text}");
    }
}

proptest! {
    /// Whatever words a text is made of, it is found by them, in any order and case.
    #[test]
    fn a_text_is_found_by_its_words(mut given in proptest::collection::vec("[a-zà-öø-ÿ]{2,12}", 1..6), turn in 0..6_usize) {
        let text = given.join(" ");
        let place = turn % given.len();
        given.rotate_left(place);
        prop_assert!(finds(&given.join(" ").to_uppercase(), &text, false), "{}", text);
    }

    /// No text breaks the folding, and what is folded folds to itself.
    #[test]
    fn folding_is_stable(text in any::<String>()) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
        let _ = terms(&text, true);
        let _ = words(&text);
    }
}
