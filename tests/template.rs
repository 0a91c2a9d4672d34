//! What `template.yaml` promises beside its policies.

use std::collections::{BTreeMap, BTreeSet};

use grantlet::http::{ROUTES, Zone};
use grantlet::store::find_ended_session;
use serde_json::{Value, json};

use crate::support::forms::Form;
use crate::support::functions::FUNCTIONS;
use crate::support::oauth::{ALICE, authorization_query};
use crate::support::person::Person;
use crate::support::server::Server;
use crate::support::template::{parse_template, project_template};

fn resources_of(template: &Value, kind: &str) -> BTreeMap<String, Value> {
    let resources = template["Resources"].as_object().unwrap().iter();
    resources.filter(|(_, resource)| resource["Type"] == kind).map(|(id, resource)| (id.clone(), resource["Properties"].clone())).collect()
}

/// The API, `cargo lambda watch` and `grantlet dev` send each path to the same function
#[test]
fn the_api_routes_the_same_paths_as_cargo_lambda_watch_and_the_local_server() {
    let template = project_template();
    let routes: BTreeMap<_, _> = resources_of(&template, "AWS::ApiGatewayV2::Route")
        .into_values()
        .map(|route| {
            let key = route["RouteKey"].as_str().unwrap().strip_prefix("ANY ").expect("any method").to_owned();
            let target = route["Target"]["Fn::Sub"].as_str().unwrap();
            let function = target.strip_prefix("integrations/${").and_then(|rest| rest.strip_suffix("Integration}")).unwrap();
            (key, function.to_lowercase())
        })
        .collect();

    let manifest = include_str!("../Cargo.toml");
    let section = manifest.split("[workspace.metadata.lambda.watch.router]\n").nth(1).unwrap();
    let watched: BTreeMap<_, _> = section
        .lines()
        .take_while(|line| !line.is_empty())
        .map(|line| line.split_once(" = ").unwrap())
        .map(|(path, function)| (path.trim_matches('"').to_owned(), function.trim_matches('"').to_owned()))
        .collect();
    let local: BTreeMap<_, _> = ROUTES
        .iter()
        .map(|(path, zone)| {
            let function = match zone {
                Zone::Front => "authorize",
                Zone::Back => "token",
                Zone::Metadata => "jwks",
            };
            ((*path).to_owned(), function.to_owned())
        })
        .collect();
    assert_eq!(routes, watched);
    assert_eq!(routes, local);
}

/// `docs/configuration.md`: every setting can be made by a parameter, and none is misspelt
#[test]
fn the_functions_get_exactly_the_variables_that_the_settings_read() {
    let template = project_template();
    let given: BTreeSet<_> = template["Globals"]["Function"]["Environment"]["Variables"].as_object().unwrap().keys().cloned().collect();
    let source = include_str!("../shared/src/config.rs");
    let read: BTreeSet<_> =
        source.split('"').filter(|literal| literal.starts_with("GRANTLET_") && !literal.contains(' ')).map(str::to_owned).collect();
    assert_eq!(given, read);
}

/// Every build of this tree, a function's too: `docs/decisions/0026-randomness-comes-from-the-system.md`
#[test]
fn random_numbers_are_seeded_by_the_system_alone() {
    assert_eq!(option_env!("AWS_LC_SYS_NO_JITTER_ENTROPY"), Some("1"), "cargo did not read .cargo/config.toml");
}

/// One function a package, each built by itself
#[test]
fn each_function_is_built_from_its_own_folder() {
    let functions = resources_of(&project_template(), "AWS::Serverless::Function");
    let folders: BTreeSet<_> = functions.values().map(|function| function["CodeUri"].as_str().unwrap().to_owned()).collect();
    assert_eq!(folders, FUNCTIONS.map(|name| format!("functions/{name}")).into());
    for function in project_template()["Resources"].as_object().unwrap().values().filter(|r| r["Type"] == "AWS::Serverless::Function") {
        assert_eq!(function["Metadata"]["BuildMethod"], "rust-cargolambda");
    }
}

