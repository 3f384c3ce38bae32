use crate::{
    Error, Result,
    json::{Kind, Member, Node},
    limits::{MAX_NESTING, MAX_VALUES},
};

/// Reads one JSON value and nothing behind it (RFC 8259), within the limits on nesting and count.
pub(crate) fn parse(text: &str) -> Result<Node<'_>> {
    // Places are kept in half the memory, which is time.
    if u32::try_from(text.len()).is_err() {
        return Err(Error::TooLarge { what: "the text", size: text.len(), limit: u32::MAX as usize });
    }
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, depth: 0, values: 0, odd: false };
    parser.space();
    let node = parser.value()?;
    parser.space();
    if parser.at == text.len() { Ok(node) } else { Err(parser.error("nothing after the document")) }
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    values: usize,
    /// Whether the value that is being read has an odd key so far.
    odd: bool,
}

impl<'a> Parser<'a> {
    fn value(&mut self) -> Result<Node<'a>> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(Error::TooManyValues { limit: MAX_VALUES });
        }
        let start = self.offset();
        let (odd, kind) = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => {
                let (raw, plain) = self.string()?;
                (!plain, Kind::String(raw))
            }
            Some(b'-' | b'0'..=b'9') => (false, Kind::Number(self.number()?)),
            Some(b't') => (false, self.word("true", Kind::Bool(true))?),
            Some(b'f') => (false, self.word("false", Kind::Bool(false))?),
            Some(b'n') => (false, self.word("null", Kind::Null)?),
            _ => return Err(self.error("a value")),
        };
        Ok(Node { start, end: self.offset(), odd, kind })
    }

    /// An array or object, and whether there are odd keys in it.
    fn nested(&mut self, read: fn(&mut Self) -> Result<Kind<'a>>) -> Result<(bool, Kind<'a>)> {
        let outside = std::mem::take(&mut self.odd);
        if self.depth == MAX_NESTING {
            return Err(Error::TooDeep { limit: MAX_NESTING, offset: self.at });
        }
        self.depth += 1;
        self.at += 1;
        self.space();
        let kind = read(self)?;
        self.depth -= 1;
        let odd = self.odd;
        self.odd |= outside;
        Ok((odd, kind))
    }

    fn array(&mut self) -> Result<Kind<'a>> {
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(Kind::Array(items));
        }
        loop {
            self.space();
            items.push(self.value()?);
            self.space();
            if self.eat(b']') {
                return Ok(Kind::Array(items));
            }
            if !self.eat(b',') {
                return Err(self.error("a comma or the end of the array"));
            }
        }
    }

    fn object(&mut self) -> Result<Kind<'a>> {
        if self.eat(b'}') {
            return Ok(Kind::Object(Vec::new()));
        }
        // Objects near the root have a dozen members; deeper down, where there can be very many objects, none is guessed.
        let mut members = Vec::with_capacity(if self.depth <= 4 { 12 } else { 0 });
        loop {
            self.space();
            let start = self.offset();
            if self.peek() != Some(b'"') {
                return Err(self.error("a key"));
            }
            let (key, _) = self.string()?;
            let odd = is_odd(key);
            self.odd |= odd;
            self.space();
            if !self.eat(b':') {
                return Err(self.error("a colon"));
            }
            self.space();
            members.push(Member { start, key, odd, value: self.value()? });
            self.space();
            if self.eat(b'}') {
                return Ok(Kind::Object(members));
            }
            if !self.eat(b',') {
                return Err(self.error("a comma or the end of the object"));
            }
        }
    }

    /// What stands between the quotes, and whether it is ASCII without escapes.
    fn string(&mut self) -> Result<(&'a str, bool)> {
        self.at += 1;
        let start = self.at;
        let mut is_plain = true;
        loop {
            // Most bytes of a document are passed over here.
            let (passed, ascii) = unescaped(self.bytes.get(self.at..).unwrap_or_default());
            self.at += passed;
            is_plain &= ascii;
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    is_plain = false;
                    self.escape()?;
                }
                Some(_) => return Err(self.error("no raw control character in a string")),
                None => return Err(self.error("the end of the string")),
            }
        }
        let raw = &self.text[start..self.at];
        self.at += 1;
        Ok((raw, is_plain))
    }

    fn escape(&mut self) -> Result<()> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u')
                if self
                    .bytes
                    .get(self.at + 2..self.at + 6)
                    .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) =>
            {
                self.at += 6
            }
            _ => return Err(self.error("a valid escape")),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<&'a str> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn digits(&mut self) -> Result<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.error("a digit")) } else { Ok(()) }
    }

    fn word(&mut self, word: &str, kind: Kind<'a>) -> Result<Kind<'a>> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.error("a value"));
        }
        self.at += word.len();
        Ok(kind)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The length of the text fits, and so does every place in it.
    fn offset(&self) -> u32 {
        self.at as u32
    }

    fn error(&self, expected: &'static str) -> Error {
        Error::Syntax { offset: self.at, expected }
    }
}

/// How many bytes at the beginning are neither a quote, nor a backslash, nor a control character, and whether those are ASCII; eight are
/// looked at together.
fn unescaped(bytes: &[u8]) -> (usize, bool) {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let (chunks, rest) = bytes.as_chunks::<8>();
    let mut high = 0;
    for (index, chunk) in chunks.iter().enumerate() {
        let word = u64::from_le_bytes(*chunk);
        // The lowest bit that a borrow sets belongs to a byte that is zero, or below 0x20; those above may be wrong.
        let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
        let controls = word.wrapping_sub(ONES * 0x20) & !word;
        let quotes = zeros(word ^ (ONES * 0x22));
        let backslashes = zeros(word ^ (ONES * 0x5c));
        let found = (controls | quotes | backslashes) & HIGH;
        if found != 0 {
            let first = found & found.wrapping_neg();
            high |= word & (first - 1);
            return (index * 8 + (first.trailing_zeros() / 8) as usize, high & HIGH == 0);
        }
        high |= word;
    }
    let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    let more = rest.iter().position(ends).unwrap_or(rest.len());
    (chunks.len() * 8 + more, high & HIGH == 0 && rest[..more].is_ascii())
}

/// Whether a key is more than a plain name.
fn is_odd(key: &str) -> bool {
    const ODD: [bool; 256] = {
        let mut table = [false; 256];
        let odd = b"@:<>\"{}|^`\\";
        let mut at = 0;
        while at < odd.len() {
            table[odd[at] as usize] = true;
            at += 1;
        }
        table
    };
    key.bytes().any(|byte| ODD[usize::from(byte)])
}
