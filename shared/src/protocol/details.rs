//! Rich authorization requests (RFC 9396): what a client asks to be allowed, in a structured form.

use serde_json::{Map, Value};

use super::resource::normalize;
use crate::model::settings::DetailType;

/// The longest text of `authorization_details`, in bytes. It travels in access tokens, which travel in headers.
pub const MAX_BYTES: usize = 4_096;
/// The most elements.
const MAX_ELEMENTS: usize = 10;
/// The most levels of lists and objects inside an element.
const MAX_DEPTH: usize = 5;
/// The members that every type may have (RFC 9396 section 2.2), but for `identifier`: lists of texts.
const COMMON_LISTS: [&str; 4] = ["locations", "actions", "datatypes", "privileges"];
/// The one that is a text.
const IDENTIFIER: &str = "identifier";

/// Authorization details, each an object with a `type`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorizationDetails(Vec<Detail>);

/// One element. Equal elements have equal texts, whatever order their members came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail(Map<String, Value>);

/// Why authorization details are not taken: `invalid_authorization_details` (RFC 9396 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DetailsError {
    /// The text is longer than is read.
    #[error("it has more than 4,096 bytes")]
    TooLong,
    /// It is no JSON array of objects.
    #[error("it is not a JSON array of objects")]
    NotObjects,
    /// There are more elements than are read.
    #[error("it has more than 10 elements")]
    TooMany,
    /// Lists and objects stand in each other too deeply.
    #[error("it is nested too deeply")]
    TooDeep,
    /// A text has characters that people would not see, or that change what they see.
    #[error("a text in it has control characters")]
    Text,
    /// A type that the operator did not register, or that the client may not use; or none at all.
    #[error("a type in it is missing, unknown or not for this client")]
    Type,
    /// A member that the type does not have.
    #[error("it has a member that its type does not know")]
    UnknownMember,
    /// A member that the type must have is missing.
    #[error("a member is missing that its type needs")]
    MissingMember,
    /// A common member has another form than RFC 9396 section 2.2 says.
    #[error("one of locations, actions, datatypes, privileges and identifier has the wrong form")]
    CommonMember,
    /// A location is no resource of this server's.
    #[error("this server issues no tokens for one of its locations")]
    Location,
    /// It is not among what was granted (section 6).
    #[error("it exceeds what was granted")]
    Exceeds,
}

impl AuthorizationDetails {
    /// Reads what a client asks for, and holds it against the operator's `types`. `usable` are those that the client is registered for.
    ///
    /// # Errors
    /// Says what is wrong (RFC 9396 section 5).
    pub fn read(text: &str, types: &[DetailType], usable: Option<&[String]>) -> Result<Self, DetailsError> {
        let details = Self::read_untyped(text)?;
        for detail in &details.0 {
            let named = detail.0.get("type").and_then(Value::as_str).ok_or(DetailsError::Type)?;
            let known = types.iter().find(|one| one.r#type == named).ok_or(DetailsError::Type)?;
            if usable.is_some_and(|usable| !usable.iter().any(|one| one == named)) {
                return Err(DetailsError::Type);
            }
            detail.check_members(known)?;
        }
        Ok(details)
    }

    /// Reads elements without asking what they mean, to be compared with those that were granted.
    ///
    /// # Errors
    /// When it is no list of objects, or too large a one.
    pub fn read_untyped(text: &str) -> Result<Self, DetailsError> {
        if text.len() > MAX_BYTES {
            return Err(DetailsError::TooLong);
        }
        let Ok(Value::Array(elements)) = serde_json::from_str(text) else { return Err(DetailsError::NotObjects) };
        if elements.len() > MAX_ELEMENTS {
            return Err(DetailsError::TooMany);
        }
        let mut details = Self::default();
        for element in elements {
            let Value::Object(members) = element else { return Err(DetailsError::NotObjects) };
            check_value(&members, MAX_DEPTH)?;
            let detail = Detail(sorted(members));
            if !details.0.contains(&detail) {
                details.0.push(detail);
            }
        }
        Ok(details)
    }

    /// Reads the elements that [`Self::texts`] made.
    #[must_use]
    pub fn from_texts(texts: &[String]) -> Option<Self> {
        texts.iter().map(|text| serde_json::from_str(text).ok().map(sorted).map(Detail)).collect::<Option<_>>().map(Self)
    }

    /// Each element as a text; equal elements have equal ones.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.0.iter().map(Detail::text).collect()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These, and those of `more` that are not among them.
    #[must_use]
    pub fn with(mut self, more: &Self) -> Self {
        let new: Vec<Detail> = more.0.iter().filter(|detail| !self.0.contains(detail)).cloned().collect();
        self.0.extend(new);
        self
    }

    /// The elements.
    pub fn iter(&self) -> impl Iterator<Item = &Detail> {
        self.0.iter()
    }

    /// Every location in them, as it came.
    pub fn locations(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(Detail::locations)
    }

    /// Whether all of `asked` is among them.
    #[must_use]
    pub fn has_all(&self, asked: &Self) -> bool {
        asked.0.iter().all(|one| self.0.contains(one))
    }

    /// Those that stand in a token for `audience`, as JSON: those that name it among their locations, and those that name none. `None` when
    /// nothing is left.
    #[must_use]
    pub fn for_audience(&self, audience: &str) -> Option<Value> {
        let audience = normalize(audience);
        let is_for = |detail: &&Detail| {
            let mut locations = detail.locations().peekable();
            locations.peek().is_none() || locations.any(|one| normalize(one) == audience)
        };
        let elements: Vec<Value> = self.0.iter().filter(is_for).map(Detail::to_json).collect();
        (!elements.is_empty()).then_some(Value::Array(elements))
    }

    /// All of them, as JSON. `None` when there are none.
    #[must_use]
    pub fn to_json(&self) -> Option<Value> {
        (!self.is_empty()).then(|| self.0.iter().map(Detail::to_json).collect())
    }
}

impl Detail {
    /// Its `type`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.get("type").and_then(Value::as_str).unwrap_or_default()
    }

