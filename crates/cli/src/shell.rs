//! Words as a shell takes them.

/// A word that a shell reads as itself: in quotes where it has to be.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_same_word() {
        let rows = [
            ("http://a.test:80/x%20y", "http://a.test:80/x%20y"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("a?b&c=$d", "'a?b&c=$d'"),
        ];
        for (word, want) in rows {
            assert_eq!(quoted(word), want);
        }
    }
}
