//! The evaluator of policies, and what `template.yaml` must never grant.

use serde_json::{Value, json};

use crate::support::calls::{Call, Names, Resource, calls_of};
use crate::support::policy::{Policies, assert_policies_hold, string_like};
use crate::support::template::project_template;

fn template_with(statement: &Value) -> Value {
    json!({ "Resources": {
        "Token": { "Type": "AWS::Serverless::Function", "Properties": { "CodeUri": "functions/token", "Role": { "Fn::GetAtt": ["TokenRole", "Arn"] } } },
        "TokenRole": { "Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": { "Statement": [{ "Principal": { "Service": "lambda.amazonaws.com" } }] },
            "Policies": [{ "PolicyName": "token", "PolicyDocument": { "Statement": [statement] } }],
        } },
    } })
}

fn delete_codes() -> Value {
    json!({
        "Sid": "RedeemCodes", "Effect": "Allow", "Action": ["dynamodb:DeleteItem"], "Resource": { "Fn::GetAtt": ["StateTable", "Arn"] },
        "Condition": { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["code#*"] } },
    })
}

fn changed(field: &str, value: Value) -> Value {
    let mut statement = delete_codes();
    statement[field] = value;
    statement
}

fn delete(key: &str) -> Call {
    Call {
        function: "token".to_owned(),
        action: "dynamodb:DeleteItem".to_owned(),
        resource: Resource::Table("StateTable".to_owned()),
        leading_keys: vec![key.to_owned()],
    }
}

fn names() -> Names {
    Names {
        state_table: "s-1".to_owned(),
        registry_table: "r-1".to_owned(),
        key_prefix: "/grantlet/test".to_owned(),
        mail_identity: "id.example".to_owned(),
    }
}

/// Rights are held against the template, both ways
#[test]
fn a_call_that_the_policy_names_is_allowed_and_uses_the_right() {
    assert_policies_hold(&template_with(&delete_codes()), &[delete("code#1")]);
}

/// Rights are held against the template, both ways
#[test]
fn a_call_outside_the_policy_is_reported() {
    let policies = Policies::read(&template_with(&delete_codes())).unwrap();
    let other_function = Call { function: "jwks".to_owned(), ..delete("code#1") };
    let other_action = Call { action: "dynamodb:PutItem".to_owned(), ..delete("code#1") };
    let other_table = Call { resource: Resource::Table("RegistryTable".to_owned()), ..delete("code#1") };
    let index = Call { resource: Resource::Index("StateTable".to_owned(), "by_owner".to_owned()), ..delete("code#1") };
    let one_key_too_many = Call { leading_keys: vec!["code#1".to_owned(), "grant#1".to_owned()], ..delete("code#1") };
    let no_key = Call { leading_keys: vec![], ..delete("code#1") };
    for call in [delete("grant#1"), delete("code"), other_function, other_action, other_table, index, one_key_too_many, no_key] {
        assert_eq!(policies.forbidden(std::slice::from_ref(&call)), vec![&call]);
    }
}

/// Rights are held against the template, both ways
#[test]
fn a_right_that_nothing_uses_is_reported_by_its_key_pattern() {
    let condition = json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["code#*", "grant#*"] } });
    let policies = Policies::read(&template_with(&changed("Condition", condition))).unwrap();
    let unused = policies.unused(&[delete("code#1")]);
    assert_eq!(unused.len(), 1);
    assert!(unused[0].ends_with("for grant#*"), "{unused:?}");
    assert_eq!(policies.unused(&[]).len(), 2);
}

