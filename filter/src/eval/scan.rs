//! Walks over JSON text, accepting exactly what `serde_json` accepts for a `Value`: the same numbers,
//! the same escapes, the same depth. It needs neither memory nor stack, however deep the text.

/// The text is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault;

/// Levels of objects and arrays that `serde_json` allows.
pub(super) const DEPTH: u32 = 127;

/// A place in a JSON text.
pub(super) struct Scanner<'e> {
    text: &'e str,
    at: usize,
}

/// A string in the text, without its quotes.
#[derive(Clone, Copy)]
pub(super) struct Quoted {
    pub(super) start: usize,
    pub(super) end: usize,
    /// It must be unescaped before it is compared.
    pub(super) escaped: bool,
}

impl<'e> Scanner<'e> {
    pub(super) fn new(text: &'e str) -> Scanner<'e> {
        Scanner { text, at: 0 }
    }

    pub(super) fn text(&self) -> &'e str {
        self.text
    }

    /// The byte that comes next, after white space; 0 at the end.
    pub(super) fn peek(&mut self) -> u8 {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.next() {
            self.at += 1;
        }
        self.next().unwrap_or(0)
    }

    /// Goes on if `byte` comes next.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.eat(byte) { Ok(()) } else { Err(Fault) }
    }

    /// Nothing but white space may be left.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        self.peek();
        if self.at == self.text.len() { Ok(()) } else { Err(Fault) }
    }

    /// After an element or a field: whether another follows, or `close` ends them.
    pub(super) fn more(&mut self, close: u8) -> Result<bool, Fault> {
        if self.eat(b',') {
            return Ok(true);
        }
        self.expect(close).map(|()| false)
    }

    /// Passes over a value that stands inside `depth` others.
    pub(super) fn skip(&mut self, depth: u32) -> Result<(), Fault> {
        // What is open above `depth`, the innermost in the lowest bit: 1 for an object.
        let mut open: u128 = 0;
        let mut level = depth;
        loop {
            let first = self.peek();
            if let b'{' | b'[' = first {
                self.at += 1;
                level += 1;
                if level > DEPTH {
                    return Err(Fault);
                }
                let is_object = first == b'{';
                open = open << 1 | u128::from(is_object);
                if !self.eat(if is_object { b'}' } else { b']' }) {
                    if is_object {
                        self.key()?;
                    }
                    continue;
                }
                open >>= 1;
                level -= 1;
            } else {
                self.scalar(first)?;
            }
            loop {
                if level == depth {
                    return Ok(());
                }
                let is_object = open & 1 == 1;
                if self.more(if is_object { b'}' } else { b']' })? {
                    if is_object {
                        self.key()?;
                    }
                    break;
                }
                open >>= 1;
                level -= 1;
            }
        }
    }

    /// A field's name and its colon.
    pub(super) fn key(&mut self) -> Result<Quoted, Fault> {
        if self.peek() != b'"' {
            return Err(Fault);
        }
        let name = self.string()?;
        self.expect(b':')?;
        Ok(name)
    }

    fn scalar(&mut self, first: u8) -> Result<(), Fault> {
        match first {
            b'"' => self.string().map(|_| ()),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.number().map(|_| ()),
        }
    }

    pub(super) fn word(&mut self, word: &str) -> Result<(), Fault> {
        let rest = self.text.as_bytes().get(self.at..).ok_or(Fault)?;
        if !rest.starts_with(word.as_bytes()) {
            return Err(Fault);
        }
        self.at += word.len();
        Ok(())
    }

    /// A string; the opening quote comes next.
    pub(super) fn string(&mut self) -> Result<Quoted, Fault> {
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.plain();
            match self.next() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Quoted { start, end: self.at - 1, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.at += 1;
                    self.escape()?;
                }
                // A control character, or the end.
                _ => return Err(Fault),
            }
        }
    }

    /// Passes over what needs no attention inside a string, eight bytes at a time.
    fn plain(&mut self) {
        const ONES: u64 = u64::from_ne_bytes([1; 8]);
        const HIGH: u64 = ONES << 7;
        let bytes = self.text.as_bytes();
        while let Some(chunk) = bytes.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            let word = u64::from_le_bytes(*chunk);
            let control = word.wrapping_sub(ONES * 0x20);
            let quote = (word ^ (ONES * u64::from(b'"'))).wrapping_sub(ONES);
            let slash = (word ^ (ONES * u64::from(b'\\'))).wrapping_sub(ONES);
            // The lowest bit is exact; borrows can only set bits above it.
            let found = (control | quote | slash) & !word & HIGH;
            if found != 0 {
                self.at += (found.trailing_zeros() / 8) as usize;
                return;
            }
            self.at += 8;
        }
        while self.next().is_some_and(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
            self.at += 1;
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<(), Fault> {
        let kind = self.next().ok_or(Fault)?;
        self.at += 1;
        match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => match self.unit()? {
                0xDC00..=0xDFFF => Err(Fault),
                0xD800..=0xDBFF => {
                    self.word("\\u")?;
                    if (0xDC00..=0xDFFF).contains(&self.unit()?) { Ok(()) } else { Err(Fault) }
                }
                _ => Ok(()),
            },
            _ => Err(Fault),
        }
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, Fault> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).ok_or(Fault)?;
        self.at += 4;
        digits.iter().try_fold(0, |unit, digit| Ok(unit << 4 | char::from(*digit).to_digit(16).ok_or(Fault)?))
    }

    /// A number, as text, and whether it is a whole number without exponent.
    pub(super) fn number(&mut self) -> Result<(&'e str, bool), Fault> {
        let start = self.at;
        self.at += usize::from(self.next() == Some(b'-'));
        let leading_zero = self.next() == Some(b'0');
        let whole = self.digits()?;
        if leading_zero && whole > 1 {
            return Err(Fault);
        }
        let mut is_whole = true;
        let mut may_overflow = whole > 300;
        if self.next() == Some(b'.') {
            self.at += 1;
            self.digits()?;
            is_whole = false;
        }
        if let Some(b'e' | b'E') = self.next() {
            self.at += 1;
            self.at += usize::from(matches!(self.next(), Some(b'+' | b'-')));
            self.digits()?;
            is_whole = false;
            may_overflow = true;
        }
        let text = self.text.get(start..self.at).ok_or(Fault)?;
        if may_overflow {
            double(text)?;
        }
        Ok((text, is_whole))
    }

    /// At least one digit; how many.
    fn digits(&mut self) -> Result<usize, Fault> {
        let start = self.at;
        while self.next().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(Fault) } else { Ok(self.at - start) }
    }

    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

/// The double that `serde_json` reads: its rounding is its own, and so is its idea of what is too large.
pub(super) fn double(text: &str) -> Result<f64, Fault> {
    serde_json::from_str(text).map_err(|_| Fault)
}

/// Writes a string that was scanned, without its escapes.
pub(super) fn unescape(escaped: &str, out: &mut String) {
    let mut rest = escaped;
    while let Some((plain, after)) = rest.split_once('\\') {
        out.push_str(plain);
        let mut chars = after.chars();
        let kind = chars.next().unwrap_or('\\');
        rest = chars.as_str();
        match kind {
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{C}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'u' => {
                let high = unit(rest, 0);
                // A high surrogate and `\u` before the low one.
                let pair = (0xD800..=0xDBFF).contains(&high);
                let code = if pair {
                    0x10000 + ((high - 0xD800) << 10) + (unit(rest, 6).wrapping_sub(0xDC00) & 0x3FF)
                } else {
                    high
                };
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                rest = rest.get(if pair { 10 } else { 4 }..).unwrap_or_default();
            }
            quoted => out.push(quoted),
        }
    }
    out.push_str(rest);
}

fn unit(text: &str, at: usize) -> u32 {
    text.get(at..at + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0xFFFD)
}
