use ocean_provider_api::download::{content_disposition, parse_content_disposition};

#[track_caller]
fn check(file_name: &str, expected: &str) {
    assert_eq!(content_disposition(file_name), format!("attachment;filename={expected}"));
}

#[test]
fn a_file_name_ends_no_header_and_is_no_path() {
    check("a\r\nSet-Cookie: x", "a__Set-Cookie:_x");
    check("../../etc/passwd", ".._.._etc_passwd");
    check("a\";b", "a__b");
    check("", "file");
    check(&"x".repeat(5_000), &"x".repeat(200));
    check("ä.csv", "_.csv");
    check("small.txt", "small.txt");
}

#[track_caller]
fn read(header: &str, expected: Option<&str>) {
    assert_eq!(parse_content_disposition(header).as_deref(), expected, "{header}");
}

#[test]
fn a_client_takes_no_path_from_a_header() {
    read("attachment", None);
    read("attachment;filename=", None);
    read("attachment;filename=..", None);
    read("attachment;filename=../../.bashrc", Some(".bashrc"));
    read("attachment;filename=a\\b\\c.txt", Some("c.txt"));
    read("attachment;filename=small.txt", Some("small.txt"));
    read("attachment; filename=\"small file.txt\"", Some("small file.txt"));
}
