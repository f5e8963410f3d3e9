//! Walks over JSON text, accepting exactly what `serde_json` accepts for a `Value`: the same numbers,
//! the same escapes, the same depth. It needs neither memory nor stack, however deep the text.
//!
//! Each function takes what is left of the text and gives what is left after it: two words that stay in
//! registers, which is most of its speed.

/// The text is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault;

/// What is left of a text.
pub(super) type Rest<'e> = &'e [u8];

/// Levels of objects and arrays that `serde_json` allows.
pub(super) const DEPTH: u32 = 127;

/// A string in the text, without its quotes.
#[derive(Clone, Copy)]
pub(super) struct Quoted<'e> {
    pub(super) bytes: &'e [u8],
    /// It must be unescaped before it is compared.
    pub(super) escaped: bool,
}

/// What is left after white space.
#[inline(always)]
pub(super) fn space(mut rest: Rest<'_>) -> Rest<'_> {
    while let [b' ' | b'\n' | b'\t' | b'\r', after @ ..] = rest {
        rest = after;
    }
    rest
}

/// What is left after white space and `byte`.
#[inline(always)]
pub(super) fn expect(rest: Rest<'_>, byte: u8) -> Result<Rest<'_>, Fault> {
    match space(rest) {
        [first, after @ ..] if *first == byte => Ok(after),
        _ => Err(Fault),
    }
}

/// After the bracket that opens an object or an array: what is left if `close` comes at once.
#[inline(always)]
pub(super) fn at_once(rest: Rest<'_>, close: u8) -> Option<Rest<'_>> {
    expect(rest, close).ok()
}

/// After an element or a field: what is left, and whether another follows, or `close` ended them.
#[inline(always)]
pub(super) fn more(rest: Rest<'_>, close: u8) -> Result<(Rest<'_>, bool), Fault> {
    match space(rest) {
        [b',', after @ ..] => Ok((after, true)),
        [first, after @ ..] if *first == close => Ok((after, false)),
        _ => Err(Fault),
    }
}

/// Nothing but white space may be left.
pub(super) fn end(rest: Rest<'_>) -> Result<(), Fault> {
    if space(rest).is_empty() { Ok(()) } else { Err(Fault) }
}

/// Passes over a value that stands inside `depth` others.
pub(super) fn skip(mut rest: Rest<'_>, depth: u32) -> Result<Rest<'_>, Fault> {
    // What is open above `depth`, the innermost in the lowest bit: 1 for an object.
    let mut open: u128 = 0;
    let mut level = depth;
    loop {
        rest = space(rest);
        let (is_object, inside) = match rest {
            [b'{', inside @ ..] => (true, inside),
            [b'[', inside @ ..] => (false, inside),
            _ => {
                rest = scalar(rest)?;
                match after(rest, depth, &mut level, &mut open)? {
                    (rest, true) => return Ok(rest),
                    (left, false) => rest = left,
                }
                continue;
            }
        };
        level += 1;
        if level > DEPTH {
            return Err(Fault);
        }
        open = open << 1 | u128::from(is_object);
        match at_once(inside, if is_object { b'}' } else { b']' }) {
            Some(left) => {
                open >>= 1;
                level -= 1;
                match after(left, depth, &mut level, &mut open)? {
                    (rest, true) => return Ok(rest),
                    (left, false) => rest = left,
                }
            }
            None => rest = if is_object { name(inside)? } else { inside },
        }
    }
}

/// After a value inside those that [`skip`] passes over: where the next one begins, or the end of all.
#[inline(always)]
fn after<'e>(
    mut rest: Rest<'e>,
    depth: u32,
    level: &mut u32,
    open: &mut u128,
) -> Result<(Rest<'e>, bool), Fault> {
    while *level > depth {
        let is_object = *open & 1 == 1;
        let (left, another) = more(rest, if is_object { b'}' } else { b']' })?;
        rest = left;
        if another {
            return Ok((if is_object { name(rest)? } else { rest }, false));
        }
        *open >>= 1;
        *level -= 1;
    }
    Ok((rest, true))
}

/// Passes over a field's name and its colon.
#[inline(always)]
fn name(rest: Rest<'_>) -> Result<Rest<'_>, Fault> {
    match space(rest) {
        [b'"', inside @ ..] => expect(skip_string(inside)?, b':'),
        _ => Err(Fault),
    }
}

#[inline(always)]
fn scalar(rest: Rest<'_>) -> Result<Rest<'_>, Fault> {
    match rest {
        [b'"', inside @ ..] => skip_string(inside),
        [b't', ..] => word(rest, b"true"),
        [b'f', ..] => word(rest, b"false"),
        [b'n', ..] => word(rest, b"null"),
        _ => number(rest).map(|(_, _, rest)| rest),
    }
}

/// A field's name, after white space, and what is left after its colon.
#[inline(always)]
pub(super) fn key(rest: Rest<'_>) -> Result<(Quoted<'_>, Rest<'_>), Fault> {
    let [b'"', inside @ ..] = space(rest) else { return Err(Fault) };
    let (name, rest) = string(inside)?;
    Ok((name, expect(rest, b':')?))
}

#[inline(always)]
pub(super) fn word<'e>(rest: Rest<'e>, word: &[u8]) -> Result<Rest<'e>, Fault> {
    rest.strip_prefix(word).ok_or(Fault)
}

/// A string, after its opening quote.
#[inline(always)]
pub(super) fn string(inside: Rest<'_>) -> Result<(Quoted<'_>, Rest<'_>), Fault> {
    let stop = plain(inside);
    let (rest, escaped) = match stop {
        [b'"', rest @ ..] => (rest, false),
        _ => (escaped_string(stop)?, true),
    };
    // Without the closing quote.
    let length = inside.len() - rest.len() - 1;
    Ok((Quoted { bytes: inside.get(..length).unwrap_or_default(), escaped }, rest))
}

/// Passes over a string, after its opening quote.
#[inline(always)]
fn skip_string(inside: Rest<'_>) -> Result<Rest<'_>, Fault> {
    match plain(inside) {
        [b'"', rest @ ..] => Ok(rest),
        stop => escaped_string(stop),
    }
}

/// The rest of a string that holds escapes, or a fault.
#[cold]
fn escaped_string(mut rest: Rest<'_>) -> Result<Rest<'_>, Fault> {
    loop {
        rest = match plain(rest) {
            [b'"', rest @ ..] => return Ok(rest),
            [b'\\', rest @ ..] => escape(rest)?,
            // A control character, or the end.
            _ => return Err(Fault),
        };
    }
}

/// Passes over what needs no attention inside a string, eight bytes at a time.
#[inline(always)]
fn plain(mut rest: Rest<'_>) -> Rest<'_> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20);
        let quote = (word ^ (ONES * u64::from(b'"'))).wrapping_sub(ONES);
        let slash = (word ^ (ONES * u64::from(b'\\'))).wrapping_sub(ONES);
        // The lowest bit is exact; borrows can only set bits above it.
        let found = (control | quote | slash) & !word & HIGH;
        if found != 0 {
            return rest.get((found.trailing_zeros() / 8) as usize..).unwrap_or_default();
        }
        rest = after;
    }
    while let [byte, after @ ..] = rest {
        if *byte < 0x20 || *byte == b'"' || *byte == b'\\' {
            break;
        }
        rest = after;
    }
    rest
}

/// What follows a backslash.
fn escape(rest: Rest<'_>) -> Result<Rest<'_>, Fault> {
    match rest {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', rest @ ..] => Ok(rest),
        [b'u', digits @ ..] => match unit(digits)? {
            (0xDC00..=0xDFFF, _) => Err(Fault),
            (0xD800..=0xDBFF, rest) => match unit(word(rest, b"\\u")?)? {
                (0xDC00..=0xDFFF, rest) => Ok(rest),
                _ => Err(Fault),
            },
            (_, rest) => Ok(rest),
        },
        _ => Err(Fault),
    }
}

/// Four hexadecimal digits.
fn unit(rest: Rest<'_>) -> Result<(u32, Rest<'_>), Fault> {
    let (digits, rest) = rest.split_first_chunk::<4>().ok_or(Fault)?;
    let value = |digit: &u8| char::from(*digit).to_digit(16).ok_or(Fault);
    Ok((digits.iter().try_fold(0, |unit, digit| Ok(unit << 4 | value(digit)?))?, rest))
}

/// A number, as text, whether it is a whole number without exponent, and what is left.
pub(super) fn number(start: Rest<'_>) -> Result<(&str, bool, Rest<'_>), Fault> {
    let unsigned = start.strip_prefix(b"-").unwrap_or(start);
    let mut rest = digits(unsigned)?;
    let whole = unsigned.len() - rest.len();
    if whole > 1 && unsigned.starts_with(b"0") {
        return Err(Fault);
    }
    let mut is_whole = true;
    let mut may_overflow = whole > 300;
    if let [b'.', fraction @ ..] = rest {
        rest = digits(fraction)?;
        is_whole = false;
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let unsigned = match exponent {
            [b'+' | b'-', unsigned @ ..] => unsigned,
            unsigned => unsigned,
        };
        rest = digits(unsigned)?;
        is_whole = false;
        may_overflow = true;
    }
    let text = start.get(..start.len() - rest.len()).unwrap_or_default();
    let text = std::str::from_utf8(text).map_err(|_| Fault)?;
    if may_overflow {
        double(text)?;
    }
    Ok((text, is_whole, rest))
}

/// Passes over at least one digit.
#[inline(always)]
fn digits(start: Rest<'_>) -> Result<Rest<'_>, Fault> {
    let mut rest = start;
    while let [b'0'..=b'9', after @ ..] = rest {
        rest = after;
    }
    if rest.len() == start.len() { Err(Fault) } else { Ok(rest) }
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
                let high = code(rest, 0);
                // A high surrogate and `\u` before the low one.
                let pair = (0xD800..=0xDBFF).contains(&high);
                let code = if pair {
                    0x10000 + ((high - 0xD800) << 10) + (code(rest, 6).wrapping_sub(0xDC00) & 0x3FF)
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

fn code(text: &str, at: usize) -> u32 {
    text.get(at..at + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0xFFFD)
}
