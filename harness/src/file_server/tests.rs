use super::{Span, parse_range};

#[track_caller]
fn check(header: &str, length: u64, expected: Span) {
    assert_eq!(parse_range(header, length), expected, "{header} of {length}");
}

#[test]
fn ranges() {
    check("bytes=0-0", 10, Span::Satisfiable(0..1));
    check("bytes=3-", 10, Span::Satisfiable(3..10));
    check("bytes=-4", 10, Span::Satisfiable(6..10));
    check("bytes=-40", 10, Span::Satisfiable(0..10));
    check("bytes=3-400", 10, Span::Satisfiable(3..10));
    check("bytes=0-18446744073709551615", 10, Span::Satisfiable(0..10));
    check("bytes=10-", 10, Span::Unsatisfiable);
    check("bytes=-0", 10, Span::Unsatisfiable);
    check("bytes=0-", 0, Span::Unsatisfiable);
    check("bytes=5-3", 10, Span::Ignored);
    check("bytes=0-1,3-4", 10, Span::Ignored);
    check("bytes=-", 10, Span::Ignored);
    check("lines=0-1", 10, Span::Ignored);
    check("", 10, Span::Ignored);
}
