//! What functions ask of AWS, as IAM sees it: one [`Call`] for each action on each resource.

use std::sync::{Arc, Mutex};

use serde_json::Value;

/// The names of a deployment under test, which are mapped to the names of `template.yaml`.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// The table that the template calls `StateTable`.
    pub(crate) state_table: String,
    /// The table that the template calls `RegistryTable`.
    pub(crate) registry_table: String,
    /// The path below which keys are kept, without a slash at its end.
    pub(crate) key_prefix: String,
    /// The domain that mail is sent from, the template's `MailIdentity`.
    pub(crate) mail_identity: String,
}

/// One action on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    /// The function that asked.
    pub(crate) function: String,
    /// The action that IAM judges, such as `dynamodb:PutItem`. A transaction is judged by its parts.
    pub(crate) action: String,
    /// What it works on.
    pub(crate) resource: Resource,
    /// The partition keys that were touched: values of `dynamodb:LeadingKeys`.
    pub(crate) leading_keys: Vec<String>,
}

/// What a call works on, by the names of `template.yaml`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resource {
    /// A table, by its logical id.
    Table(String),
    /// An index of a table.
    Index(String, String),
    /// An SSM parameter or path, below `/grantlet/<stack>`, which is left out.
    Parameter(String),
    /// The identity that mail is sent from.
    MailIdentity,
    /// Something that the recorder does not know; no policy allows it.
    Unknown(String),
}

impl Call {
    /// Whether a leading key or the parameter's name starts with `prefix`.
    pub(crate) fn touches(&self, prefix: &str) -> bool {
        match &self.resource {
            Resource::Parameter(name) | Resource::Unknown(name) => name.starts_with(prefix),
            Resource::MailIdentity => prefix.is_empty(),
            Resource::Table(_) | Resource::Index(..) => prefix.is_empty() || self.leading_keys.iter().any(|key| key.starts_with(prefix)),
        }
    }
}

/// Collects calls. Cloning shares the collection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder(Arc<Mutex<Vec<Call>>>);

impl Recorder {
    /// Adds `calls`.
    pub(crate) fn record(&self, calls: &[Call]) {
        self.0.lock().unwrap().extend_from_slice(calls);
    }

    /// All calls so far, in the order they came.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.0.lock().unwrap().clone()
    }
}

/// The calls that one request makes. `target` is the value of `X-Amz-Target`, or what stands for it.
pub(crate) fn calls_of(function: &str, target: &str, body: &Value, names: &Names) -> Vec<Call> {
    let call = |action: String, resource, leading_keys| Call { function: function.to_owned(), action, resource, leading_keys };
    match target.split_once('.') {
        Some(("DynamoDB_20120810", operation)) => dynamodb_calls(operation, body, names)
            .into_iter()
            .map(|(action, resource, keys)| call(format!("dynamodb:{action}"), resource, keys))
            .collect(),
        Some(("AmazonSSM", operation)) => {
            parameters_of(body).into_iter().map(|name| call(format!("ssm:{operation}"), parameter(&name, names), Vec::new())).collect()
        }
        Some(("SES", operation)) => vec![call(format!("ses:{operation}"), identity(body, names), Vec::new())],
        _ => vec![call(target.to_owned(), Resource::Unknown(target.to_owned()), Vec::new())],
    }
}

type Part = (String, Resource, Vec<String>);

fn dynamodb_calls(operation: &str, body: &Value, names: &Names) -> Vec<Part> {
    let item_call = |action: &str, request: &Value, key_holder: &str| {
        let keys = request[key_holder]["pk"]["S"].as_str().map(str::to_owned).into_iter().collect();
        (action.to_owned(), table(request, names), keys)
    };
    match operation {
        "PutItem" => vec![item_call("PutItem", body, "Item")],
        "GetItem" | "UpdateItem" | "DeleteItem" => vec![item_call(operation, body, "Key")],
        // "TransactWriteItems" is no action of IAM's: each part needs the right to do it alone.
        "TransactWriteItems" => list(&body["TransactItems"])
            .iter()
            .flat_map(|item| {
                let part = |name, action, holder| item.get(name).map(|request| item_call(action, request, holder));
                [
                    part("Put", "PutItem", "Item"),
                    part("Update", "UpdateItem", "Key"),
                    part("Delete", "DeleteItem", "Key"),
                    part("ConditionCheck", "ConditionCheckItem", "Key"),
                ]
            })
            .flatten()
            .collect(),
        "TransactGetItems" => list(&body["TransactItems"]).iter().map(|item| item_call("GetItem", &item["Get"], "Key")).collect(),
        "Query" => vec![("Query".to_owned(), table(body, names), query_key(body).into_iter().collect())],
        // Whatever else there is (`Scan`, batches, PartiQL) has no key that a policy could look at.
        _ => vec![(operation.to_owned(), table(body, names), Vec::new())],
    }
}

/// The value that a query compares the table's or the index's partition key with.
fn query_key(body: &Value) -> Option<String> {
    let partition_key = if body["IndexName"].is_string() { "owner" } else { "pk" };
    body["KeyConditionExpression"].as_str()?.split(" AND ").find_map(|clause| {
        let (name, value) = clause.split_once('=')?;
        let name = name.trim();
        let name = body["ExpressionAttributeNames"][name].as_str().unwrap_or(name);
        (name == partition_key).then(|| body["ExpressionAttributeValues"][value.trim()]["S"].as_str().map(str::to_owned)).flatten()
    })
}

fn table(request: &Value, names: &Names) -> Resource {
    let name = request["TableName"].as_str().unwrap_or_default();
    let logical = match name {
        _ if name == names.state_table => "StateTable",
        _ if name == names.registry_table => "RegistryTable",
        _ => return Resource::Unknown(name.to_owned()),
    };
    match request["IndexName"].as_str() {
        Some(index) => Resource::Index(logical.to_owned(), index.to_owned()),
        None => Resource::Table(logical.to_owned()),
    }
}

/// The identity of the address in `FromEmailAddress`, which may have a name before it.
fn identity(body: &Value, names: &Names) -> Resource {
    let from = body["FromEmailAddress"].as_str().unwrap_or_default();
    match from.trim_end_matches('>').rsplit_once('@') {
        Some((_, domain)) if domain == names.mail_identity => Resource::MailIdentity,
        _ => Resource::Unknown(from.to_owned()),
    }
}

fn parameters_of(body: &Value) -> Vec<String> {
    let single = [&body["Name"], &body["Path"]].into_iter().filter_map(Value::as_str);
    single.chain(list(&body["Names"]).iter().filter_map(Value::as_str)).map(str::to_owned).collect()
}

fn parameter(name: &str, names: &Names) -> Resource {
    match name.strip_prefix(&names.key_prefix) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => Resource::Parameter(rest.trim_start_matches('/').to_owned()),
        _ => Resource::Unknown(name.to_owned()),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
