//! One call to DynamoDB, told in what is harmless of it: names, conditions and outcome, and of the values those that open nothing.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::expression::{Names, split_outside};

/// Attributes whose values may be shown. Hashes are shortened; numbers and flags are always shown; anything else is hidden.
const HARMLESS: [&str; 22] = [
    "acr",
    "amr",
    "answered_hash",
    "client_id",
    "code_challenge",
    "code_secret_hash",
    "current_kid",
    "dpop_jkt",
    "generation",
    "owner",
    "redirect_uri",
    "resources",
    "revoked_by",
    "rotation_id",
    "scopes",
    "secret_hash",
    "seed_hash",
    "session_id",
    "status",
    "subject",
    "user_id",
    "username",
];
/// Kinds of records whose whole key may be shown: it opens nothing by itself.
const KINDS: [&str; 11] = ["attempt", "client", "code", "consent", "grant", "jti", "login", "par", "revoked", "session", "user"];
/// How much of a text is shown, in characters.
const SHOWN: usize = 120;
/// What stands in the place of a value that is not shown.
const HIDDEN: &str = "(hidden)";

/// A call, as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Call {
    /// The operation; for a part of a transaction, with its kind.
    operation: String,
    table: String,
    key: String,
    /// The condition, or of a query the key condition, clause by clause, with the values in their places.
    condition: Vec<Clause>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update: Option<String>,
    /// What was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<Shown>,
    outcome: Outcome,
    /// The item that came back: as it was before, or as it stands where the condition failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    returned: Option<Shown>,
    /// Milliseconds from the start of the request.
    pub(super) begun: f64,
    /// Milliseconds until the answer.
    took: f64,
}

type Shown = BTreeMap<String, String>;

/// One clause of a condition, and whether it held where that can be told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Clause {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<bool>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// A write was applied.
    Applied,
    /// Its condition did not hold; nothing was changed.
    Refused,
    /// A read found the item.
    Found,
    /// A read found nothing.
    Missing,
    /// A query listed what there is.
    Listed,
    /// The engine refused for another reason.
    Failed,
    /// No answer came.
    #[default]
    Unanswered,
}

/// What the engine answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) is_success: bool,
    pub(super) body: Value,
}

impl Call {
    /// Tells a call from its request and its answer; a transaction is as many as it has parts.
    pub(super) fn read(operation: &str, request: &Value, answer: Option<&Answer>) -> Vec<Self> {
        match request.get("TransactItems").and_then(Value::as_array) {
            Some(parts) => {
                let parts = parts.iter().filter_map(Value::as_object).flatten();
                parts.map(|(kind, part)| Self::read_one(&format!("{operation}: {kind}"), part, answer)).collect()
            }
            None => vec![Self::read_one(operation, request, answer)],
        }
    }

    /// This call with its times in milliseconds: from the start of the request, and until the answer.
    pub(super) fn at(self, begun: f64, took: f64) -> Self {
        Self { begun, took, ..self }
    }

    fn read_one(operation: &str, request: &Value, answer: Option<&Answer>) -> Self {
        let outcome = judge(operation, answer);
        let item = answer.and_then(|answer| ["Item", "Attributes"].iter().find_map(|name| answer.body.get(name)));
        let expression = |name| request.get(name).and_then(Value::as_str);
        let names = Names(request);
        let pk = ["Key", "Item"].iter().find_map(|holder| request.pointer(&format!("/{holder}/pk/S"))).and_then(Value::as_str);
        let condition = expression("ConditionExpression").or_else(|| expression("KeyConditionExpression")).unwrap_or_default();
        let clauses = split_outside(condition, " AND ").into_iter().map(|clause| Clause {
            text: names.render(&clause),
            held: match outcome {
                // What came back is the item as it stands: it shows which clause failed.
                Outcome::Refused => item.and_then(|item| names.holds(&clause, item)),
                Outcome::Applied => Some(true),
                Outcome::Found | Outcome::Missing | Outcome::Listed | Outcome::Failed | Outcome::Unanswered => None,
            },
        });
        Self {
            operation: operation.to_owned(),
            table: expression("TableName").unwrap_or_default().to_owned(),
            key: pk.map_or_else(String::new, show_key),
            condition: clauses.filter(|clause| !clause.text.is_empty()).collect(),
            update: expression("UpdateExpression").map(|update| names.render(update)),
            written: request.get("Item").map(show_item),
            outcome,
            returned: item.map(show_item),
            ..Self::default()
        }
    }
}

fn judge(operation: &str, answer: Option<&Answer>) -> Outcome {
    let Some(answer) = answer else { return Outcome::Unanswered };
    if !answer.is_success {
        let code = answer.body.get("__type").and_then(Value::as_str).unwrap_or_default();
        let is_refused = code.ends_with("ConditionalCheckFailedException") || code.ends_with("TransactionCanceledException");
        return if is_refused { Outcome::Refused } else { Outcome::Failed };
    }
    match operation {
        "GetItem" if answer.body.get("Item").is_some() => Outcome::Found,
        "GetItem" => Outcome::Missing,
        "Query" | "Scan" => Outcome::Listed,
        _ => Outcome::Applied,
    }
}

fn show_item(item: &Value) -> Shown {
    let attributes = item.as_object().into_iter().flatten();
    attributes.filter(|(name, _)| *name != "pk").map(|(name, value)| (name.clone(), show(name, value))).collect()
}

