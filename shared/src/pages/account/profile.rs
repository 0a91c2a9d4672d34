//! What people say about themselves, and how claims are shown.

use std::borrow::Cow;

use askama::Template;
use serde_json::{Map, Value};

use super::Frame;
use crate::pages::{Language, Page, Policy, View, render};
use crate::protocol::profile::{ADDRESS, ADDRESS_PARTS, FORMATTED, ValueError, has_lines, is_url, longest};

/// `/account/profile`.
#[derive(Clone, Debug, Template)]
#[template(path = "account/profile.html")]
pub struct ProfilePage<'a> {
    /// Language and look.
    pub view: &'a View,
    /// What every account page has.
    pub frame: Frame<'a>,
    /// The account is kept here, so that people may say who they are.
    pub is_here: bool,
    /// The fields but those of the address.
    pub fields: &'a [Field],
    /// The fields of the address.
    pub address: &'a [Field],
    /// The address of mail, which has a page of its own.
    pub email: Option<&'a str>,
    /// The number of the phone, which the operator alone may change.
    pub phone: Option<&'a str>,
    /// Why nothing was saved.
    pub problem: Option<ProfileProblem>,
    /// What tells whether the claims have changed since, in the hidden field `state`.
    pub state: &'a str,
    /// The token that binds the form to the browser.
    pub form_token: &'a str,
}

/// Why a profile was not saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileProblem {
    /// Some fields have values that can't be kept; each says why.
    Fields,
    /// It was changed elsewhere at the same moment.
    Changed,
}

impl ProfileProblem {
    /// What people read: the id of a message.
    fn sentence(self) -> &'static str {
        match self {
            Self::Fields => "profile-problem-fields",
            Self::Changed => "profile-problem-changed",
        }
    }
}

/// A field of the form: a claim or a member of the address.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name of the claim or member.
    pub name: &'static str,
    /// What stands in it.
    pub value: String,
    /// What is wrong with it.
    pub problem: Option<ValueError>,
}

impl Field {
    fn label(&self, view: &View) -> Cow<'static, str> {
        label_of(view, self.name).unwrap_or(Cow::Borrowed(self.name))
    }

    fn hint(&self, view: &View) -> Option<Cow<'static, str>> {
        view.find(&format!("field-{}-hint", self.name))
    }

    fn has_lines(&self) -> bool {
        has_lines(self.name)
    }

    fn is_url(&self) -> bool {
        is_url(self.name)
    }

    fn longest(&self) -> usize {
        longest(self.name)
    }

    /// What is wrong with it, in words.
    fn complaint(&self, view: &View) -> Option<Cow<'static, str>> {
        Some(match self.problem? {
            ValueError::TooLong(most) => view.tell("profile-problem-long", [("most", most)]).into(),
            ValueError::NotText => view.say("profile-problem-text"),
            ValueError::Url => view.say("profile-problem-url"),
            ValueError::Birthdate => view.say("profile-problem-birthdate"),
            ValueError::Locale => view.say("profile-problem-locale"),
            ValueError::Zone => view.say("profile-problem-zone"),
        })
    }

    /// The elements that say more about it, the complaint first.
    fn described_by(&self, view: &View) -> String {
        let complaint = self.problem.map(|_| format!("{}-problem", self.name));
        let hint = self.hint(view).map(|_| format!("{}-hint", self.name));
        complaint.into_iter().chain(hint).collect::<Vec<_>>().join(" ")
    }

    /// What may be chosen, with words; nothing where people write as they like.
    fn choices(&self, view: &View) -> Vec<(String, Cow<'static, str>)> {
        if self.name != "gender" {
            return Vec::new();
        }
        let mut choices = vec![(String::new(), view.say("profile-gender-none"))];
        choices.extend(["female", "male", "other"].map(|value| (value.to_owned(), gender_in_words(view, value))));
        if choices.iter().all(|(value, _)| *value != self.value) {
            choices.push((self.value.clone(), self.value.clone().into()));
        }
        choices
    }

    /// What browsers may fill in (HTML, section 4.10.18.7.1).
    fn autocomplete(&self) -> &'static str {
        match self.name {
            "name" => "name",
            "given_name" => "given-name",
            "middle_name" => "additional-name",
            "family_name" => "family-name",
            "nickname" => "nickname",
            "picture" => "photo",
            "website" => "url",
            "gender" => "sex",
            "birthdate" => "bday",
            "locale" => "language",
            "street_address" => "street-address",
            "postal_code" => "postal-code",
            "locality" => "address-level2",
            "region" => "address-level1",
            "country" => "country-name",
            _ => "off",
        }
    }
}

/// What a claim or a member of an address is called over its value.
fn label_of(view: &View, name: &str) -> Option<Cow<'static, str>> {
    view.find(&format!("field-{name}"))
}