/// A loss of the registry costs the site
#[test]
fn the_registry_outlives_its_stack_and_the_state_does_not() {
    let template = project_template();
    let (registry, state) = (&template["Resources"]["RegistryTable"], &template["Resources"]["StateTable"]);
    assert_eq!([&registry["DeletionPolicy"], &registry["UpdateReplacePolicy"]], ["Retain", "Retain"]);
    assert_eq!(registry["Properties"]["DeletionProtectionEnabled"], true);
    assert_eq!(registry["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(state["DeletionPolicy"], "Delete");
    assert_eq!(state["Properties"]["TimeToLiveSpecification"], json!({ "AttributeName": "expires_at", "Enabled": true }));
    for table in [registry, state] {
        assert_eq!(table["Properties"]["BillingMode"], "PAY_PER_REQUEST");
    }
}

/// What calls `notify`, and the function itself.
fn mapping_of_notify(template: &Value) -> (Value, Value) {
    let mut functions = resources_of(template, "AWS::Serverless::Function").into_iter();
    let (id, function) = functions.find(|(_, function)| function["CodeUri"] == "functions/notify").expect("notify");
    let mut mappings = resources_of(template, "AWS::Lambda::EventSourceMapping").into_values();
    (mappings.find(|mapping| mapping["FunctionName"]["Ref"] == id.as_str()).expect("something calls notify"), function)
}

/// OpenID Connect Back-Channel Logout section 2.5: what could not be told is tried again, each record by itself, and what is given up is reported
#[test]
fn what_notify_gives_up_after_so_many_tries_is_sent_where_it_may_be_sent() {
    let template = project_template();
    let (mapping, function) = mapping_of_notify(&template);
    assert_eq!(mapping["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
    assert_eq!(mapping["BisectBatchOnFunctionError"], true);
    // Lambda's defaults have no bound.
    assert!((1..=100).contains(&mapping["MaximumRetryAttempts"].as_i64().unwrap()), "{mapping}");
    assert!((60..=86_400).contains(&mapping["MaximumRecordAgeInSeconds"].as_i64().unwrap()), "{mapping}");

    let resource = |reference: &Value| &template["Resources"][reference["Fn::GetAtt"][0].as_str().unwrap()];
    let (stream, destination) = (&mapping["EventSourceArn"], &mapping["DestinationConfig"]["OnFailure"]["Destination"]);
    assert_eq!(resource(stream)["Properties"]["StreamSpecification"]["StreamViewType"], "OLD_IMAGE");
    assert_eq!((&resource(destination)["Type"], &destination["Fn::GetAtt"][1]), (&json!("AWS::SQS::Queue"), &json!("Arn")));
    let policies = resource(&function["Role"])["Properties"]["Policies"].as_array().unwrap();
    for (action, on) in [("sqs:SendMessage", destination), ("dynamodb:GetRecords", stream)] {
        let is_allowed = policies.iter().flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap()).any(|statement| {
            let has_action = statement["Action"].as_array().unwrap().iter().any(|one| one == action);
            statement["Effect"] == "Allow" && statement["Resource"] == *on && has_action
        });
        assert!(is_allowed, "{action}");
    }
}

/// Whether Lambda hands over an event that is filtered by `pattern`, as far as ours go: members, and lists of texts and prefixes.
fn is_handed_over(pattern: &Value, event: &Value) -> bool {
    match pattern {
        Value::Object(members) => members.iter().all(|(name, pattern)| is_handed_over(pattern, &event[name])),
        Value::Array(rules) => rules.iter().any(|rule| match rule {
            Value::String(text) => event == text,
            rule => {
                let prefix = rule["prefix"].as_str().unwrap_or_else(|| panic!("the template filters by {rule}, which is not known here"));
                event.as_str().is_some_and(|text| text.starts_with(prefix))
            }
        }),
        other => panic!("{other} is no pattern"),
    }
}

/// OpenID Connect Back-Channel Logout section 2.5: clients are told of every session that ended, whoever ended it, and nothing else costs a call
#[tokio::test]
async fn notify_is_called_for_sessions_that_ended_and_for_nothing_else() {
    let (mapping, _) = mapping_of_notify(&project_template());
    let filters = mapping["FilterCriteria"]["Filters"].as_array().unwrap();
    let patterns: Vec<Value> = filters.iter().map(|filter| serde_json::from_str(filter["Pattern"].as_str().unwrap()).unwrap()).collect();
    let calls = |record: &Value| patterns.iter().any(|pattern| is_handed_over(pattern, record));

    let server = Server::local(json!({})).await;
    let mut person = Person::new(&server);
    person.authorize(&authorization_query("app", &[]), ALICE).await;
    let page = person.open("/logout").await;
    assert_eq!(person.submit(&Form::find(&page.body, "logout-form").unwrap(), "logout").await.status, 200);
    person.authorize(&authorization_query("app", &[]), ALICE).await;
    let kinds = server.inside().stored();
    assert!(kinds.contains_key("session") && kinds.contains_key("grant"), "{kinds:?}");
    server.inside().forget("session#");
    let ended = server.inside().ended_sessions();
    let [by_person, by_time] = &ended["Records"].as_array().unwrap()[..] else { panic!("{ended}") };

    for kind in kinds.keys().map(String::as_str).chain(["sessions", "code#session"]) {
        for name in ["INSERT", "MODIFY", "REMOVE"] {
            for record in [by_person, by_time] {
                let mut record = record.clone();
                record["eventName"] = json!(name);
                let pk = record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap().replace("session#", &format!("{kind}#"));
                record["dynamodb"]["Keys"]["pk"]["S"] = json!(pk);
                assert_eq!(calls(&record), kind == "session" && name == "REMOVE", "{record}");
                assert_eq!(calls(&record), find_ended_session(&record).unwrap().is_some(), "{record}");
            }
        }
    }
}

/// RFC 9700 section 4.2: codes and state leak by logs
#[test]
fn the_access_log_has_no_query_string() {
    let stages = resources_of(&project_template(), "AWS::ApiGatewayV2::Stage");
    let format: Value = serde_json::from_str(stages["Stage"]["AccessLogSettings"]["Format"].as_str().unwrap()).unwrap();
    let logged: BTreeSet<_> = format.as_object().unwrap().values().map(|value| value.as_str().unwrap().to_owned()).collect();
    let allowed = [
        "$context.requestId",
        "$context.requestTime",
        "$context.identity.sourceIp",
        "$context.routeKey",
        "$context.status",
        "$context.responseLength",
        "$context.responseLatency",
        "$context.integrationLatency",
        "$context.error.messageString",
        "$context.integrationErrorMessage",
    ];
    assert_eq!(logged, allowed.map(str::to_owned).into());
}

/// The first key is made while the stack is deployed
#[test]
fn nothing_is_served_before_the_first_key_exists() {
    let template = project_template();
    assert_eq!(template["Resources"]["Stage"]["DependsOn"], "FirstKey");
    assert_eq!(template["Resources"]["FirstKey"]["Properties"]["ServiceToken"], json!({ "Fn::GetAtt": ["Rotate", "Arn"] }));
    assert!(template["Resources"]["FirstKey"]["Properties"]["ServiceTimeout"].is_number());
}

/// The operator's program reads this parameter
#[test]
fn the_stack_parameter_is_json_with_every_name_that_the_program_needs() {
    let template = project_template();
    let parameter = &template["Resources"]["StackParameter"]["Properties"];
    assert_eq!(parameter["Name"]["Fn::Sub"], "/grantlet/${AWS::StackName}/stack");
    let value: Value = serde_json::from_str(parameter["Value"]["Fn::Sub"][0].as_str().unwrap()).unwrap();
    let names: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["issuer", "key_store", "registry_table", "rotate_function", "state_table"]);
}

/// The reader of templates itself
#[test]
fn intrinsic_functions_are_read_as_their_long_forms() {
    let template = parse_template("a: !Ref X\nb: !GetAtt X.Arn\nc: !If [Y, !Sub '${X}', 1]\n");
    assert_eq!(
        template,
        json!({
            "a": { "Ref": "X" }, "b": { "Fn::GetAtt": ["X", "Arn"] }, "c": { "Fn::If": ["Y", { "Fn::Sub": "${X}" }, 1] },
        })
    );
}

/// `docs/deploy.md` explains each parameter
#[test]
fn every_parameter_is_documented() {
    let documented: BTreeSet<_> = include_str!("../docs/deploy.md").split('`').collect();
    for parameter in project_template()["Parameters"].as_object().unwrap().keys() {
        assert!(documented.contains(parameter.as_str()), "{parameter}");
    }
}
