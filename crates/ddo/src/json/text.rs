use std::borrow::Cow;

/// The text behind a string token; a lone surrogate becomes U+FFFD, which also is one UTF-16 unit.
pub(crate) fn decode(raw: &str) -> Cow<'_, str> {
    let Some(mut at) = raw.find('\\') else { return Cow::Borrowed(raw) };
    let (mut text, mut rest) = (String::with_capacity(raw.len()), raw);
    // What stands between escapes is copied whole; the halves of a surrogate pair are of one run.
    loop {
        let (plain, escaped) = rest.split_at(at);
        text.push_str(plain);
        let escape = escaped.as_bytes();
        let length = match escape.get(1) {
            Some(b'u') => escape.chunks_exact(6).take_while(|escape| escape.starts_with(b"\\u")).count() * 6,
            _ => 2,
        };
        let (escapes, behind) = escaped.split_at_checked(length).unwrap_or((escaped, ""));
        match escape.get(1) {
            Some(&byte) if length == 2 => text.push(meaning(byte.into())),
            _ => {
                text.extend(char::decode_utf16(units(escapes)).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)))
            }
        }
        rest = behind;
        match rest.find('\\') {
            Some(next) => at = next,
            None => break,
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Whether an escaped key means `name`.
pub(crate) fn key_is(raw: &str, name: &str) -> bool {
    // An escape is longer than what it stands for, so that only a longer text can be an escaped form of the name.
    if raw.len() <= name.len() {
        return raw == name;
    }
    let first = raw.as_bytes().first();
    (first == Some(&b'\\') || first == name.as_bytes().first()) && raw.contains('\\') && decode(raw) == name
}

/// The UTF-16 units of a string token, lone surrogates included.
pub(crate) fn units(raw: &str) -> impl Iterator<Item = u16> + '_ {
    let mut chars = raw.chars();
    let mut second = None;
    std::iter::from_fn(move || {
        if let Some(unit) = second.take() {
            return Some(unit);
        }
        let char = match chars.next()? {
            '\\' => match chars.next()? {
                'u' => {
                    let digit = |char: char| char.to_digit(16).and_then(|digit| u16::try_from(digit).ok()).unwrap_or(0);
                    return Some(chars.by_ref().take(4).fold(0, |unit, char| unit << 4 | digit(char)));
                }
                letter => meaning(letter),
            },
            char => char,
        };
        let mut pair = [0; 2];
        if let [_, low] = char.encode_utf16(&mut pair) {
            second = Some(*low);
        }
        Some(pair[0])
    })
}

/// What a letter behind a backslash stands for.
const fn meaning(letter: char) -> char {
    match letter {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    }
}
