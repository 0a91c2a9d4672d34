//! The texts of the pages, in Fluent: one file for each area and language under `texts/`. A language is parsed when it is first read, and a message
//! that it lacks is said in English.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

use crate::protocol::language::Language;

type Bundle = FluentBundle<FluentResource>;

/// The files of a language. A new area is added here.
macro_rules! texts_in {
    ($language:literal) => {
        [
            include_str!(concat!("texts/", $language, "/common.ftl")),
            include_str!(concat!("texts/", $language, "/login.ftl")),
            include_str!(concat!("texts/", $language, "/upstream.ftl")),
            include_str!(concat!("texts/", $language, "/passkeys.ftl")),
            include_str!(concat!("texts/", $language, "/consent.ftl")),
            include_str!(concat!("texts/", $language, "/device.ftl")),
            include_str!(concat!("texts/", $language, "/logout.ftl")),
            include_str!(concat!("texts/", $language, "/errors.ftl")),
            include_str!(concat!("texts/", $language, "/account.ftl")),
            include_str!(concat!("texts/", $language, "/profile.ftl")),
            include_str!(concat!("texts/", $language, "/passwords.ftl")),
        ]
    };
}

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| parse(Language::English));
static GERMAN: LazyLock<Bundle> = LazyLock::new(|| parse(Language::German));
static FRENCH: LazyLock<Bundle> = LazyLock::new(|| parse(Language::French));
static SPANISH: LazyLock<Bundle> = LazyLock::new(|| parse(Language::Spanish));
static PORTUGUESE: LazyLock<Bundle> = LazyLock::new(|| parse(Language::Portuguese));
static CHINESE: LazyLock<Bundle> = LazyLock::new(|| parse(Language::Chinese));
static JAPANESE: LazyLock<Bundle> = LazyLock::new(|| parse(Language::Japanese));

fn bundle(language: Language) -> &'static Bundle {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
        Language::French => &FRENCH,
        Language::Spanish => &SPANISH,
        Language::Portuguese => &PORTUGUESE,
        Language::Chinese => &CHINESE,
        Language::Japanese => &JAPANESE,
    }
}

fn sources(language: Language) -> impl Iterator<Item = &'static str> {
    let files = match language {
        Language::English => texts_in!("en"),
        Language::German => texts_in!("de"),
        Language::French => texts_in!("fr"),
        Language::Spanish => texts_in!("es"),
        Language::Portuguese => texts_in!("pt"),
        Language::Chinese => texts_in!("zh"),
        Language::Japanese => texts_in!("ja"),
    };
    files.into_iter()
}

/// Reads the files of a language. Tests see to it that each can be read, and that no message stands there twice.
fn parse(language: Language) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![language.tag().parse().unwrap_or_default()]);
    // Names are isolated by the elements that they stand in (`unicode-bidi`), so that no invisible characters get into titles and labels.
    bundle.set_use_isolating(false);
    for source in sources(language) {
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The message `id`, if there is one.
pub(super) fn find(language: Language, id: &str, arguments: Option<&FluentArgs<'_>>) -> Option<Cow<'static, str>> {
    let own = bundle(language);
    let (bundle, message) = match own.get_message(id) {
        Some(message) => (own, message),
        None => (&*ENGLISH, ENGLISH.get_message(id)?),
    };
    let mut errors = Vec::new();
    let text = match arguments {
        None => bundle.format_pattern(message.value()?, None, &mut errors),
        Some(_) => Cow::Owned(bundle.format_pattern(message.value()?, arguments, &mut errors).into_owned()),
    };
    debug_assert!(errors.is_empty(), "{id} in {language:?}: {errors:?}");
    Some(text)
}

#[cfg(test)]
mod tests;
