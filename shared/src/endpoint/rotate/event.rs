//! What the `rotate` function is called with: the schedule, CloudFormation's custom resource, or the operator.

use serde_json::{Value, json};
use url::{Host, Url};

use super::{RotateCommand, RotateError, Rotator};
use crate::model::key_ring::KeyRing;

/// The name of the one resource that the template has of this kind. It stays, so that CloudFormation never replaces it.
const PHYSICAL_RESOURCE_ID: &str = "grantlet-keys";

/// An event that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    command: RotateCommand,
    custom_resource: Option<CustomResource>,
}

/// Who waits for an answer (CloudFormation, custom resource request objects).
#[derive(Clone, Debug, PartialEq, Eq)]
struct CustomResource {
    response_url: Url,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
}

/// An answer that has to be put at a URL, with an empty `Content-Type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Where to put it.
    pub url: Url,
    /// The JSON.
    pub body: String,
}

/// An event that is none of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// It is none of the three.
    #[error("the event is no schedule, no custom resource request and no command")]
    Unknown,
    /// A custom resource request without a part that its answer needs.
    #[error("the custom resource request is incomplete")]
    Incomplete,
    /// Its answer would go to somebody else than AWS.
    #[error("the ResponseURL is not one of AWS's")]
    ForeignUrl,
}

impl Event {
    /// Reads an event.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn parse(event: &Value) -> Result<Self, EventError> {
        let text = |name: &str| event.get(name).and_then(Value::as_str);
        if let Some(request_type) = text("RequestType") {
            let owned = |name| text(name).map(str::to_owned).ok_or(EventError::Incomplete);
            let custom_resource = CustomResource {
                response_url: parse_response_url(text("ResponseURL").ok_or(EventError::Incomplete)?)?,
                stack_id: owned("StackId")?,
                request_id: owned("RequestId")?,
                logical_resource_id: owned("LogicalResourceId")?,
            };
            let command = match request_type {
                "Create" | "Update" => RotateCommand::Scheduled,
                "Delete" => RotateCommand::DeleteAll,
                _ => return Err(EventError::Incomplete),
            };
            return Ok(Self { command, custom_resource: Some(custom_resource) });
        }
        let command = match (text("command"), text("source")) {
            (Some("now"), _) => RotateCommand::Now,
            (Some("emergency"), _) => RotateCommand::Emergency,
            (Some("scheduled"), _) | (None, Some("aws.events" | "aws.scheduler")) => RotateCommand::Scheduled,
            _ => return Err(EventError::Unknown),
        };
        Ok(Self { command, custom_resource: None })
    }

    /// Does what the event asks for. Beside the outcome stands the answer that CloudFormation waits for, which must be sent either way: a stack
    /// whose custom resource is silent hangs.
    pub async fn carry_out(&self, rotator: &Rotator) -> (Result<KeyRing, RotateError>, Option<Reply>) {
        let outcome = rotator.run(self.command).await;
        let reply = self.custom_resource.as_ref().map(|request| request.reply(outcome.as_ref().err()));
        (outcome, reply)
    }
}

impl CustomResource {
    fn reply(&self, error: Option<&RotateError>) -> Reply {
        let mut body = json!({
            "Status": if error.is_some() { "FAILED" } else { "SUCCESS" },
            "PhysicalResourceId": PHYSICAL_RESOURCE_ID,
            "StackId": self.stack_id,
            "RequestId": self.request_id,
            "LogicalResourceId": self.logical_resource_id,
        });
        if let (Some(error), Some(members)) = (error, body.as_object_mut()) {
            members.insert("Reason".to_owned(), format!("The keys could not be made: {error}").into());
        }
        Reply { url: self.response_url.clone(), body: body.to_string() }
    }
}

/// Only AWS's own storage is answered, whoever calls the function.
fn parse_response_url(text: &str) -> Result<Url, EventError> {
    let url = Url::parse(text).map_err(|_| EventError::ForeignUrl)?;
    let is_aws = match url.host() {
        Some(Host::Domain(host)) => host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"),
        _ => false,
    };
    if is_aws && url.scheme() == "https" && url.port().is_none() && url.username().is_empty() {
        Ok(url)
    } else {
        Err(EventError::ForeignUrl)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom_resource(changes: &Value) -> Value {
        let mut event = json!({
            "RequestType": "Create", "ResponseURL": "https://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com/a?b=c",
            "StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/s/g", "RequestId": "r1", "LogicalResourceId": "FirstKey",
            "ResourceType": "AWS::CloudFormation::CustomResource", "ResourceProperties": {},
        });
        event.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        event
    }

    #[test]
    fn the_three_kinds_of_events_are_understood() {
        for (event, command) in [
            (json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}), RotateCommand::Scheduled),
            (json!({"command": "now"}), RotateCommand::Now),
            (json!({"command": "emergency"}), RotateCommand::Emergency),
            (custom_resource(&json!({})), RotateCommand::Scheduled),
            (custom_resource(&json!({"RequestType": "Update", "PhysicalResourceId": "grantlet-keys"})), RotateCommand::Scheduled),
            (custom_resource(&json!({"RequestType": "Delete"})), RotateCommand::DeleteAll),
        ] {
            assert_eq!(Event::parse(&event).unwrap().command, command, "{event}");
        }
        for event in
            [json!({}), json!([]), Value::Null, json!({"command": "delete"}), json!({"source": "aws.s3"}), json!({"RequestType": "Create"})]
        {
            assert!(Event::parse(&event).is_err(), "{event}");
        }
    }

    #[test]
    fn an_answer_goes_to_aws_only() {
        for url in [
            "http://a.s3.amazonaws.com/x",
            "https://a.s3.amazonaws.com.evil.example/x",
            "https://evil.example/.amazonaws.com",
            "https://amazonaws.com@evil.example/",
            "https://a.s3.amazonaws.com:8443/x",
            "https://169.254.169.254/",
            "nonsense",
        ] {
            assert_eq!(Event::parse(&custom_resource(&json!({"ResponseURL": url}))), Err(EventError::ForeignUrl), "{url}");
        }
    }

    #[test]
    fn cloudformation_is_told_of_success_and_of_failure() {
        let event = Event::parse(&custom_resource(&json!({}))).unwrap();
        let request = event.custom_resource.unwrap();
        let body: Value = serde_json::from_str(&request.reply(None).body).unwrap();
        assert_eq!(
            (&body["Status"], &body["RequestId"], &body["LogicalResourceId"]),
            (&json!("SUCCESS"), &json!("r1"), &json!("FirstKey"))
        );
        let failed: Value = serde_json::from_str(&request.reply(Some(&RotateError::Contended)).body).unwrap();
        assert_eq!(failed["Status"], "FAILED");
        assert!(failed["Reason"].as_str().unwrap().contains("keys"));
    }
}
