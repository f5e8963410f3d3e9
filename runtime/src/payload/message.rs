//! Text that is put together while the user's program is compiled.

/// A message, of at most [`Message::ROOM`] bytes; what does not fit is left out.
pub(super) struct Message {
    bytes: [u8; Message::ROOM],
    len: usize,
}

impl Message {
    const ROOM: usize = 1200;

    pub(super) const fn new() -> Self {
        Message { bytes: [0; Message::ROOM], len: 0 }
    }

    /// Adds text.
    pub(super) const fn text(&mut self, text: &str) -> &mut Self {
        let mut rest = text.as_bytes();
        while let [first, after @ ..] = rest {
            if let Some((place, _)) = self.bytes.split_at_mut(self.len).1.split_first_mut() {
                *place = *first;
                self.len += 1;
            }
            rest = after;
        }
        self
    }

    /// Adds a name in backticks.
    pub(super) const fn name(&mut self, name: &str) -> &mut Self {
        self.text("`").text(name).text("`")
    }

    /// Adds a string as it is written in a filter, in backticks.
    pub(super) const fn string(&mut self, text: &str) -> &mut Self {
        self.text("`").quoted(text).text("`")
    }

    /// Adds a string as it is written in a filter.
    pub(super) const fn quoted(&mut self, text: &str) -> &mut Self {
        self.text("\"");
        let mut rest = text;
        while let Some((before, special, after)) = next_special(rest) {
            self.text(before).text("\\").text(special);
            rest = after;
        }
        self.text(rest).text("\"")
    }

    /// Adds a number.
    pub(super) const fn int(&mut self, int: i128) -> &mut Self {
        if int < 0 {
            self.text("-");
        }
        self.digits(int.unsigned_abs())
    }

    const fn digits(&mut self, number: u128) -> &mut Self {
        const DIGITS: &str = "0123456789";
        if number >= 10 {
            self.digits(number / 10);
        }
        let (_, from) = DIGITS.split_at((number % 10) as usize);
        self.text(from.split_at(1).0)
    }

    pub(super) const fn as_str(&self) -> &str {
        let (used, _) = self.bytes.split_at(self.len);
        match core::str::from_utf8(used) {
            Ok(text) => text,
            // Cut within a character, for want of room.
            Err(error) => match core::str::from_utf8(used.split_at(error.valid_up_to()).0) {
                Ok(text) => text,
                Err(_) => "",
            },
        }
    }
}

/// What stands before the first quote or backslash, that character, and what stands after.
const fn next_special(text: &str) -> Option<(&str, &str, &str)> {
    let mut at = 0;
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if matches!(first, b'"' | b'\\') {
            let (before, from) = text.split_at(at);
            let (special, after) = from.split_at(1);
            return Some((before, special, after));
        }
        (at, rest) = (at + 1, after);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_strings_are_written_as_in_a_filter() {
        let mut message = Message::new();
        message.int(i128::MIN).text(" ").int(0).text(" ").int(i128::MAX).text(" ").string(r#"a"b\c"#);
        assert_eq!(
            message.as_str(),
            "-170141183460469231731687303715884105728 0 170141183460469231731687303715884105727 `\"a\\\"b\\\\c\"`"
        );
    }

    #[test]
    fn what_has_no_room_is_left_out_and_characters_stay_whole() {
        let mut message = Message::new();
        message.text("a");
        for _ in 0..Message::ROOM {
            message.text("é");
        }
        assert_eq!(message.as_str().len(), Message::ROOM - 1);
        assert!(message.as_str().ends_with('é'));
    }
}
