//! Claims that people write about themselves: which there are, and what each may be (`OpenID` Connect Core section 5.1).

use unic_langid::LanguageIdentifier;
use url::Url;

/// The standard claims that people may write themselves, in the order in which they are asked for. Addresses of mail and phones are none: they have to be
/// verified.
pub const EDITABLE: [&str; 14] = [
    "name",
    "given_name",
    "middle_name",
    "family_name",
    "nickname",
    "preferred_username",
    "picture",
    "profile",
    "website",
    "gender",
    "birthdate",
    "locale",
    "zoneinfo",
    ADDRESS,
];

/// The claim that has members (section 5.1.1).
pub const ADDRESS: &str = "address";

/// The member of an address that says it whole.
pub const FORMATTED: &str = "formatted";

/// The other members of an address, in the order in which they are asked for.
pub const ADDRESS_PARTS: [&str; 5] = ["street_address", "postal_code", "locality", "region", "country"];

/// The areas of the time zone database, of which each zone that people live in is named after one.
const AREAS: [&str; 11] =
    ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Etc", "Europe", "Indian", "Pacific"];
/// The longest name of a zone, in bytes; the longest that there is has 32.
const MAX_ZONE: usize = 48;
/// The longest tag of a language, in bytes (RFC 5646 section 4.4.1).
const MAX_LOCALE: usize = 35;

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// It has more characters than are kept.
    #[error("it is longer than {0} characters")]
    TooLong(usize),
    /// It has characters that are no text, or turn round what stands beside them.
    #[error("it has characters that can't be shown")]
    NotText,
    /// It is no `https` URL.
    #[error("it is no https address")]
    Url,
    /// It is no date, or one to come.
    #[error("it is no date of the past, as YYYY-MM-DD, 0000-MM-DD or YYYY")]
    Birthdate,
    /// It is no language tag (BCP 47).
    #[error("it is no language tag")]
    Locale,
    /// It is no name that the time zone database could have.
    #[error("it is no time zone")]
    Zone,
}

/// The most characters of a value.
#[must_use]
pub fn longest(name: &str) -> usize {
    match name {
        "picture" | "profile" | "website" => 512,
        "formatted" => 400,
        "street_address" => 200,
        "zoneinfo" => MAX_ZONE,
        "locale" => MAX_LOCALE,
        "birthdate" => 10,
        _ => 100,
    }
}

/// Whether a value may have several lines.
#[must_use]
pub fn has_lines(name: &str) -> bool {
    matches!(name, "formatted" | "street_address")
}

/// Whether a value is an address in the web.
#[must_use]
pub fn is_url(name: &str) -> bool {
    matches!(name, "picture" | "profile" | "website")
}

/// What a form sent for the claim or member `name`, without spaces around it and with lines that end by `\n`.
#[must_use]
pub fn tidy(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned()
}

/// Checks what somebody wrote about themselves, [`tidy`] already, and answers with what is kept. `today` is year, month and day, in UTC.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_value(name: &str, text: &str, today: (i64, i64, i64)) -> Result<String, ValueError> {
    if text.chars().count() > longest(name) {
        return Err(ValueError::TooLong(longest(name)));
    }
    if !text.chars().all(|c| is_shown(c) || (c == '\n' && has_lines(name))) {
        return Err(ValueError::NotText);
    }
    match name {
        _ if is_url(name) => check_url(text),
        "birthdate" => check_birthdate(text, today),
        "locale" => check_locale(text),
        "zoneinfo" => check_zone(text),
        _ => Ok(text.to_owned()),
    }
}

/// Neither a control character nor one that changes the direction of the text after it (Unicode Standard Annex 9 section 2).
fn is_shown(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn check_url(text: &str) -> Result<String, ValueError> {
    let url = Url::parse(text).map_err(|_| ValueError::Url)?;
    // What would be read as a name and a password of somebody can't be meant.
    let is_plain = url.scheme() == "https" && url.host_str().is_some_and(|host| host.contains('.')) && url.username().is_empty();
    if is_plain && url.password().is_none() && url.as_str().len() <= longest("website") { Ok(url.into()) } else { Err(ValueError::Url) }
}

/// A tag that begins with a code of ISO 639, as section 5.1 wants it: longer words are none that anybody has registered (RFC 5646 section 2.2.1).
fn check_locale(text: &str) -> Result<String, ValueError> {
    let tag = text.parse::<LanguageIdentifier>().map_err(|_| ValueError::Locale)?;
    if (2..=3).contains(&tag.language.as_str().len()) { Ok(tag.to_string()) } else { Err(ValueError::Locale) }
}

/// `YYYY-MM-DD`, with the year 0000 where it is left out, or `YYYY` alone.
fn check_birthdate(text: &str, today: (i64, i64, i64)) -> Result<String, ValueError> {
    let number = |part: &str, length: usize| {
        let is_number = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { part.parse::<i64>().ok() } else { None }
    };
    let mut parts = text.splitn(3, '-');
    let year = parts.next().and_then(|part| number(part, 4)).ok_or(ValueError::Birthdate)?;
    let is_date = match (parts.next(), parts.next()) {
        (None, None) => (1..=today.0).contains(&year),
        (Some(month), Some(day)) => match (number(month, 2), number(day, 2)) {
            (Some(month), Some(day)) => (1..=days_of(year, month)).contains(&day) && (year, month, day) <= today,
            _ => false,
        },
        _ => false,
    };
    if is_date { Ok(text.to_owned()) } else { Err(ValueError::Birthdate) }
}

/// How many days a month has; none for what is no month. The year 0000 may have been any.
fn days_of(year: i64, month: i64) -> i64 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 0,
    }
}