fn gender_in_words(view: &View, value: &str) -> Cow<'static, str> {
    match value {
        "female" => view.say("profile-gender-female"),
        "male" => view.say("profile-gender-male"),
        "other" => view.say("profile-gender-other"),
        _ => value.to_owned().into(),
    }
}

/// A claim, as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is called; its name, where nobody has words for it.
    pub label: String,
    /// What it says, in one line or several; empty for one with parts.
    pub text: String,
    /// The parts that it has, with what each is called.
    pub parts: Vec<(String, String)>,
}

/// In which order claims are shown; others come after them, by name.
const ORDER: [&str; 19] = [
    "name",
    "given_name",
    "middle_name",
    "family_name",
    "nickname",
    "preferred_username",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    ADDRESS,
    "picture",
    "profile",
    "website",
    "gender",
    "birthdate",
    "locale",
    "zoneinfo",
    "updated_at",
];

/// Where the claim `name` stands among others. The family name comes before the given name in languages that say it first.
fn rank(view: &View, name: &str) -> usize {
    let place = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
    match (view.language(), name) {
        (Language::Chinese | Language::Japanese, "family_name") => place("given_name"),
        (Language::Chinese | Language::Japanese, "given_name" | "middle_name") => place(name) + 1,
        _ => place(name),
    }
}

/// Claims, as people read them.
#[must_use]
pub fn entries_of(view: &View, claims: &Map<String, Value>) -> Vec<Entry> {
    let mut names: Vec<&String> = claims.keys().collect();
    names.sort_by_key(|name| (rank(view, name), *name));
    let label = |name: &str| label_of(view, name).map_or_else(|| name.to_owned(), Cow::into_owned);
    let entry = |name: &String| {
        let value = claims.get(name)?;
        let parts = match value.as_object().filter(|_| name == ADDRESS) {
            Some(members) => {
                let part = |part: &str| Some((label(part), members.get(part)?.as_str()?.to_owned()));
                ADDRESS_PARTS.into_iter().chain([FORMATTED]).filter_map(part).collect()
            }
            None => Vec::new(),
        };
        let text = if parts.is_empty() { in_words(view, name, value) } else { String::new() };
        Some(Entry { label: label(name), text, parts })
    };
    names.into_iter().filter_map(entry).collect()
}

/// A claim's value, as people read it.
fn in_words(view: &View, name: &str, value: &Value) -> String {
    match value {
        Value::String(text) if name == "gender" => gender_in_words(view, text).into_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => view.say("profile-yes").into_owned(),
        Value::Bool(false) => view.say("profile-no").into_owned(),
        other => other.to_string(),
    }
}

impl ProfilePage<'_> {
    /// The document.
    #[must_use]
    pub fn render(&self) -> Page {
        render(self, self.view, Policy::Form)
    }

    fn fields_in_order(&self) -> Vec<&Field> {
        let mut fields: Vec<&Field> = self.fields.iter().collect();
        fields.sort_by_key(|field| rank(self.view, field.name));
        fields
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pages::Look;

    #[test]
    fn claims_have_names_and_values_that_people_read() {
        let view = View::new(Language::German, Look::plain());
        let claims = json!({
            "role": ["admin"], "email_verified": true, "email": "a@example.com", "gender": "female", "name": "Ada",
            "address": {"country": "CH", "locality": "Bern", "formatted": "Bern\nCH"},
        });
        let entries = entries_of(&view, claims.as_object().unwrap());
        let labels: Vec<&str> = entries.iter().map(|entry| entry.label.as_str()).collect();
        assert_eq!(labels, ["Name", "E-Mail-Adresse", "E-Mail-Adresse geprüft", "Anschrift", "Geschlecht", "role"]);
        assert_eq!(entries[2].text, "ja");
        assert_eq!(entries[3].parts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["Bern", "CH", "Bern\nCH"]);
        assert_eq!((entries[4].text.as_str(), entries[5].text.as_str()), ("weiblich", "[\"admin\"]"));
    }

    #[test]
    fn a_name_is_shown_in_the_order_in_which_it_is_said() {
        let claims = json!({"family_name": "C", "given_name": "A", "middle_name": "B", "name": "all", "nickname": "D"});
        for language in Language::ALL {
            let entries = entries_of(&View::new(language, Look::plain()), claims.as_object().unwrap());
            let texts: Vec<&str> = entries.iter().map(|entry| entry.text.as_str()).collect();
            let family_first = matches!(language, Language::Chinese | Language::Japanese);
            assert_eq!(texts, if family_first { ["all", "C", "A", "B", "D"] } else { ["all", "A", "B", "C", "D"] }, "{language:?}");
        }
    }
}