    /// What people read: each member's path and its value, without the type.
    #[must_use]
    pub fn rows(&self) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        for (name, value) in self.0.iter().filter(|(name, _)| *name != "type") {
            push_rows(&mut rows, name.clone(), value);
        }
        rows
    }

    fn locations(&self) -> impl Iterator<Item = &str> {
        self.0.get("locations").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    fn text(&self) -> String {
        self.to_json().to_string()
    }

    fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// RFC 9396 section 5: no member that is not the type's, none missing, and the common ones in their form.
    fn check_members(&self, known: &DetailType) -> Result<(), DetailsError> {
        for (name, value) in &self.0 {
            if COMMON_LISTS.contains(&name.as_str()) {
                let is_list = value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_string));
                if !is_list {
                    return Err(DetailsError::CommonMember);
                }
            } else if name == IDENTIFIER {
                if !value.is_string() {
                    return Err(DetailsError::CommonMember);
                }
            } else if name != "type" && !known.required.contains(name) && !known.optional.contains(name) {
                return Err(DetailsError::UnknownMember);
            }
        }
        let is_missing = |name: &String| self.0.get(name).is_none_or(Value::is_null);
        if known.required.iter().any(is_missing) { Err(DetailsError::MissingMember) } else { Ok(()) }
    }
}

/// Bounds the depth, and refuses texts that would not be shown as they are.
fn check_value(members: &Map<String, Value>, depth: usize) -> Result<(), DetailsError> {
    let depth = depth.checked_sub(1).ok_or(DetailsError::TooDeep)?;
    for (name, value) in members {
        check_text(name)?;
        check_element(value, depth)?;
    }
    Ok(())
}

