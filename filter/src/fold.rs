//! Simple case folding: what `$ignoreCaseEquals` ignores.

/// The letter that stands for all its case variants, as Unicode's simple case folding groups them.
///
/// One character stays one, no locale is asked, nothing is normalised: `É` and `é` are the same, `é` and
/// `e` with a combining accent are not, `ß` and `SS` are not, and neither `İ` nor `ı` is a variant of `i`.
pub fn char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    match c {
        // Its upper case is `I`, but folding leaves it alone: they differ where it is used.
        'ı' => c,
        // Pairs whose upper case is more than one letter, which the mappings below cannot see.
        '\u{1FD3}' => '\u{0390}',
        '\u{1FE3}' => '\u{03B0}',
        '\u{FB05}' => '\u{FB06}',
        _ => single(single(c, char::to_uppercase), char::to_lowercase),
    }
}

/// All characters of `text`, folded.
pub fn text(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(char)
}

/// Whether two texts differ in case at most.
pub fn equal(a: &str, b: &str) -> bool {
    text(a).eq(text(b))
}

/// The mapping where it gives one character, else the character itself.
fn single<I: Iterator<Item = char>>(c: char, map: impl Fn(char) -> I) -> char {
    let mut mapped = map(c);
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::equal;

    #[test]
    fn groups_letters_as_unicode_does() {
        for (a, b) in [
            ("Hello", "hELLO"),
            ("É", "é"),
            ("Σ", "ς"),
            ("σ", "ς"),
            ("ẞ", "ß"),
            ("ſ", "S"),
            ("\u{212A}", "k"),
            ("Ω", "\u{2126}"),
            ("µ", "μ"),
            ("ǅ", "ǆ"),
            ("ᾼ", "ᾳ"),
            ("Ꭰ", "\u{AB70}"),
            ("\u{1E9B}", "Ṡ"),
            ("\u{1FD3}", "\u{0390}"),
            ("\u{1FE3}", "\u{03B0}"),
            ("\u{FB05}", "\u{FB06}"),
            ("", ""),
        ] {
            assert!(equal(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("ß", "ss"),
            ("İ", "i"),
            ("ı", "I"),
            ("ı", "i"),
            ("é", "e\u{301}"),
            ("ﬁ", "fi"),
            ("ａ", "a"),
            ("a", "ab"),
            ("ab", "a\u{AD}b"),
            ("①", "1"),
            ("e", "é"),
        ] {
            assert!(!equal(a, b), "{a} {b}");
        }
    }
}
