//! `grantlet resource`: what a resource says of itself (RFC 9728), so that clients find the way from it to this server.

use grantlet::model::settings::ResourceSettings;
use grantlet::protocol::issuer::Issuer;
use serde_json::{Value, json};
use url::Url;

use crate::args::ResourceArgs;
use crate::failure::Failure;
use crate::output::{Output, print_note};
use crate::target::Target;

/// Prints the document.
pub(crate) async fn run(args: &ResourceArgs) -> Result<(), Failure> {
    let target = Target::open(&args.target).await?;
    let issuer = if target.is_stack {
        target.context.config.issuer.clone()
    } else {
        Issuer::parse(&args.issuer).map_err(|error| Failure::new(format!("The issuer {:?} can't be used: {error}.", args.issuer)))?
    };
    let settings = target.context.store.find_settings().await?.unwrap_or_default();
    let found = settings.find_resource(&args.uri).ok_or_else(|| unknown(&args.uri))?;
    let document = describe(found, &issuer);
    target.close().await;
    if let Some(url) = document_url(&args.uri) {
        print_note(&format!("Serve this at {url}, as application/json."));
    }
    Output::new(true).print(&document, |_| String::new())
}

fn unknown(uri: &str) -> Failure {
    Failure::new(format!(
        "There is no resource {uri} in the settings. Add it to grantlet.toml under [[resources]], then `grantlet settings apply`."
    ))
}

/// RFC 9728 section 2.
fn describe(resource: &ResourceSettings, issuer: &Issuer) -> Value {
    let mut document = json!({
        "resource": resource.uri,
        "authorization_servers": [issuer.as_str()],
        "scopes_supported": resource.scopes.keys().collect::<Vec<_>>(),
        "bearer_methods_supported": ["header"],
    });
    if let (Some(name), Some(members)) = (&resource.name, document.as_object_mut()) {
        members.insert("resource_name".to_owned(), json!(name));
    }
    document
}

/// Where the document of `resource` is looked for (RFC 9728 section 3.1): the well-known path stands between host and path.
fn document_url(resource: &str) -> Option<String> {
    let url = Url::parse(resource).ok()?;
    let path = url.path().trim_end_matches('/');
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{}/.well-known/oauth-protected-resource{path}{query}", url.origin().ascii_serialization()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9728 section 3.1
    #[test]
    fn the_well_known_path_stands_between_host_and_path() {
        for (resource, expected) in [
            ("https://api.example", "https://api.example/.well-known/oauth-protected-resource"),
            ("https://api.example/", "https://api.example/.well-known/oauth-protected-resource"),
            ("https://api.example/mcp", "https://api.example/.well-known/oauth-protected-resource/mcp"),
            ("http://localhost:3000/mcp?t=1", "http://localhost:3000/.well-known/oauth-protected-resource/mcp?t=1"),
        ] {
            assert_eq!(document_url(resource).as_deref(), Some(expected));
        }
    }

    /// RFC 9728 section 2
    #[test]
    fn the_document_names_the_resource_its_scopes_and_this_server() {
        let resource = serde_json::from_value(json!({"uri": "https://api.example/mcp", "scopes": {"tools": "Use the tools"}})).unwrap();
        let issuer = Issuer::parse("https://login.example").unwrap();
        assert_eq!(
            describe(&resource, &issuer),
            json!({
                "resource": "https://api.example/mcp",
                "authorization_servers": ["https://login.example"],
                "scopes_supported": ["tools"],
                "bearer_methods_supported": ["header"],
            })
        );
    }
}
