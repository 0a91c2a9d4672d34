//! What is asked for, in words that people read before they allow it.

use crate::config::Config;
use crate::model::settings::Settings;
use crate::pages::{AskedDetail, AskedScope, View};
use crate::protocol::details::AuthorizationDetails;
use crate::protocol::resource::normalize;

/// The scopes, each with the operator's words for it if the resources have any.
pub(super) fn asked_scopes<'a>(view: &View, settings: &'a Settings, resources: &[String], scopes: &'a [String]) -> Vec<AskedScope<'a>> {
    let words = |scope: &str| resources.iter().filter_map(|one| settings.find_resource(one)).find_map(|one| one.scopes.get(scope));
    scopes.iter().map(|scope| AskedScope::new(view, scope, words(scope).map(|words| words.in_language(view.language())))).collect()
}

/// The resources beside the default audience and this server itself, which go without saying.
pub(super) fn further_resources<'a>(config: &Config, resources: &'a [String]) -> impl Iterator<Item = &'a String> + use<'a> {
    let usual = [normalize(&config.default_audience), normalize(config.issuer.as_str())];
    resources.iter().filter(move |one| !usual.contains(one))
}

/// The resources, as people know them; empty for those alone that go without saying.
pub(super) fn named_resources<'a>(view: &View, config: &Config, settings: &'a Settings, resources: &'a [String]) -> Vec<&'a str> {
    if further_resources(config, resources).next().is_none() {
        return Vec::new();
    }
    let name = |one: &str| settings.find_resource(one).and_then(|known| known.name.as_ref()).map(|name| name.in_language(view.language()));
    resources.iter().map(|one| name(one).unwrap_or(one)).collect()
}

/// The authorization details, each under the operator's words for its type (RFC 9396).
pub(super) fn asked_details<'a>(view: &View, settings: &'a Settings, details: &'a AuthorizationDetails) -> Vec<AskedDetail<'a>> {
    let describe = |kind: &'a str| {
        let known = settings.authorization_details.iter().find(|one| one.r#type == kind);
        known.map_or(kind, |one| one.description.in_language(view.language()))
    };
    details.iter().map(|detail| AskedDetail { description: describe(detail.kind()), rows: detail.rows() }).collect()
}
