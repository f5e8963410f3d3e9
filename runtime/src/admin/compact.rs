//! Text as it is sent: without the white space that makes its file readable.

/// Writes JSON or a style sheet without the white space that means nothing, as
/// far as there is room, and counts its bytes.
pub(crate) const fn compact(mut text: &[u8], mut out: &mut [u8]) -> usize {
    let (mut length, mut in_quotes, mut escaped) = (0, false, false);
    // None is needed at the beginning.
    let (mut last, mut is_apart) = (b'{', false);
    while let [byte, rest @ ..] = text {
        text = rest;
        if !in_quotes && byte.is_ascii_whitespace() {
            is_apart = true;
            continue;
        }
        let is_needed = is_apart
            && !matches!(last, b'{' | b'}' | b'[' | b',' | b':' | b';')
            && !matches!(byte, b'{' | b'}' | b']');
        if is_needed {
            out = put(b' ', out);
            length += 1;
        }
        if *byte == b'"' && !escaped {
            in_quotes = !in_quotes;
        }
        escaped = *byte == b'\\' && !escaped;
        out = put(*byte, out);
        length += 1;
        (last, is_apart) = (*byte, false);
    }
    length
}

const fn put(byte: u8, out: &mut [u8]) -> &mut [u8] {
    let Some((place, left)) = out.split_first_mut() else { return &mut [] };
    *place = byte;
    left
}

/// A file of the program as bytes, compact.
macro_rules! compact_file {
    ($path:literal) => {{
        const READABLE: &[u8] = include_bytes!($path);
        const LENGTH: usize = $crate::admin::compact::compact(READABLE, &mut []);
        static COMPACT: [u8; LENGTH] = {
            let mut out = [0; LENGTH];
            $crate::admin::compact::compact(READABLE, &mut out);
            out
        };
        &COMPACT
    }};
}
pub(crate) use compact_file;

#[cfg(test)]
mod tests {
    use super::*;

    fn compacted(text: &str) -> String {
        let mut out = [0; 128];
        let length = compact(text.as_bytes(), &mut out);
        String::from_utf8_lossy(&out[..length]).into_owned()
    }

    #[test]
    fn white_space_stays_where_it_means_something() {
        assert_eq!(compacted(r#"{ "a \" {": [ 1,  "\\" ] }"#), r#"{"a \" {":[1,"\\"]}"#);
        let style =
            "\na b, a > c:hover {\n  margin: 0 auto; font: 1px \"A, B\";\n}\n@media (x: y) { d { e: f } }\n";
        assert_eq!(compacted(style), "a b,a > c:hover{margin:0 auto;font:1px \"A, B\";}@media (x:y){d{e:f}}");
    }
}
