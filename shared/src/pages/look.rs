//! The look of a site's pages: its name, logo, colours and links, as the operator's settings have them.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use super::source;
use crate::model::settings::{Logo, SiteSettings};

/// The style of every page.
const STYLE: &str = include_str!("style.css");

/// The look of a site's pages. It is made once for the settings that it comes from: the style's hash is part of every page's policy.
#[derive(Clone, Debug)]
pub struct Look {
    style: String,
    style_source: String,
    site: SiteSettings,
}

impl Look {
    /// The look that a site wants.
    #[must_use]
    pub fn of(site: &SiteSettings) -> Self {
        let mut style = STYLE.to_owned();
        if let Some((light, dark)) = site.accents() {
            let (on_light, on_dark) = (light.text_on_it(), dark.text_on_it());
            // Writing to a string can't fail.
            let _ = write!(
                style,
                ":root{{--accent:{light};--on-accent:{on_light}}}\n@media(prefers-color-scheme:dark){{:root{{--accent:{dark};--on-accent:{on_dark}}}}}\n"
            );
        }
        Self { style_source: source(&style), style, site: site.clone() }
    }

    /// The look of a site that did not say how it wants to look.
    #[must_use]
    pub fn plain() -> Arc<Self> {
        static PLAIN: LazyLock<Arc<Look>> = LazyLock::new(|| Arc::new(Look::of(&SiteSettings::default())));
        PLAIN.clone()
    }

    /// The settings that it comes from.
    #[must_use]
    pub fn site(&self) -> &SiteSettings {
        &self.site
    }

    /// The style sheet.
    #[must_use]
    pub fn style(&self) -> &str {
        &self.style
    }

    /// The CSP source of the style sheet.
    #[must_use]
    pub fn style_source(&self) -> &str {
        &self.style_source
    }

    /// What the site is called.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.site.name.as_deref()
    }

    /// Its logo, as a `data:` URL.
    #[must_use]
    pub fn logo(&self) -> Option<&str> {
        self.site.logo.as_ref().map(Logo::url)
    }

    /// Where people get help: where a link leads, and what they read.
    #[must_use]
    pub fn support(&self) -> Option<(String, String)> {
        self.site.support.as_ref().map(|support| (support.link(), support.shown()))
    }

    /// Whether there is anything to put under a page.
    #[must_use]
    pub fn has_footer(&self) -> bool {
        let SiteSettings { support, privacy, terms, .. } = &self.site;
        support.is_some() || privacy.is_some() || terms.is_some()
    }

    /// The page about people's data.
    #[must_use]
    pub fn privacy(&self) -> Option<&str> {
        self.site.privacy.as_ref().map(|url| url.as_url().as_str())
    }

    /// The terms of use.
    #[must_use]
    pub fn terms(&self) -> Option<&str> {
        self.site.terms.as_ref().map(|url| url.as_url().as_str())
    }
}
