//! Which of two media types the sender of `Accept` would rather have (RFC 9110 section 12.5.1).

/// Whether `accept` names `wanted`, and does not rank `usual` above it. Wildcards mean the usual one. Of equals, the first counts.
#[must_use]
pub fn prefers(accept: &str, wanted: &str, usual: &str) -> bool {
    let mut best: Option<(u16, bool)> = None;
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let is_wanted = name.eq_ignore_ascii_case(wanted);
        if !is_wanted && !name.eq_ignore_ascii_case(usual) {
            continue;
        }
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))).map_or(1000, read_weight);
        if weight > best.map_or(0, |(known, _)| known) {
            best = Some((weight, is_wanted));
        }
    }
    best.is_some_and(|(_, is_wanted)| is_wanted)
}

/// A weight in thousandths; one that can't be read refuses.
fn read_weight(text: &str) -> u16 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fits = fraction.len() <= 3 && fraction.bytes().all(|b| b.is_ascii_digit());
    match whole {
        "1" if fits => 1000,
        "0" if fits => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9110 section 12.5.1
    #[test]
    fn the_highest_weight_decides_and_then_the_order() {
        for (accept, expected) in [
            ("application/token-introspection+jwt", true),
            ("Application/Token-Introspection+JWT; q=0.4", true),
            ("application/token-introspection+jwt, application/json", true),
            ("application/json, application/token-introspection+jwt", false),
            ("application/json;q=0.5, application/token-introspection+jwt;q=0.75", true),
            ("application/token-introspection+jwt;q=0", false),
            ("application/token-introspection+jwt;q=x", false),
            ("application/json", false),
            ("application/jwt", false),
            ("*/*", false),
            ("", false),
            (",;,;q=1", false),
        ] {
            assert_eq!(prefers(accept, "application/token-introspection+jwt", "application/json"), expected, "{accept}");
        }
    }
}
