//! A signed webhook as bytes, with a place for the delivery's id.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The length of a delivery's id in its usual form.
const ID_LENGTH: usize = 36;

/// A request that is sent again and again, each time with another id.
#[derive(Clone, Debug)]
pub struct Message {
    bytes: Vec<u8>,
    ids: Vec<usize>,
}

impl Message {
    /// A `POST` of `body`. In the value of a header, `{sig}` is the HMAC-SHA256
    /// of the body in hexadecimal, and `{id}` the id of the delivery.
    pub fn new(host: &str, path: &str, headers: &[String], secret: &str, body: &[u8]) -> Self {
        let signature = sign(secret.as_bytes(), body);
        let mut head = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
             user-agent: triggerfish-benches\r\naccept: */*\r\ncontent-length: {}\r\n",
            body.len()
        );
        let mut ids = Vec::new();
        for header in headers {
            let header = header.replace("{sig}", &signature);
            let mut rest = header.as_str();
            while let Some((before, after)) = rest.split_once("{id}") {
                head.push_str(before);
                ids.push(head.len());
                head.extend(std::iter::repeat_n('0', ID_LENGTH));
                rest = after;
            }
            head.push_str(rest);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(body);
        Message { bytes, ids }
    }

    /// The bytes to send.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the message the id that belongs to `number`. Ids of neighbouring
    /// numbers are far apart, as those of real senders are: a store must not
    /// profit from keys that arrive in order.
    pub fn set_id(&mut self, number: u64) {
        let halves = [mix(number), mix(number ^ u64::MAX)];
        let mut id = [b'-'; ID_LENGTH];
        let mut digits =
            halves.iter().flat_map(|half| half.to_be_bytes()).flat_map(|byte| [byte >> 4, byte & 15]);
        for (index, place) in id.iter_mut().enumerate() {
            if !matches!(index, 8 | 13 | 18 | 23) {
                let digit = digits.next().unwrap_or_default();
                *place = if digit < 10 { b'0' + digit } else { b'a' + digit - 10 };
            }
        }
        for at in &self.ids {
            if let Some(place) = self.bytes.get_mut(*at..at + ID_LENGTH) {
                place.copy_from_slice(&id);
            }
        }
    }
}

/// Spreads numbers over the whole range; no two have the same result.
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for shift in [30, 27] {
        mixed = (mixed ^ (mixed >> shift)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    }
    mixed ^ (mixed >> 31)
}

/// The HMAC-SHA256 of `body`, in hexadecimal.
pub fn sign(secret: &[u8], body: &[u8]) -> String {
    match Hmac::<Sha256>::new_from_slice(secret) {
        Ok(mut mac) => {
            mac.update(body);
            hex::encode(mac.finalize().into_bytes())
        }
        // HMAC takes a key of any length.
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_signed_and_has_its_own_id() {
        let headers = ["x-sig: sha256={sig}".to_owned(), "x-id: {id}".to_owned()];
        let mut message = Message::new(
            "localhost:1",
            "/hook",
            &headers,
            "key",
            b"The quick brown fox jumps over the lazy dog",
        );
        message.set_id(1);
        let first = String::from_utf8(message.bytes().to_vec()).unwrap();
        // The example of HMAC that everyone quotes.
        let signature = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";
        assert!(first.contains(&format!("x-sig: sha256={signature}\r\n")), "{first}");
        assert!(first.ends_with("\r\n\r\nThe quick brown fox jumps over the lazy dog"));
        message.set_id(2);
        let second = String::from_utf8(message.bytes().to_vec()).unwrap();
        let id = |text: &str| text.split_once("x-id: ").unwrap().1[..ID_LENGTH].to_owned();
        assert_ne!(id(&first), id(&second));
        assert_eq!(id(&first).match_indices('-').map(|(at, _)| at).collect::<Vec<_>>(), [8, 13, 18, 23]);
        assert_eq!(first.len(), second.len());
    }
}
