//! Decodes query strings, once.

use std::borrow::Cow;

/// The parameters of a query string, decoded as forms are: `+` is a space, `%41` is `A`, what is not UTF-8
/// becomes U+FFFD. A name without `=` has an empty value.
pub(super) fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let decode = |text| Cow::Owned(decoded(text, &mut Vec::new()).into_owned());
    raw_pairs(query).map(move |(name, value)| (decode(name), decode(value)))
}

/// The same, not decoded.
pub(super) fn raw_pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// A name or a value decoded, in `bytes` if it must change.
pub(super) fn decoded<'t>(text: &'t str, bytes: &'t mut Vec<u8>) -> Cow<'t, str> {
    if !text.contains(['+', '%']) {
        return Cow::Borrowed(text);
    }
    bytes.clear();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let (byte, after) = match (first, after) {
            (b'+', after) => (b' ', after),
            (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, after),
                _ => (b'%', &rest[1..]),
            },
            (byte, after) => (*byte, after),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(bytes)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn decodes_names_and_values() {
        let read = |query| pairs(query).map(|(n, v)| format!("{n}:{v}")).collect::<Vec<_>>();
        assert_eq!(read("a=1&b=x+y&&hub.mode=%41%62"), ["a:1", "b:x y", "hub.mode:Ab"]);
        assert_eq!(read("a&=b&c=d=e"), ["a:", ":b", "c:d=e"]);
        assert_eq!(read("a=%C3%A9&b=%ff&c=%4&d=%zz&e=%"), ["a:é", "b:\u{FFFD}", "c:%4", "d:%zz", "e:%"]);
        assert_eq!(read("a%3Db=%2526"), ["a=b:%26"]);
        assert!(read("").is_empty());
    }
}
