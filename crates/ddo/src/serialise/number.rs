use std::fmt::Write as _;

/// A JSON number as JavaScript's `Number::toString` writes it; null beyond the range of a float.
pub(super) fn js(text: &str, out: &mut String) {
    let plain = text.len() <= 15 && !text.starts_with(['0', '-']) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain {
        out.push_str(text);
        return;
    }
    let float: f64 = text.parse().unwrap_or(f64::INFINITY);
    if !float.is_finite() {
        out.push_str("null");
        return;
    }
    if float == 0.0 {
        out.push('0');
        return;
    }
    let Shortest { negative, digits, point } = Shortest::of(float);
    if negative {
        out.push('-');
    }
    if (-5..=21).contains(&point) {
        positional(&digits, point, out);
    } else {
        scientific(&digits, out);
        let exponent = point - 1;
        let _ = write!(out, "e{}{}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
    }
}

/// A JSON number as `json.dumps` writes what `json.loads` read: integers exactly, floats as `repr` does.
pub(super) fn python(text: &str, out: &mut String) {
    if !text.contains(['.', 'e', 'E']) {
        out.push_str(if text == "-0" { "0" } else { text });
        return;
    }
    let float: f64 = text.parse().unwrap_or(f64::INFINITY);
    if float.is_infinite() {
        out.push_str(if float < 0.0 { "-Infinity" } else { "Infinity" });
        return;
    }
    if float == 0.0 {
        out.push_str(if float.is_sign_negative() { "-0.0" } else { "0.0" });
        return;
    }
    let Shortest { negative, digits, point } = Shortest::of(float);
    if negative {
        out.push('-');
    }
    if (-3..=16).contains(&point) {
        positional(&digits, point, out);
        if usize::try_from(point).is_ok_and(|point| point >= digits.len()) {
            out.push_str(".0");
        }
    } else {
        scientific(&digits, out);
        let exponent = point - 1;
        let _ = write!(out, "e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
    }
}

/// The fewest digits that read back as the same float: `0.digits × 10^point`.
struct Shortest {
    negative: bool,
    digits: String,
    point: i32,
}

impl Shortest {
    fn of(float: f64) -> Self {
        let text = format!("{:e}", float.abs());
        // `{:e}` always writes an exponent, and it has at most three digits.
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        Self {
            negative: float < 0.0,
            digits: mantissa.replace('.', ""),
            point: exponent.parse::<i32>().unwrap_or_default() + 1,
        }
    }
}

fn positional(digits: &str, point: i32, out: &mut String) {
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    match usize::try_from(point) {
        Ok(point @ 1..) if point < digits.len() => {
            let _ = write!(out, "{}.{}", &digits[..point], &digits[point..]);
        }
        Ok(1..) => {
            out.push_str(digits);
            out.push_str(&zeros(point - i32::try_from(digits.len()).unwrap_or_default()));
        }
        _ => {
            let _ = write!(out, "0.{}{digits}", zeros(-point));
        }
    }
}

fn scientific(digits: &str, out: &mut String) {
    let (first, rest) = digits.split_at(1);
    out.push_str(first);
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
}
