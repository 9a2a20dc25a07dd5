//! Whether the law that a reason cites exists: GDPR provisions against the list of its articles,
//! anything else against the list of citations of this repository.

use crate::reference::Reference;

/// Checks a citation such as `GDPR 6(1)(a), 7(1); Directive 2002/58/EC 13`: laws are separated by
/// semicolons, provisions of one law by commas.
///
/// # Errors
/// The first provision that does not exist.
pub fn check_citation(article: &str) -> Result<(), String> {
    let articles = Reference::parse(include_str!("../reference/gdpr_articles.csv"))?;
    let others = Reference::parse(include_str!("../reference/citations.csv"))?;
    for law in article.split("; ") {
        match law.strip_prefix("GDPR ") {
            Some(provisions) => {
                for provision in provisions.split(", ") {
                    check_gdpr(provision, &articles).ok_or_else(|| format!("there is no `GDPR {provision}`"))?;
                }
            }
            None if others.rows.iter().any(|row| row.first().is_some_and(|cited| cited == law)) => {}
            None => return Err(format!("`{law}` is not in citations.csv")),
        }
    }
    Ok(())
}

/// `6(1)(a)`, `44` or `rec. 32`.
fn check_gdpr(provision: &str, articles: &Reference) -> Option<()> {
    if let Some(recital) = provision.strip_prefix("rec. ") {
        return recital.parse::<u8>().ok().filter(|number| (1..=173).contains(number)).map(|_| ());
    }
    let (article, rest) = provision.split_once('(').map_or((provision, ""), |(article, rest)| (article, rest));
    let row = articles.rows.iter().find(|row| row.first().is_some_and(|number| number == article))?;
    if rest.is_empty() {
        return Some(());
    }
    let mut parts = rest.strip_suffix(')')?.split(")(");
    let (paragraph, point) = (parts.next()?, parts.next());
    // Listed as `1(abc) 2 3`: paragraphs, each with its points.
    let listed = row.get(2)?.split_whitespace().find(|listed| listed.split('(').next() == Some(paragraph))?;
    match point {
        None => Some(()),
        Some(point) => listed.split_once('(')?.1.trim_end_matches(')').contains(point).then_some(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provisions_exist_or_are_refused() {
        for good in ["GDPR 6(1)(a), 7(1)", "GDPR 44", "GDPR 4(11), rec. 32", "GDPR 49(1)(b)", "GDPR 21(3); UWG 7"] {
            assert_eq!(check_citation(good), Ok(()), "{good}");
        }
        for bad in ["GDPR 100", "GDPR 6(9)", "GDPR 6(1)(z)", "GDPR rec. 174", "UWG 700", "6(1)(a)"] {
            assert!(check_citation(bad).is_err(), "{bad}");
        }
    }
}
