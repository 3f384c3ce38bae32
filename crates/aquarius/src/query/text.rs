use jiff::{Timestamp, civil};

/// Tokens longer than this are cut, as the standard analyser does.
const MAX_TOKEN: usize = 255;

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Letter,
    Digit,
    Joiner,
    Ideograph,
    MidLetter,
    MidNumber,
    MidBoth,
    Other,
}

fn class(c: char) -> Class {
    match c {
        '_' | '\u{203f}' | '\u{2040}' => Class::Joiner,
        ':' | '\u{b7}' | '\u{2027}' => Class::MidLetter,
        ',' | ';' | '\u{66c}' => Class::MidNumber,
        '.' | '\'' | '\u{2018}' | '\u{2019}' | '\u{2024}' => Class::MidBoth,
        '\u{300}'..='\u{36f}' => Class::Letter,
        '\u{2e80}'..='\u{2fff}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{20000}'..='\u{3ffff}' => Class::Ideograph,
        c if c.is_numeric() => Class::Digit,
        c if c.is_alphabetic() => Class::Letter,
        _ => Class::Other,
    }
}

/// The standard analyser: words of Unicode text segmentation (UAX #29), lower case.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<(char, Class)> = text.chars().map(|c| (c, class(c))).collect();
    let mut words = Vec::new();
    let mut word = String::new();
    let mut last = Class::Other;
    let flush = |word: &mut String, words: &mut Vec<String>| {
        if word.chars().any(char::is_alphanumeric) {
            words.push(std::mem::take(word));
        } else {
            word.clear();
        }
    };
    for (at, (c, class)) in chars.iter().enumerate() {
        let next = chars.get(at + 1).map_or(Class::Other, |next| next.1);
        let joins = match class {
            Class::Letter | Class::Digit | Class::Joiner => true,
            Class::MidLetter => last == Class::Letter && next == Class::Letter,
            Class::MidNumber => last == Class::Digit && next == Class::Digit,
            Class::MidBoth => last == next && matches!(next, Class::Letter | Class::Digit),
            Class::Ideograph | Class::Other => false,
        };
        if joins && word.chars().count() < MAX_TOKEN {
            word.extend(c.to_lowercase());
        } else {
            flush(&mut word, &mut words);
            match class {
                Class::Ideograph => words.push(c.to_string()),
                Class::Letter | Class::Digit | Class::Joiner => word.extend(c.to_lowercase()),
                _ => {}
            }
        }
        last = *class;
    }
    flush(&mut word, &mut words);
    words
}

/// A date in one of the forms that dynamic mapping takes for a date, as an instant.
pub(super) fn date(text: &str) -> Option<Timestamp> {
    if !text.as_bytes().get(..4)?.iter().all(u8::is_ascii_digit) || !matches!(text.as_bytes().get(4), Some(b'-' | b'/'))
    {
        return None;
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let text = text.replace('/', "-");
    let civil = text
        .parse::<civil::DateTime>()
        .or_else(|_| text.parse::<civil::Date>().map(|date| date.to_datetime(civil::Time::midnight())));
    civil.ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}
