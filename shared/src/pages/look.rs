//! The look of a site's pages.

use std::sync::{Arc, LazyLock};

use super::source;

/// The style of every page.
const STYLE: &str = include_str!("style.css");

/// The look of a site's pages.
#[derive(Clone, Debug)]
pub struct Look {
    style: String,
    style_source: String,
}

impl Look {
    /// The look of a site that did not say how it wants to look.
    #[must_use]
    pub fn plain() -> Arc<Self> {
        static PLAIN: LazyLock<Arc<Look>> = LazyLock::new(|| Arc::new(Look::new(STYLE.to_owned())));
        PLAIN.clone()
    }

    fn new(style: String) -> Self {
        let style_source = source(&style);
        Self { style, style_source }
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
}