/// `Area/Place` or `Area/Region/Place`, or `UTC`. Which places there are changes from year to year, and is not known here.
fn check_zone(text: &str) -> Result<String, ValueError> {
    let (area, place) = text.split_once('/').unwrap_or_default();
    let is_name = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte));
    let is_zone = text == "UTC" || (AREAS.contains(&area) && place.split('/').count() <= 2 && place.split('/').all(is_name));
    if is_zone { Ok(text.to_owned()) } else { Err(ValueError::Zone) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::claims::is_standard;

    const TODAY: (i64, i64, i64) = (2027, 1, 15);

    fn check(name: &str, text: &str) -> Result<String, ValueError> {
        check_value(name, text, TODAY)
    }

    #[test]
    fn every_editable_claim_is_a_standard_one() {
        assert!(EDITABLE.into_iter().all(is_standard));
    }

    /// `OpenID` Connect Core section 5.1, `birthdate`
    #[test]
    fn a_birthdate_is_a_day_of_the_past_a_day_without_a_year_or_a_year() {
        for good in ["1990-05-31", "2000-02-29", "0000-02-29", "0000-12-31", "1990", "2027", "2027-01-15", "1815-12-10"] {
            assert_eq!(check("birthdate", good).as_deref(), Ok(good));
        }
        for bad in [
            "1990-5-31",
            "31.05.1990",
            "1990-13-01",
            "1990-00-10",
            "1900-02-29",
            "1990-04-31",
            "2027-01-16",
            "2028",
            "0000",
            "1990-05",
            "+990",
        ] {
            assert_eq!(check("birthdate", bad), Err(ValueError::Birthdate), "{bad}");
        }
        assert_eq!(check("birthdate", "1990-05-31T00:00"), Err(ValueError::TooLong(10)));
    }

    /// BCP 47; `OpenID` Connect Core section 5.1 lets an underscore stand for the hyphen
    #[test]
    fn a_locale_is_a_language_tag() {
        for (text, kept) in [("de", "de"), ("de-ch", "de-CH"), ("en_US", "en-US"), ("zh-hant-tw", "zh-Hant-TW"), ("de-1996", "de-1996")] {
            assert_eq!(check("locale", text).as_deref(), Ok(kept));
        }
        for bad in ["German", "d", "de-", "de CH", "deutsch!", "de-CH-CH-CH"] {
            assert_eq!(check("locale", bad), Err(ValueError::Locale), "{bad}");
        }
    }

    #[test]
    fn a_zone_has_a_name_of_the_time_zone_database() {
        for good in ["Europe/Paris", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Etc/GMT+5", "UTC"] {
            assert_eq!(check("zoneinfo", good).as_deref(), Ok(good));
        }
        for bad in ["Paris", "CET", "Europe/", "Europe//Paris", "Mars/Base", "Europe/a b", "Europe/A/B/C", "../etc/passwd", "/"] {
            assert_eq!(check("zoneinfo", bad), Err(ValueError::Zone), "{bad}");
        }
    }

    #[test]
    fn an_address_in_the_web_is_https_with_a_host() {
        for (text, kept) in [
            ("https://example.com/a.png?b#c", "https://example.com/a.png?b#c"),
            ("HTTPS://Example.com", "https://example.com/"),
            ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ] {
            assert_eq!(check("website", text).as_deref(), Ok(kept));
        }
        for bad in [
            "http://example.com",
            "example.com",
            "javascript:alert(1)",
            "data:,x",
            "https://",
            "https://localhost/",
            "https://a:b@example.com/",
        ] {
            assert_eq!(check("picture", bad), Err(ValueError::Url), "{bad}");
        }
        assert!(check("website", &format!("https://example.com/{}", "ü".repeat(400))).is_err(), "what is kept counts");
    }

    #[test]
    fn a_text_is_short_and_can_be_shown() {
        for good in ["Ada", "李 小龙", "O’Neill-Müller", "محمد", "👩‍🔬"] {
            assert_eq!(check("name", good).as_deref(), Ok(good));
        }
        for bad in ["a\nb", "a\u{7}", "\u{202e}evil", "a\u{2066}b", "a\u{2028}b"] {
            assert_eq!(check("name", bad), Err(ValueError::NotText), "{bad:?}");
        }
        assert_eq!(check("name", &"é".repeat(101)), Err(ValueError::TooLong(100)));
        assert_eq!(check("street_address", "1 Road\nHouse").as_deref(), Ok("1 Road\nHouse"));
        assert_eq!(tidy("  1 Road\r\nHouse\r "), "1 Road\nHouse");
    }
}