/// A value, if the attribute is one whose values may be shown.
pub(super) fn show(attribute: &str, value: &Value) -> String {
    let Some((kind, inner)) = value.as_object().and_then(|value| value.iter().next()) else { return HIDDEN.to_owned() };
    match (kind.as_str(), inner) {
        ("N", Value::String(number)) => number.clone(),
        ("BOOL", Value::Bool(flag)) => flag.to_string(),
        ("S", Value::String(key)) if attribute == "pk" => show_key(key),
        _ if !HARMLESS.contains(&attribute) => HIDDEN.to_owned(),
        ("S", Value::String(text)) => quote(text),
        ("B", Value::String(hash)) if attribute.ends_with("_hash") => format!("sha256:{}…", hash.chars().take(8).collect::<String>()),
        ("L", Value::Array(values)) => format!("[{}]", join(values.iter().map(|value| show(attribute, value)))),
        ("SS", Value::Array(values)) => format!("{{{}}}", join(values.iter().filter_map(Value::as_str).map(quote))),
        _ => HIDDEN.to_owned(),
    }
}

fn join(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join(", ")
}

fn quote(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

fn show_key(key: &str) -> String {
    match key.split_once('#') {
        None => key.to_owned(),
        Some((kind, _)) if KINDS.contains(&kind) => key.chars().take(SHOWN).collect(),
        Some((kind, _)) => format!("{kind}#{HIDDEN}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request() -> Value {
        json!({
            "TableName": "state", "Key": {"pk": {"S": "code#01K"}},
            "ConditionExpression": "secret_hash = :hash AND #c = :client AND expires_at > :now AND \
                (attribute_not_exists(dpop_jkt) OR dpop_jkt = :jkt) AND contains(resources, :r) AND nonce = :nonce",
            "ExpressionAttributeNames": {"#c": "client_id"},
            "ExpressionAttributeValues": {":hash": {"B": "aGFzaC1vZi1hLXNlY3JldA=="}, ":client": {"S": "app"}, ":now": {"N": "1800000000"},
                ":jkt": {"S": "thumb"}, ":r": {"S": "https://a.example"}, ":nonce": {"S": "private"}},
        })
    }

    fn stored(changes: Value) -> Value {
        let mut item = json!({"pk": {"S": "code#01K"}, "secret_hash": {"B": "aGFzaC1vZi1hLXNlY3JldA=="}, "client_id": {"S": "app"},
            "expires_at": {"N": "1800000060"}, "resources": {"L": [{"S": "https://a.example"}]}, "nonce": {"S": "private"}});
        item.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        item
    }

    fn read(item: Value) -> Call {
        let body = json!({"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "Item": item});
        Call::read("DeleteItem", &request(), Some(&Answer { is_success: false, body })).remove(0)
    }

    #[test]
    fn a_condition_is_told_clause_by_clause_with_what_is_harmless_in_it() {
        let texts: Vec<_> = read(stored(json!({}))).condition.into_iter().map(|clause| clause.text).collect();
        let expected = [
            "secret_hash = sha256:aGFzaC1v…",
            "client_id = \"app\"",
            "expires_at > 1800000000",
            "(attribute_not_exists(dpop_jkt) OR dpop_jkt = \"thumb\")",
            "contains(resources, \"https://a.example\")",
            "nonce = (hidden)",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn of_a_condition_that_failed_it_is_told_which_clause_did() {
        for (changes, failed) in [
            (json!({"secret_hash": {"B": "b3RoZXI="}}), 0),
            (json!({"client_id": {"S": "other"}}), 1),
            (json!({"expires_at": {"N": "1800000000"}}), 2),
            (json!({"dpop_jkt": {"S": "another"}}), 3),
            (json!({"resources": {"L": []}}), 4),
        ] {
            let call = read(stored(changes));
            assert_eq!(call.outcome, Outcome::Refused);
            let verdicts: Vec<_> = call.condition.iter().map(|clause| clause.held).collect();
            let expected: Vec<_> = (0..6).map(|index| Some(index != failed)).collect();
            assert_eq!(verdicts, expected);
        }
    }

    #[test]
    fn what_nobody_named_harmless_is_hidden_wherever_it_stands() {
        let request = json!({
            "TableName": "registry",
            "Item": {"pk": {"S": "passkey#abc"}, "password_hash": {"S": "$argon2id$"}, "sealed": {"B": "c2VjcmV0"}, "claims": {"S": "{}"}, "locked": {"BOOL": false}},
        });
        let call = Call::read("PutItem", &request, None).remove(0);
        assert_eq!((call.key.as_str(), call.outcome), ("passkey#(hidden)", Outcome::Unanswered));
        let written = call.written.unwrap();
        assert_eq!(["password_hash", "sealed", "claims", "locked"].map(|name| written[name].as_str()), [HIDDEN, HIDDEN, HIDDEN, "false"]);
    }

    #[test]
    fn an_update_and_a_transaction_are_told_part_by_part() {
        let update = json!({"TransactItems": [
            {"Update": {"TableName": "state", "Key": {"pk": {"S": "grant#01K"}}, "UpdateExpression": "SET #s = :s, generation = generation + :one",
                "ExpressionAttributeNames": {"#s": "status"}, "ExpressionAttributeValues": {":s": {"S": "revoked"}, ":one": {"N": "1"}}}},
            {"Put": {"TableName": "registry", "Item": {"pk": {"S": "login#local#a"}}}},
        ]});
        let answer = Answer { is_success: true, body: json!({}) };
        let calls = Call::read("TransactWriteItems", &update, Some(&answer));
        assert_eq!(calls[0].update.as_deref(), Some("SET status = \"revoked\", generation = generation + 1"));
        assert_eq!((calls[1].operation.as_str(), calls[1].outcome), ("TransactWriteItems: Put", Outcome::Applied));
    }
}
