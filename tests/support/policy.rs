//! Holds recorded calls against the policies in `template.yaml`: an evaluator for the few elements of IAM that they use.
//!
//! It knows `Allow`, exact actions, resources of the template and `ForAllValues:StringLike` on `dynamodb:LeadingKeys`. Everything else is
//! refused when the template is read, so that it never judges what it does not understand.

use std::collections::BTreeMap;

use serde_json::Value;

use super::calls::{Call, Resource};

/// Actions of the Lambda service itself, which no function's code calls.
const OF_THE_RUNTIME: [&str; 7] = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "sqs:SendMessage",
];

/// Actions on items, which must be bound to key prefixes.
const ON_ITEMS: [&str; 5] =
    ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"];

/// Actions on parameters.
const ON_PARAMETERS: [&str; 6] =
    ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:PutParameter", "ssm:DeleteParameter", "ssm:DeleteParameters"];

/// One right: an action on a resource, for keys that match.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Grant {
    function: String,
    statement: String,
    action: String,
    /// A name of the template; a parameter's may have wildcards.
    resource: Resource,
    /// Patterns for all leading keys; none: any key.
    keys: Option<Vec<String>>,
}

/// All rights of all functions.
#[derive(Debug)]
pub(crate) struct Policies(Vec<Grant>);

impl Policies {
    /// Reads the policies of every function of a template.
    ///
    /// # Errors
    /// Says what in the template can't be judged, or must not be there.
    pub(crate) fn read(template: &Value) -> Result<Self, String> {
        let mut grants = Vec::new();
        let mut owners: BTreeMap<String, String> = BTreeMap::new();
        for (id, resource) in object(&template["Resources"], "Resources")? {
            if resource["Type"] != "AWS::Serverless::Function" {
                continue;
            }
            let properties = &resource["Properties"];
            if !properties["Policies"].is_null() {
                return Err(format!("{id} has Policies: SAM would add a managed policy; give it a Role"));
            }
            let function =
                properties["CodeUri"].as_str().and_then(|uri| uri.rsplit('/').next()).ok_or_else(|| format!("{id} has no CodeUri"))?;
            let role = properties["Role"]["Fn::GetAtt"][0].as_str().ok_or_else(|| format!("{id} has no Role of this template"))?;
            if let Some(other) = owners.insert(role.to_owned(), function.to_owned()) {
                return Err(format!("{function} and {other} share {role}"));
            }
            read_role(function, &template["Resources"][role]["Properties"], &mut grants).map_err(|reason| format!("{role}: {reason}"))?;
        }
        if grants.is_empty() { Err("no function has any right".to_owned()) } else { Ok(Self(grants)) }
    }

    /// The calls that no policy of their function allows.
    pub(crate) fn forbidden<'c>(&self, calls: &'c [Call]) -> Vec<&'c Call> {
        calls.iter().filter(|call| !self.0.iter().any(|grant| grant.allows(call))).collect()
    }

    /// The rights that no call uses, each key pattern by itself.
    pub(crate) fn unused(&self, calls: &[Call]) -> Vec<String> {
        let mut unused = Vec::new();
        for grant in self.0.iter().filter(|grant| !OF_THE_RUNTIME.contains(&grant.action.as_str())) {
            for pattern in grant.keys.as_ref().map_or_else(|| vec!["*".to_owned()], Clone::clone) {
                let used = calls.iter().any(|call| {
                    grant.allows(call) && (call.leading_keys.is_empty() || call.leading_keys.iter().any(|key| string_like(&pattern, key)))
                });
                if !used {
                    unused
                        .push(format!("{}: {} ({}) on {:?} for {pattern}", grant.function, grant.action, grant.statement, grant.resource));
                }
            }
        }
        unused
    }
}

/// Fails unless each call is allowed by its function's policy in `template.yaml`, and each right there is used by a call.
pub(crate) fn assert_policies_hold(template: &Value, calls: &[Call]) {
    let policies = Policies::read(template).unwrap_or_else(|reason| panic!("template.yaml can't be judged: {reason}"));
    let mut forbidden = policies.forbidden(calls);
    forbidden.sort();
    forbidden.dedup();
    assert!(forbidden.is_empty(), "calls outside the function's policy: {forbidden:#?}");
    let unused = policies.unused(calls);
    assert!(unused.is_empty(), "rights that nothing uses: {unused:#?}");
}

impl Grant {
    fn allows(&self, call: &Call) -> bool {
        let resource = match (&self.resource, &call.resource) {
            (Resource::Parameter(pattern), Resource::Parameter(name)) => string_like(pattern, name),
            (_, Resource::Unknown(_)) => false,
            (granted, asked) => granted == asked,
        };
        // `ForAllValues` holds where there is no key at all; a call on items without one is the recorder's mistake, and is refused.
        let keys = self.keys.as_ref().is_none_or(|patterns| {
            !call.leading_keys.is_empty() && call.leading_keys.iter().all(|key| patterns.iter().any(|pattern| string_like(pattern, key)))
        });
        self.function == call.function && self.action == call.action && resource && keys
    }
}

fn read_role(function: &str, role: &Value, grants: &mut Vec<Grant>) -> Result<(), String> {
    only_keys(role, &["Description", "AssumeRolePolicyDocument", "Policies"])?;
    let trust = array(&role["AssumeRolePolicyDocument"]["Statement"], "its trust policy")?;
    if !trust.iter().all(|statement| statement["Principal"]["Service"] == "lambda.amazonaws.com") || trust.len() != 1 {
        return Err("somebody else than Lambda may take it".to_owned());
    }
    for policy in array(&role["Policies"], "Policies")? {
        only_keys(policy, &["PolicyName", "PolicyDocument"])?;
        only_keys(&policy["PolicyDocument"], &["Version", "Statement"])?;
        for statement in array(&policy["PolicyDocument"]["Statement"], "Statement")? {
            read_statement(function, statement, grants).map_err(|reason| format!("{}: {reason}", statement["Sid"]))?;
        }
    }
    Ok(())
}