fn check_element(value: &Value, depth: usize) -> Result<(), DetailsError> {
    match value {
        Value::String(text) => check_text(text),
        Value::Object(members) => check_value(members, depth),
        Value::Array(elements) => {
            let depth = depth.checked_sub(1).ok_or(DetailsError::TooDeep)?;
            elements.iter().try_for_each(|element| check_element(element, depth))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Characters that control, or turn the direction of what stands around them, would let a page say something else than the token (UAX 9).
fn check_text(text: &str) -> Result<(), DetailsError> {
    let deceives = |c: char| {
        c.is_control() || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    if text.contains(deceives) { Err(DetailsError::Text) } else { Ok(()) }
}

/// The same members in one order, at every level, whatever order `serde_json` keeps.
fn sorted(members: Map<String, Value>) -> Map<String, Value> {
    let mut pairs: Vec<(String, Value)> = members.into_iter().map(|(name, value)| (name, sorted_value(value))).collect();
    pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
    pairs.into_iter().collect()
}

fn sorted_value(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(sorted(members)),
        Value::Array(elements) => elements.into_iter().map(sorted_value).collect(),
        other => other,
    }
}

fn push_rows(rows: &mut Vec<(String, String)>, path: String, value: &Value) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                push_rows(rows, format!("{path} \u{203a} {name}"), value);
            }
        }
        Value::Array(elements) if elements.iter().any(|one| one.is_object() || one.is_array()) => {
            for (index, value) in elements.iter().enumerate() {
                push_rows(rows, format!("{path} \u{203a} {}", index + 1), value);
            }
        }
        Value::Array(elements) => rows.push((path, elements.iter().map(shown).collect::<Vec<_>>().join(", "))),
        other => rows.push((path, shown(other))),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn types() -> Vec<DetailType> {
        serde_json::from_value(json!([
            {"type": "payment", "description": "Pay once", "required": ["amount"], "optional": ["note", "creditor"]},
            {"type": "calendar", "description": "See your calendar"},
        ]))
        .unwrap()
    }

    fn read(value: &Value) -> Result<AuthorizationDetails, DetailsError> {
        AuthorizationDetails::read(&value.to_string(), &types(), None)
    }

    /// RFC 9396 section 5
    #[test]
    fn what_is_unknown_missing_or_malformed_is_refused() {
        use DetailsError as E;
        let deep = json!([{"type": "payment", "amount": {"a": {"b": {"c": {"d": {"e": 1}}}}}}]);
        let lists = json!([{"type": "payment", "amount": [[[[[1]]]]]}]);
        let many: Value = (0..11).map(|n| json!({"type": "payment", "amount": n})).collect();
        for (value, error) in [
            (json!({"type": "calendar"}), E::NotObjects),
            (json!(["calendar"]), E::NotObjects),
            (json!([{}]), E::Type),
            (json!([{"type": 1}]), E::Type),
            (json!([{"type": "Calendar"}]), E::Type),
            (json!([{"type": "calendar"}, {"type": "other"}]), E::Type),
            (json!([{"type": "calendar", "amount": 1}]), E::UnknownMember),
            (json!([{"type": "payment"}]), E::MissingMember),
            (json!([{"type": "payment", "amount": null}]), E::MissingMember),
            (json!([{"type": "calendar", "actions": "read"}]), E::CommonMember),
            (json!([{"type": "calendar", "actions": []}]), E::CommonMember),
            (json!([{"type": "calendar", "locations": [1]}]), E::CommonMember),
            (json!([{"type": "calendar", "identifier": ["x"]}]), E::CommonMember),
            (json!([{"type": "payment", "amount": "1\u{202e}000"}]), E::Text),
            (json!([{"type": "payment", "amount": {"a\nb": 1}}]), E::Text),
            (json!([{"type": "payment", "amount": ["\u{0}"]}]), E::Text),
            (deep, E::TooDeep),
            (lists, E::TooDeep),
            (many, E::TooMany),
            (json!([{"type": "payment", "amount": "x".repeat(MAX_BYTES)}]), E::TooLong),
        ] {
            assert_eq!(read(&value), Err(error), "{value}");
        }
        for text in ["", "null", "[", "[{\"type\":\"calendar\"}", "[{\"type\":\"calendar\"}]x", &"[".repeat(4_000)] {
            assert_eq!(AuthorizationDetails::read(text, &types(), None), Err(E::NotObjects), "{text}");
        }
        let usable = ["calendar".to_owned()];
        let payment = json!([{"type": "payment", "amount": 1}]).to_string();
        assert_eq!(AuthorizationDetails::read(&payment, &types(), Some(&usable)), Err(E::Type));
    }

    /// RFC 9396 section 6
    #[test]
    fn equal_elements_are_equal_whatever_their_order() {
        let granted = AuthorizationDetails::read(
            r#"[{"type":"payment","amount":{"value":"1.50","currency":"EUR"}},{"type":"calendar"},{"type":"calendar"}]"#,
            &types(),
            None,
        );
        let granted = granted.unwrap();
        assert_eq!(granted.texts(), [r#"{"amount":{"currency":"EUR","value":"1.50"},"type":"payment"}"#, r#"{"type":"calendar"}"#]);
        assert_eq!(AuthorizationDetails::from_texts(&granted.texts()).unwrap(), granted);
        for (asked, expected) in [
            (r#"[{"amount":{"currency":"EUR","value":"1.50"},"type":"payment"}]"#, true),
            (r"[]", true),
            (r#"[{"amount":{"currency":"EUR","value":"1.5"},"type":"payment"}]"#, false),
            (r#"[{"amount":{"currency":"EUR"},"type":"payment"}]"#, false),
        ] {
            assert_eq!(granted.has_all(&AuthorizationDetails::read_untyped(asked).unwrap()), expected, "{asked}");
        }
    }

    /// RFC 9396 section 9.1: a token says what concerns its audience
    #[test]
    fn a_location_keeps_an_element_to_its_audience() {
        let (here, there) = (
            json!({"type": "calendar", "locations": ["https://a.example/", "https://c.example"]}),
            json!({"type": "calendar", "locations": ["https://b.example"]}),
        );
        let everywhere = json!({"type": "payment", "amount": 1});
        let details = read(&json!([here, there, everywhere])).unwrap();
        assert_eq!(details.for_audience("https://a.example"), Some(json!([here, everywhere])));
        assert_eq!(details.for_audience("https://b.example/"), Some(json!([there, everywhere])));
        assert_eq!(details.for_audience("https://x.example"), Some(json!([everywhere])));
        assert_eq!(read(&json!([there])).unwrap().for_audience("https://a.example"), None);
        assert_eq!(details.locations().count(), 3);
    }

    #[test]
    fn people_read_each_member_with_its_path() {
        let value = json!([{
            "type": "payment", "actions": ["initiate", "cancel"], "amount": {"currency": "EUR", "value": 12.5}, "creditor": [{"name": "<b>"}], "note": true,
        }]);
        let rows = read(&value).unwrap().iter().flat_map(Detail::rows).collect::<Vec<_>>();
        let rows: Vec<(&str, &str)> = rows.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
        assert_eq!(
            rows,
            [
                ("actions", "initiate, cancel"),
                ("amount \u{203a} currency", "EUR"),
                ("amount \u{203a} value", "12.5"),
                ("creditor \u{203a} 1 \u{203a} name", "<b>"),
                ("note", "true"),
            ]
        );
    }
}
