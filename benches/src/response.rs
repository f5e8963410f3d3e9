//! Reads as much of HTTP/1.1 responses as a load generator needs.

/// The status of a response, and its length in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The status.
    pub status: u16,
    /// Head and body together.
    pub length: usize,
}

/// The response at the start of `bytes`; `None` as long as it is not whole.
pub fn whole(bytes: &[u8]) -> Option<Whole> {
    let body = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = bytes.get(..body)?;
    let status = std::str::from_utf8(head.get(9..12)?).ok()?.parse().ok()?;
    let mut length = body;
    for line in head.split(|byte| *byte == b'\n').skip(1) {
        if let Some(value) = value_of(line, b"content-length:") {
            length = body + std::str::from_utf8(value).ok()?.trim().parse::<usize>().ok()?;
        } else if value_of(line, b"transfer-encoding:").is_some() {
            // The last chunk is empty; what is before it does not matter here.
            let end = b"\r\n0\r\n\r\n";
            let from = body - 2;
            length =
                from + bytes.get(from..)?.windows(end.len()).position(|window| window == end)? + end.len();
        }
    }
    (bytes.len() >= length).then_some(Whole { status, length })
}

fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (start, value) = line.split_at_checked(name.len())?;
    start.eq_ignore_ascii_case(name).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_whole_at_the_end_of_its_body() {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
        ] {
            let expected = Whole { status: 200, length: text.len() };
            assert_eq!(whole(text.as_bytes()), Some(expected), "{text}");
            assert_eq!(whole(format!("{text}HTTP").as_bytes()), Some(expected), "{text}");
            assert_eq!(whole(&text.as_bytes()[..text.len() - 1]), None, "{text}");
        }
    }
}
