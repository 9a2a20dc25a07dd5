//! The parser recurses on nested brackets, so their depth is bounded before it runs.

use garant_domain::problem::{ErrorCode, Problem};

/// Deeper than any query that the depth limit lets through, far shallower than a thread's stack.
const MAX_NESTING: usize = 64;

/// Refuses a text whose brackets nest too deeply. Strings and comments are skipped.
///
/// # Errors
/// `QUERY_TOO_COMPLEX`.
pub fn check_nesting(query: &str) -> Result<(), Problem> {
    let bytes = query.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        at = match byte {
            b'{' | b'(' | b'[' => {
                depth += 1;
                if depth > MAX_NESTING {
                    let message = format!("The query nests brackets deeper than {MAX_NESTING}");
                    return Err(
                        Problem::new(ErrorCode::QueryTooComplex, message).mend("Send large inputs as variables.")
                    );
                }
                at + 1
            }
            b'}' | b')' | b']' => {
                depth = depth.saturating_sub(1);
                at + 1
            }
            b'#' => skip_until(bytes, at + 1, b"\n"),
            b'"' if bytes[at..].starts_with(b"\"\"\"") => skip_until(bytes, at + 3, b"\"\"\""),
            b'"' => skip_until(bytes, at + 1, b"\""),
            _ => at + 1,
        };
    }
    Ok(())
}

/// The position behind the next `end`, past escapes.
fn skip_until(bytes: &[u8], mut at: usize, end: &[u8]) -> usize {
    while at < bytes.len() && !bytes[at..].starts_with(end) {
        at += if bytes[at] == b'\\' && end != b"\n" { 2 } else { 1 };
    }
    at + end.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_nesting_is_refused_and_text_is_not_counted() {
        for open in ["{", "(", "["] {
            assert!(check_nesting(&open.repeat(MAX_NESTING)).is_ok());
            assert!(check_nesting(&open.repeat(MAX_NESTING + 1)).is_err());
        }
        let many = "[".repeat(1000);
        assert!(check_nesting(&format!("{{ a(b: \"{many}\\\"{many}\") }} # {many}\n")).is_ok());
        assert!(check_nesting(&format!("{{ a(b: \"\"\"{many} \" {many}\"\"\") }}")).is_ok());
        assert!(check_nesting(&format!("# \\\n{many}")).is_err());
        assert!(check_nesting("\"open").is_ok());
        assert!(check_nesting("\"\\").is_ok());
        assert!(check_nesting(&"{}".repeat(1000)).is_ok());
    }
}
