//! In which language and look a request is answered.

use std::sync::{Arc, PoisonError};

use http::header::ACCEPT_LANGUAGE;

use super::FrontChannel;
use crate::endpoint::Request;
use crate::pages::{Language, Look, View};
use crate::protocol::params::Params;

/// The fields in which forms and links of our own pages carry the request that they are about.
const CARRIERS: [&str; 3] = ["request", "state", "user_code"];
/// The parameter by which clients name languages (`OpenID` Connect Core section 3.1.2.1).
const UI_LOCALES: &str = "ui_locales";

impl FrontChannel {
    /// The view of whoever sent `request`, by what can be seen of it before it is checked. Pages about a checked authorization request have the
    /// view of that request instead, which may have come to us in another way.
    pub(super) fn view(&self, request: &Request) -> View {
        self.view_in(request, locales_of(request).as_deref())
    }

    /// The view of whoever sent `request` for a client that wants these languages.
    pub(super) fn view_in(&self, request: &Request, ui_locales: Option<&str>) -> View {
        let look = self.current_look();
        let otherwise = look.site().language.unwrap_or_default();
        View::new(Language::choose(ui_locales, request.header(&ACCEPT_LANGUAGE), otherwise), look)
    }

    /// The look that the settings want, as they were read last, however long ago: a page that says that the store can't be read has it, too.
    fn current_look(&self) -> Arc<Look> {
        let kept = self.look.read().unwrap_or_else(PoisonError::into_inner).clone();
        match self.context.settings.peek() {
            Some(settings) if settings.site != *kept.site() => {
                let look = Arc::new(Look::of(&settings.site));
                *self.look.write().unwrap_or_else(PoisonError::into_inner) = look.clone();
                look
            }
            _ => kept,
        }
    }
}

/// The language that `request` asks for, if pages are written in one of those that it names; whatever the browser likes best.
pub(super) fn asked_language(request: &Request) -> Option<Language> {
    locales_of(request).as_deref().and_then(Language::asked)
}

/// The languages that a request names, in its query or in its form.
fn locales_of(request: &Request) -> Option<String> {
    let body = std::str::from_utf8(&request.body).unwrap_or_default();
    [request.raw_query.as_str(), body].into_iter().find_map(asked_locales)
}

/// The languages that encoded parameters name, or those of the request that they carry.
fn asked_locales(encoded: &str) -> Option<String> {
    let params = read(encoded)?;
    let own = params.find(UI_LOCALES).map(str::to_owned);
    own.or_else(|| {
        let carried = CARRIERS.into_iter().find_map(|name| params.find(name))?;
        let query = carried.split_once('?').map_or(carried, |(_, query)| query);
        read(query)?.find(UI_LOCALES).map(str::to_owned)
    })
}

fn read(encoded: &str) -> Option<Params> {
    Params::parse_lenient(encoded.as_bytes()).ok().map(|(params, _)| params)
}
