//! The description of the API, as it is sent: without the white space that makes
//! the file readable.

const READABLE: &[u8] = include_bytes!("../openapi.json");

/// The description.
pub(super) static OPENAPI: [u8; compact(READABLE, &mut [])] = {
    let mut out = [0; compact(READABLE, &mut [])];
    compact(READABLE, &mut out);
    out
};

/// Writes JSON without white space, as far as there is room, and counts its bytes.
const fn compact(mut json: &[u8], mut out: &mut [u8]) -> usize {
    let (mut length, mut in_text, mut escaped) = (0, false, false);
    while let [byte, rest @ ..] = json {
        json = rest;
        if !in_text && byte.is_ascii_whitespace() {
            continue;
        }
        if *byte == b'"' && !escaped {
            in_text = !in_text;
        }
        escaped = *byte == b'\\' && !escaped;
        length += 1;
        if let Some((place, left)) = out.split_first_mut() {
            *place = *byte;
            out = left;
        } else {
            out = &mut [];
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn nothing_but_white_space_is_left_out() {
        let read = |json: &[u8]| serde_json::from_slice::<Value>(json).unwrap();
        assert_eq!(read(&OPENAPI), read(READABLE));
        let mut out = [0; 64];
        let length = compact(br#"{ "a \" {": [ 1,  "\\" ] }"#, &mut out);
        assert_eq!(out[..length], *br#"{"a \" {":[1,"\\"]}"#);
    }
}
