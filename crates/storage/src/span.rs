//! Parts of content whose size is known, for sources that know nothing of `Range`.

/// What a `Range` header asks for (RFC 9110, section 14.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// Everything: no header, one that is not understood, or several parts.
    Whole,
    /// These bytes.
    Part {
        /// The first one.
        start: u64,
        /// The one after the last.
        end: u64,
    },
    /// No byte of the content.
    Outside,
}

impl Span {
    /// What `range` means for content of `size` bytes.
    pub(crate) fn of(range: Option<&str>, size: u64) -> Self {
        let spec = range.and_then(|range| range.trim().strip_prefix("bytes="));
        let Some((first, last)) = spec.and_then(|spec| spec.trim().split_once('-')) else {
            return Self::Whole;
        };
        let (first, last) = (first.trim(), last.trim());
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(first) || !digits(last) {
            return Self::Whole;
        }
        let (start, end) = match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => (first, last.saturating_add(1).min(size)),
            (Ok(first), _) if last.is_empty() => (first, size),
            (_, Ok(suffix)) if first.is_empty() => (size.saturating_sub(suffix), size),
            _ => return Self::Whole,
        };
        if start < end { Self::Part { start, end } } else { Self::Outside }
    }

    /// The status of an answer with this part.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Whole => 200,
            Self::Part { .. } => 206,
            Self::Outside => 416,
        }
    }

    /// How many bytes of `size` these are.
    pub(crate) fn length(self, size: u64) -> u64 {
        match self {
            Self::Whole => size,
            Self::Part { start, end } => end.saturating_sub(start),
            Self::Outside => 0,
        }
    }

    /// The first byte.
    pub(crate) fn start(self) -> u64 {
        match self {
            Self::Part { start, .. } => start,
            Self::Whole | Self::Outside => 0,
        }
    }

    /// The value of `Content-Range`.
    pub(crate) fn content_range(self, size: u64) -> Option<String> {
        match self {
            Self::Whole => None,
            Self::Part { start, end } => Some(format!("bytes {start}-{}/{size}", end.saturating_sub(1))),
            Self::Outside => Some(format!("bytes */{size}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(range: &str, size: u64, expected: Span) {
        assert_eq!(Span::of(Some(range), size), expected, "{range} of {size}");
    }

    #[test]
    fn ranges_are_read_as_http_says() {
        let part = |start, end| Span::Part { start, end };
        check("bytes=0-0", 10, part(0, 1));
        check("bytes=2-4", 10, part(2, 5));
        check("bytes=2-", 10, part(2, 10));
        check("bytes=-3", 10, part(7, 10));
        check("bytes=-30", 10, part(0, 10));
        check("bytes=5-18446744073709551615", 10, part(5, 10));
        check("bytes=10-", 10, Span::Outside);
        check("bytes=-0", 10, Span::Outside);
        check("bytes=0-", 0, Span::Outside);
        for odd in
            ["", "bytes", "bytes=", "bytes=-", "bytes=4-2", "bytes=1-2,4-5", "lines=1-2", "bytes=a-b", "bytes=+1-2"]
        {
            check(odd, 10, Span::Whole);
        }
        assert_eq!(part(2, 5).content_range(10).as_deref(), Some("bytes 2-4/10"));
        assert_eq!((part(2, 5).status(), part(2, 5).length(10), part(2, 5).start()), (206, 3, 2));
        assert_eq!(Span::Outside.content_range(10).as_deref(), Some("bytes */10"));
        assert_eq!((Span::Whole.content_range(10), Span::Whole.length(10)), (None, 10));
    }
}
