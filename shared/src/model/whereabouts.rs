//! Where a request came from, as people are reminded of it later: coarse on purpose, since it is kept.

use std::net::IpAddr;

/// The longest `User-Agent` that is looked at, in bytes.
const MAX_USER_AGENT: usize = 512;
/// What stands between browser and system where both are one text.
const BETWEEN: char = '/';

/// Browser and network. Nothing known is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// The browser.
    pub browser: Browser,
    /// The network: 256 addresses of IPv4, or a site's prefix of IPv6.
    pub network: Option<String>,
}

/// A browser and the system that it runs on, as far as they are known. Both are names of products, the same in every language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Browser {
    /// The browser's family.
    pub family: Option<&'static str>,
    /// The system.
    pub system: Option<&'static str>,
}

/// What tells a family, in the order in which to look: most browsers name others, too.
const FAMILIES: [(&str, &str); 14] = [
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("Edge/", "Edge"),
    ("OPR/", "Opera"),
    ("OPiOS/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// What tells a system, likewise.
const SYSTEMS: [(&str, &str); 9] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("Linux", "Linux"),
    ("X11", "Linux"),
];

impl Whereabouts {
    /// Those of a request from `address` with this `User-Agent`.
    #[must_use]
    pub fn of(user_agent: Option<&str>, address: Option<IpAddr>) -> Self {
        Self {
            browser: user_agent.map(Browser::of).unwrap_or_default(),
            network: address.filter(|address| !address.is_loopback()).map(coarse),
        }
    }
}

impl Browser {
    /// The browser that calls itself `user_agent` (RFC 9110 section 10.1.5).
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        let end = user_agent.floor_char_boundary(MAX_USER_AGENT);
        let text = user_agent.get(..end).unwrap_or_default();
        let find = |table: &[(&str, &'static str)]| table.iter().find(|(sign, _)| text.contains(sign)).map(|(_, name)| *name);
        Self { family: find(&FAMILIES), system: find(&SYSTEMS) }
    }

    /// As one text, for the store; none where nothing is known.
    #[must_use]
    pub fn to_text(self) -> Option<String> {
        let is_known = self.family.is_some() || self.system.is_some();
        is_known.then(|| format!("{}{BETWEEN}{}", self.family.unwrap_or_default(), self.system.unwrap_or_default()))
    }

    /// The browser that was stored as `text`. Names that this version does not know are left out.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let (family, system) = text.split_once(BETWEEN).unwrap_or((text, ""));
        let find = |table: &[(&str, &'static str)], name: &str| table.iter().find(|(_, known)| *known == name).map(|(_, known)| *known);
        Self { family: find(&FAMILIES, family), system: find(&SYSTEMS, system) }
    }
}

/// The network of an address, with what is left out marked as such.
fn coarse(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.*")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:*")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9110 section 10.1.5: what browsers say today
    #[test]
    fn browsers_are_known_by_what_they_say_and_not_by_whom_they_imitate() {
        const WEBKIT: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (user_agent, family, system) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned(), "Firefox", "Linux"),
            (format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/143.0.0.0 Safari/537.36 Edg/143.0"), "Edge", "Windows"),
            (format!("Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/143.0.0.0 Mobile Safari/537.36"), "Chrome", "Android"),
            (format!("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/143.0.0.0 Safari/537.36"), "Chrome", "ChromeOS"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1"
                    .to_owned(),
                "Safari",
                "iPhone",
            ),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/145 Safari/605".to_owned(), "Firefox", "macOS"),
        ] {
            let browser = Browser::of(&user_agent);
            assert_eq!((browser.family, browser.system), (Some(family), Some(system)), "{user_agent}");
            assert_eq!(Browser::from_text(&browser.to_text().unwrap()), browser);
        }
    }

    /// What a stranger sends is bounded, and never kept as it came
    #[test]
    fn nothing_of_a_strange_name_is_kept() {
        for strange in ["", "curl/8", "<script>alert(1)</script>", "ü/é"] {
            assert_eq!(Browser::of(strange).to_text(), None, "{strange}");
            assert_eq!(Browser::from_text(strange), Browser::default());
        }
        assert_eq!(Browser::of(&format!("{} Firefox/1", "é".repeat(300))), Browser::default());
        assert_eq!(Browser::from_text("/Linux"), Browser { family: None, system: Some("Linux") });
    }

    /// Coarse on purpose
    #[test]
    fn a_network_is_kept_and_not_the_address() {
        let of = |address: &str| Whereabouts::of(None, Some(address.parse().unwrap())).network.unwrap();
        assert_eq!(of("192.0.2.77"), "192.0.2.*");
        assert_eq!(of("2001:db8:12:3456::1"), "2001:db8:12:*");
        assert_eq!(of("::ffff:192.0.2.77"), "192.0.2.*");
        assert_eq!(Whereabouts::of(None, Some("::1".parse().unwrap())).network, None, "it says nothing");
    }
}
