use percent_encoding::percent_decode_str;
use reqwest::header::{CONTENT_DISPOSITION, HeaderMap};
use url::Url;

/// The longest file name that is handed on.
const MAX_LENGTH: usize = 200;

/// What the source says the file is called: its `Content-Disposition`, else the last element of the path.
pub(crate) fn from_response(headers: &HeaderMap, url: &Url) -> Option<String> {
    let announced = headers.get(CONTENT_DISPOSITION).and_then(|value| value.to_str().ok()).and_then(from_disposition);
    announced.or_else(|| sanitised(url.path_segments()?.next_back()?))
}

fn from_disposition(value: &str) -> Option<String> {
    let mut plain = None;
    for parameter in value.split(';').skip(1) {
        let Some((key, value)) = parameter.split_once('=') else {
            continue;
        };
        let value = value.trim().trim_matches('"');
        match key.trim().to_ascii_lowercase().as_str() {
            "filename" => plain = plain.or_else(|| sanitised(value)),
            // RFC 6266: charset'language'percent-encoded, and it wins.
            "filename*" => {
                let encoded = value.splitn(3, '\'').nth(2).unwrap_or_default();
                if let Ok(decoded) = percent_decode_str(encoded).decode_utf8()
                    && let Some(name) = sanitised(&decoded)
                {
                    return Some(name);
                }
            }
            _ => {}
        }
    }
    plain
}

/// A name without a path and without anything that could leave the header or the directory it ends up in.
pub(crate) fn sanitised(name: &str) -> Option<String> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name
        .chars()
        .filter(|character| {
            !character.is_control() && !matches!(character, '"' | ';' | '\'' | ':' | '*' | '?' | '<' | '>' | '|')
        })
        .take(MAX_LENGTH)
        .collect();
    let name = name.trim();
    if name.is_empty() || name.chars().all(|character| character == '.') { None } else { Some(name.to_owned()) }
}

/// A name that says nothing about where the file lies: 32 random hexadecimal digits.
pub(crate) fn random() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Adds the extension that the content type suggests to a name without one.
///
/// As the Python Provider: a content type with parameters adds none.
pub(crate) fn with_extension(name: String, content_type: Option<&str>) -> String {
    if name.contains('.') {
        return name;
    }
    let extension = match content_type.map(str::trim) {
        Some("text/plain") => Some("txt"),
        Some("text/html") => Some("html"),
        Some("text/csv") => Some("csv"),
        Some("application/json") => Some("json"),
        Some("application/octet-stream") => Some("bin"),
        Some("image/jpeg") => Some("jpg"),
        Some("video/mp4") => Some("mp4"),
        Some("audio/mpeg") => Some("mp3"),
        Some(other) if !other.contains(';') => {
            mime_guess::get_mime_extensions_str(other).and_then(|extensions| extensions.first().copied())
        }
        _ => None,
    };
    match extension {
        Some(extension) => format!("{name}.{extension}"),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(disposition: &str, url: &str, expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        if !disposition.is_empty() {
            headers.insert(CONTENT_DISPOSITION, disposition.parse().unwrap());
        }
        assert_eq!(from_response(&headers, &url.parse().unwrap()).as_deref(), expected, "{disposition} {url}");
    }

    #[test]
    fn names_come_from_the_header_and_then_from_the_path() {
        check("attachment; filename=\"a b.csv\"", "http://x/y.txt", Some("a b.csv"));
        check("attachment;filename=a.csv", "http://x/y.txt", Some("a.csv"));
        check("attachment; filename=plain.txt; filename*=UTF-8''r%C3%A9el.txt", "http://x/y", Some("réel.txt"));
        check("attachment", "http://x/y.txt", Some("y.txt"));
        check("", "http://x/a/b/data.csv?token=secret#part", Some("data.csv"));
        check("", "http://x/a/", None);
    }

    #[test]
    fn names_cannot_leave_their_directory_or_their_header() {
        check("attachment; filename=\"../../etc/passwd\"", "http://x/y", Some("passwd"));
        check("attachment; filename=\"..\\..\\boot.ini\"", "http://x/y", Some("boot.ini"));
        check("attachment; filename=\"..\"", "http://x/y.txt", Some("y.txt"));
        check("attachment; filename*=UTF-8''a%0d%0aSet-Cookie%3A%20x", "http://x/y", Some("aSet-Cookie x"));
        check("attachment; filename*=UTF-8''%ff%fe", "http://x/y.txt", Some("y.txt"));
        check(&format!("attachment; filename={}", "n".repeat(5_000)), "http://x/y", Some(&"n".repeat(MAX_LENGTH)));
    }

    #[test]
    fn a_missing_extension_is_guessed() {
        let named = |name: &str, kind| with_extension(name.to_owned(), kind);
        assert_eq!(named("noext", Some("application/octet-stream")), "noext.bin");
        assert_eq!(named("noext", Some("text/plain")), "noext.txt");
        assert_eq!(named("noext", Some("application/pdf")), "noext.pdf");
        assert_eq!(named("noext", Some("application/json; charset=utf-8")), "noext");
        assert_eq!(named("noext", Some("no/such-type")), "noext");
        assert_eq!(named("noext", None), "noext");
        assert_eq!(named("with.ext", Some("text/plain")), "with.ext");
        assert_eq!(random().len(), 32);
        assert_ne!(random(), random());
    }
}
