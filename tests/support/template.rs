//! `template.yaml`, read with its intrinsic functions as CloudFormation's long forms: `!Ref X` becomes `{"Ref": "X"}`.

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

/// The project's template.
pub(crate) fn project_template() -> Value {
    parse_template(include_str!("../../template.yaml"))
}

/// Reads a template.
///
/// # Panics
/// When it is no YAML, or uses a tag or a key that this reader does not know.
pub(crate) fn parse_template(text: &str) -> Value {
    to_json(serde_yaml_ng::from_str(text).expect("the template is YAML"))
}

fn to_json(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(b) => json!(b),
        Yaml::Number(n) => serde_json::to_value(n).expect("a number is JSON"),
        Yaml::String(s) => Value::String(s),
        Yaml::Sequence(items) => items.into_iter().map(to_json).collect(),
        Yaml::Mapping(entries) => {
            Value::Object(entries.into_iter().map(|(key, value)| (key_text(key), to_json(value))).collect::<Map<_, _>>())
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let value = to_json(tagged.value);
            match tag.as_str() {
                "!Ref" => json!({ "Ref": value }),
                "!GetAtt" => {
                    let path = value.as_str().expect("!GetAtt names an attribute");
                    let (resource, attribute) = path.split_once('.').expect("!GetAtt names a resource and an attribute");
                    json!({ "Fn::GetAtt": [resource, attribute] })
                }
                "!Sub" | "!If" | "!Equals" | "!Not" | "!And" | "!Or" | "!Join" => json!({ format!("Fn::{}", &tag[1..]): value }),
                other => panic!("the template uses {other}, which is not known here"),
            }
        }
    }
}

fn key_text(key: Yaml) -> String {
    match key {
        Yaml::String(s) => s,
        other => panic!("the template has the key {other:?}, which is no string"),
    }
}
