//! What the stream of the table `state` says: its records, as DynamoDB Streams and Lambda's event source write them in JSON.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value};

use super::item::{Item, PK};
use super::{StoreError, sessions};
use crate::model::session::EndedSession;

/// Why a record of the stream can't be read.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// It lacks a part that every record of this table's stream has.
    #[error("the record lacks {0}")]
    Incomplete(&'static str),
    /// The session in it does not have the form that this version writes.
    #[error(transparent)]
    Session(#[from] StoreError),
}

/// The session whose end `record` tells of; none when it tells of something else. Nothing in it proves that the session has ended: whoever acts
/// on it asks the table.
///
/// # Errors
/// When it is the end of a session that can't be read.
pub fn find_ended_session(record: &Value) -> Result<Option<EndedSession>, StreamError> {
    let change = record.get("dynamodb");
    let pk = change.and_then(|change| change.get("Keys")?.get(PK)?.get("S")?.as_str()).ok_or(StreamError::Incomplete("Keys"))?;
    if record.get("eventName").and_then(Value::as_str) != Some("REMOVE") || !sessions::is_session(pk) {
        return Ok(None);
    }
    let image = change.and_then(|change| change.get("OldImage")?.as_object()).ok_or(StreamError::Incomplete("OldImage"))?;
    Ok(Some(sessions::read_ended(&read_image(image))?))
}

/// The attributes that sessions are made of. Others, of which a later version may have some, are passed over.
fn read_image(image: &Map<String, Value>) -> Item {
    image.iter().filter_map(|(name, value)| Some((name.clone(), read_attribute(value)?))).collect()
}

fn read_attribute(value: &Value) -> Option<AttributeValue> {
    let (kind, value) = value.as_object()?.iter().next()?;
    let texts = |value: &Value| -> Option<Vec<String>> { value.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect() };
    match kind.as_str() {
        "S" => value.as_str().map(|text| AttributeValue::S(text.to_owned())),
        "N" => value.as_str().map(|number| AttributeValue::N(number.to_owned())),
        "SS" => texts(value).map(AttributeValue::Ss),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SESSION: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    const USER: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAW";

    fn record(name: &str, pk: &str, image: &Value) -> Value {
        json!({
            "eventID": "1", "eventName": name, "eventSource": "aws:dynamodb",
            "dynamodb": {"Keys": {"pk": {"S": pk}}, "OldImage": image, "SequenceNumber": "1", "StreamViewType": "OLD_IMAGE"},
        })
    }

    #[test]
    fn the_end_of_a_session_is_read_and_everything_else_passed_over() {
        let pk = format!("session#{SESSION}");
        let image = json!({
            "pk": {"S": pk}, "user_id": {"S": USER}, "clients": {"SS": ["b", "a"]}, "secret_hash": {"B": "AA=="}, "amr": {"L": [{"S": "pwd"}]},
            "expires_at": {"N": "1"}, "site_sub": {"S": "ada"}, "site_sid": {"S": "s"},
        });
        let ended = find_ended_session(&record("REMOVE", &pk, &image)).unwrap().unwrap();
        let clients: Vec<_> = ended.clients.iter().map(crate::model::client::ClientId::as_str).collect();
        assert_eq!((ended.id.to_string().as_str(), ended.user_id.to_string().as_str(), clients), (SESSION, USER, vec!["a", "b"]));
        let site = ended.site.as_ref().unwrap();
        assert_eq!((site.subject.as_str(), site.session_id.as_deref()), ("ada", Some("s")));
        assert!(ended.is_expired(crate::context::Timestamp(1)) && !ended.is_expired(crate::context::Timestamp(0)));
        for (name, pk) in [("MODIFY", pk.as_str()), ("INSERT", pk.as_str()), ("REMOVE", "grant#x"), ("REMOVE", "code#session#")] {
            assert!(find_ended_session(&record(name, pk, &image)).unwrap().is_none(), "{name} {pk}");
        }
    }

    #[test]
    fn a_session_that_cannot_be_read_is_an_error_and_not_passed_over() {
        let pk = format!("session#{SESSION}");
        let whole = json!({"pk": {"S": pk}, "user_id": {"S": USER}});
        for image in [
            json!({}),
            json!({"pk": {"S": pk}}),
            json!({"pk": {"S": pk}, "user_id": {"S": "x"}}),
            json!({"pk": {"S": "session#x"}, "user_id": {"S": USER}}),
            json!({"pk": {"S": pk}, "user_id": {"S": USER}, "clients": {"S": "a"}}),
            json!({"pk": {"S": pk}, "user_id": {"S": USER}, "clients": {"SS": ["a b"]}}),
            Value::Null,
        ] {
            assert!(find_ended_session(&record("REMOVE", &pk, &image)).is_err(), "{image}");
        }
        assert!(find_ended_session(&record("REMOVE", &pk, &whole)).unwrap().is_some(), "no client has to be told");
        assert!(find_ended_session(&json!({})).is_err());
    }
}