/// Mail goes out from the operator's own identity alone
#[test]
fn mail_may_be_sent_from_the_identity_of_the_template_and_from_no_other() {
    let send = |from: &str| calls_of("authorize", "SES.SendEmail", &json!({"FromEmailAddress": from}), &names());
    for (from, expected) in [
        ("login@id.example", Resource::MailIdentity),
        ("Example <login@id.example>", Resource::MailIdentity),
        ("login@evil.example", Resource::Unknown("login@evil.example".to_owned())),
        ("login@id.example.evil.example", Resource::Unknown("login@id.example.evil.example".to_owned())),
    ] {
        let [call] = &send(from)[..] else { panic!("one call") };
        assert_eq!((call.action.as_str(), &call.resource), ("ses:SendEmail", &expected), "{from}");
    }
    let send_from = |resource: &str| {
        let statement = json!({ "Sid": "SendMail", "Effect": "Allow", "Action": ["ses:SendEmail"], "Resource": { "Fn::Sub": resource } });
        Policies::read(&template_with(&statement))
    };
    let identity = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${MailIdentity}";
    assert!(send_from(identity).is_ok());
    for wide in ["*", "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*"] {
        assert!(send_from(wide).is_err(), "{wide}");
    }
}

/// Rights are held against the template, both ways
#[test]
fn what_the_evaluator_does_not_know_is_refused() {
    let table = json!({ "Fn::GetAtt": ["StateTable", "Arn"] });
    for statement in [
        changed("Effect", json!("Deny")),
        changed("Action", json!("dynamodb:*")),
        changed("Action", json!("dynamodb:Scan")),
        changed("Action", json!("dynamodb:Query")),
        changed("Action", json!("dynamodb:PartiQLSelect")),
        changed("Action", json!("ssm:GetParameter")),
        changed("Action", json!("*")),
        changed("Resource", json!("*")),
        changed("Resource", json!([table, { "Fn::Sub": "${StateTable.Arn}/index/by_owner" }])),
        changed("Resource", json!({ "Fn::Sub": "${StateTable.Arn}/*" })),
        changed("Condition", Value::Null),
        changed("Condition", json!({ "ForAnyValue:StringLike": { "dynamodb:LeadingKeys": ["code#*"] } })),
        changed("Condition", json!({ "ForAllValues:StringLike": { "dynamodb:Attributes": ["code#*"] } })),
        changed("Condition", json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["*"] } })),
        changed("Condition", json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [] } })),
        changed("NotAction", json!("dynamodb:GetItem")),
    ] {
        assert!(Policies::read(&template_with(&statement)).is_err(), "{statement}");
    }
}