fn read_statement(function: &str, statement: &Value, grants: &mut Vec<Grant>) -> Result<(), String> {
    only_keys(statement, &["Sid", "Effect", "Action", "Resource", "Condition"])?;
    if statement["Effect"] != "Allow" {
        return Err("only Allow is known".to_owned());
    }
    let keys = read_condition(&statement["Condition"])?;
    let sid = statement["Sid"].as_str().ok_or("it has no Sid")?;
    for resource in one_or_many(&statement["Resource"]) {
        let resource = read_resource(resource)?;
        for action in one_or_many(&statement["Action"]) {
            let action = action.as_str().ok_or("an action is no string")?;
            check_action(action, &resource, keys.as_ref())?;
            grants.push(Grant {
                function: function.to_owned(),
                statement: sid.to_owned(),
                action: action.to_owned(),
                resource: resource.clone(),
                keys: keys.clone(),
            });
        }
    }
    Ok(())
}

/// Whether an action may be granted on such a resource at all.
fn check_action(action: &str, resource: &Resource, keys: Option<&Vec<String>>) -> Result<(), String> {
    match resource {
        Resource::Table(_) if ON_ITEMS.contains(&action) => match keys {
            Some(keys) if !keys.is_empty() && keys.iter().all(|pattern| !pattern.starts_with(['*', '?'])) => Ok(()),
            _ => Err(format!("{action} is not bound to key prefixes")),
        },
        Resource::Index(..) if action == "dynamodb:Query" => Ok(()),
        Resource::Parameter(name) if ON_PARAMETERS.contains(&action) => match name.split('/').next() {
            Some(first) if !first.is_empty() && !first.contains(['*', '?']) => Ok(()),
            _ => Err(format!("{action} is not bound to one kind of key")),
        },
        Resource::MailIdentity if action == "ses:SendEmail" => Ok(()),
        Resource::Unknown(name) if OF_THE_RUNTIME.contains(&action) => match (action.split(':').next(), name.split_once(' ')) {
            (Some("logs"), Some(("log-group", _))) | (Some("dynamodb"), Some(("stream", _))) | (Some("sqs"), Some(("queue", _))) => Ok(()),
            _ => Err(format!("{action} on {name} must not be granted, or is not known")),
        },
        _ => Err(format!("{action} on {resource:?} must not be granted, or is not known")),
    }
}

fn read_condition(condition: &Value) -> Result<Option<Vec<String>>, String> {
    if condition.is_null() {
        return Ok(None);
    }
    only_keys(condition, &["ForAllValues:StringLike"])?;
    only_keys(&condition["ForAllValues:StringLike"], &["dynamodb:LeadingKeys"])?;
    let patterns = one_or_many(&condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]);
    patterns
        .iter()
        .map(|pattern| pattern.as_str().map(str::to_owned).ok_or_else(|| "a key pattern is no string".to_owned()))
        .collect::<Result<_, _>>()
        .map(Some)
}

fn read_resource(resource: &Value) -> Result<Resource, String> {
    const PARAMETERS: &str = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/grantlet/${AWS::StackName}/";
    const MAIL_IDENTITY: &str = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${MailIdentity}";
    let unknown = || format!("the resource {resource} is not known");
    if let [id, attribute] = one_or_many(&resource["Fn::GetAtt"]) {
        let id = id.as_str().ok_or_else(unknown)?;
        return match id {
            _ if attribute == "StreamArn" && id.ends_with("Table") => Ok(Resource::Unknown(format!("stream {id}"))),
            _ if attribute != "Arn" => Err(unknown()),
            _ if id.ends_with("Table") => Ok(Resource::Table(id.to_owned())),
            _ if id.ends_with("Log") => Ok(Resource::Unknown(format!("log-group {id}"))),
            _ if id.ends_with("Failures") => Ok(Resource::Unknown(format!("queue {id}"))),
            _ => Err(unknown()),
        };
    }
    let text = resource["Fn::Sub"].as_str().ok_or_else(unknown)?;
    if text == MAIL_IDENTITY {
        return Ok(Resource::MailIdentity);
    }
    if let Some(name) = text.strip_prefix(PARAMETERS) {
        return Ok(Resource::Parameter(name.to_owned()));
    }
    match text.strip_prefix("${").and_then(|rest| rest.split_once(".Arn}/index/")) {
        Some((table, index)) if table.ends_with("Table") && !index.is_empty() && !index.contains(['*', '?', '$']) => {
            Ok(Resource::Index(table.to_owned(), index.to_owned()))
        }
        _ => Err(unknown()),
    }
}

/// IAM's `StringLike`: `*` stands for any characters, `?` for one.
pub(crate) fn string_like(pattern: &str, text: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return text.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    match first {
        '*' => string_like(rest, text) || text.chars().next().is_some_and(|c| string_like(pattern, &text[c.len_utf8()..])),
        _ => text.chars().next().is_some_and(|c| (first == '?' || first == c) && string_like(rest, &text[c.len_utf8()..])),
    }
}

fn only_keys(value: &Value, known: &[&str]) -> Result<(), String> {
    match object(value, "an element of the policy")?.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("{key} is not known")),
        None => Ok(()),
    }
}

fn object<'v>(value: &'v Value, what: &str) -> Result<&'v serde_json::Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("{what} is no mapping"))
}

fn array<'v>(value: &'v Value, what: &str) -> Result<&'v [Value], String> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| format!("{what} is no list"))
}

fn one_or_many(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(items) => items,
        single => std::slice::from_ref(single),
    }
}