/// Rights are held against the template, both ways
#[test]
fn a_function_without_a_role_of_its_own_is_refused() {
    let mut managed = template_with(&delete_codes());
    managed["Resources"]["TokenRole"]["Properties"]["ManagedPolicyArns"] = json!(["arn:aws:iam::aws:policy/AdministratorAccess"]);
    let mut without = template_with(&delete_codes());
    without["Resources"]["Token"]["Properties"]["Role"] = Value::Null;
    let mut shared = template_with(&delete_codes());
    shared["Resources"]["Other"] = shared["Resources"]["Token"].clone();
    let mut trusting = template_with(&delete_codes());
    trusting["Resources"]["TokenRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] = json!({ "AWS": "*" });
    for template in [managed, without, shared, trusting] {
        assert!(Policies::read(&template).is_err(), "{template}");
    }
}

/// IAM, `StringLike`
#[test]
fn string_like_knows_both_wildcards_and_nothing_else() {
    for (pattern, text, expected) in [
        ("code#*", "code#", true),
        ("code#*", "code#01", true),
        ("code#*", "Code#01", false),
        ("code#*", "xcode#01", false),
        ("keys", "keys", true),
        ("keys", "keys2", false),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("*b*", "abc", true),
        ("[a]", "a", false),
        ("", "", true),
        ("", "a", false),
    ] {
        assert_eq!(string_like(pattern, text), expected, "{pattern} on {text}");
    }
}

/// IAM judges a transaction by its parts
#[test]
fn a_transaction_is_recorded_as_its_parts() {
    let body = json!({ "TransactItems": [
        { "Put": { "TableName": "r-1", "Item": { "pk": { "S": "user#1" } } } },
        { "ConditionCheck": { "TableName": "r-1", "Key": { "pk": { "S": "login#a" } } } },
        { "Update": { "TableName": "s-1", "Key": { "pk": { "S": "grant#1" } } } },
        { "Delete": { "TableName": "other", "Key": { "pk": { "S": "code#1" } } } },
    ] });
    let calls: Vec<_> = calls_of("authorize", "DynamoDB_20120810.TransactWriteItems", &body, &names())
        .into_iter()
        .map(|call| (call.action, call.resource, call.leading_keys.join(",")))
        .collect();
    let expected = [
        ("dynamodb:PutItem", Resource::Table("RegistryTable".to_owned()), "user#1"),
        ("dynamodb:ConditionCheckItem", Resource::Table("RegistryTable".to_owned()), "login#a"),
        ("dynamodb:UpdateItem", Resource::Table("StateTable".to_owned()), "grant#1"),
        ("dynamodb:DeleteItem", Resource::Unknown("other".to_owned()), "code#1"),
    ];
    assert_eq!(calls, expected.map(|(action, resource, key)| (action.to_owned(), resource, key.to_owned())));
}

/// `docs/storage-schema.md`: keys
#[test]
fn a_query_is_recorded_with_its_index_and_owner() {
    let body = json!({
        "TableName": "s-1", "IndexName": "by_owner", "KeyConditionExpression": "#o = :o AND begins_with(pk, :p)",
        "ExpressionAttributeNames": { "#o": "owner" }, "ExpressionAttributeValues": { ":o": { "S": "user#1" }, ":p": { "S": "grant#" } },
    });
    let calls = calls_of("authorize", "DynamoDB_20120810.Query", &body, &names());
    assert_eq!(calls[0].resource, Resource::Index("StateTable".to_owned(), "by_owner".to_owned()));
    assert_eq!(calls[0].leading_keys, ["user#1"]);
}

/// Rights are held against the template, both ways
#[test]
fn parameters_outside_the_stack_are_unknown() {
    for (name, expected) in [
        ("/grantlet/test/signing/1", Resource::Parameter("signing/1".to_owned())),
        ("/grantlet/test2/signing/1", Resource::Unknown("/grantlet/test2/signing/1".to_owned())),
    ] {
        assert_eq!(calls_of("token", "AmazonSSM.GetParameter", &json!({ "Name": name }), &names())[0].resource, expected);
    }
}

/// Rights are held against the template, both ways
#[test]
fn every_policy_of_the_template_can_be_judged() {
    Policies::read(&project_template()).unwrap();
}

/// The functions that a stranger reaches can neither sign, nor make a code and spend it
#[test]
fn no_function_has_the_rights_of_another_trust_zone() {
    let policies = Policies::read(&project_template()).unwrap();
    let call = |function: &str, action: &str, resource: Resource, keys: &[&str]| Call {
        function: function.to_owned(),
        action: action.to_owned(),
        resource,
        leading_keys: keys.iter().map(|key| (*key).to_owned()).collect(),
    };
    let state = || Resource::Table("StateTable".to_owned());
    let registry = || Resource::Table("RegistryTable".to_owned());
    let parameter = |name: &str| Resource::Parameter(name.to_owned());
    let mut never = Vec::new();
    for function in ["authorize", "token", "jwks", "rotate"] {
        for action in ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"] {
            never.push(call(function, action, registry(), &["client#site"]));
        }
    }
    for function in ["authorize", "jwks"] {
        for name in ["signing", "signing/1", "refresh", "refresh/1"] {
            never.push(call(function, "ssm:GetParametersByPath", parameter(name), &[]));
            never.push(call(function, "ssm:GetParameter", parameter(name), &[]));
        }
    }
    for function in ["authorize", "token", "jwks"] {
        never.push(call(function, "ssm:PutParameter", parameter("signing/1"), &[]));
        never.push(call(function, "dynamodb:PutItem", registry(), &["keys"]));
    }
    never.push(call("token", "dynamodb:PutItem", state(), &["code#1"]));
    never.push(call("token", "dynamodb:UpdateItem", state(), &["code#1"]));
    never.push(call("token", "ssm:GetParameter", parameter("sealing/authorize"), &[]));
    never.push(call("token", "dynamodb:PutItem", registry(), &["user#1"]));
    assert_eq!(policies.forbidden(&never).len(), never.len());
}
