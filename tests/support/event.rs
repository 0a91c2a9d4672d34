//! Events of API Gateway's payload format 2.0, and what functions answer to them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// A request, to be made an event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    method: String,
    path: String,
    query: String,
    headers: Map<String, Value>,
    cookies: Vec<String>,
    body: Option<Vec<u8>>,
    source_ip: String,
}

impl Event {
    /// A request without query, header or body.
    pub(crate) fn new(method: &str, path: &str) -> Self {
        let headers = json!({ "host": "issuer.example", "user-agent": "test", "x-forwarded-proto": "https" });
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: String::new(),
            headers: headers.as_object().cloned().unwrap_or_default(),
            cookies: Vec::new(),
            body: None,
            source_ip: "192.0.2.1".to_owned(),
        }
    }

    /// A `GET` of a path with an optional query.
    pub(crate) fn get(path_and_query: &str) -> Self {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        Self { query: query.to_owned(), ..Self::new("GET", path) }
    }

    /// A `POST` of an encoded form.
    pub(crate) fn post_form(path: &str, form: &str) -> Self {
        Self::new("POST", path).header("content-type", "application/x-www-form-urlencoded").body(form.as_bytes())
    }

    /// With the query as it stands in the request line, legal or not.
    pub(crate) fn query(mut self, raw: &str) -> Self {
        raw.clone_into(&mut self.query);
        self
    }

    /// With a header. As API Gateway does, names become lower case and repeated ones are joined with a comma.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let joined = match self.headers.get(&name).and_then(Value::as_str) {
            Some(first) if !matches!(name.as_str(), "host" | "user-agent" | "x-forwarded-proto") => format!("{first},{value}"),
            _ => value.to_owned(),
        };
        self.headers.insert(name, Value::String(joined));
        self
    }

    /// With a cookie, as `name=value`.
    pub(crate) fn cookie(mut self, cookie: &str) -> Self {
        self.cookies.push(cookie.to_owned());
        self
    }

    /// With a body.
    pub(crate) fn body(mut self, body: &[u8]) -> Self {
        self.body = Some(body.to_owned());
        self
    }

    /// With headers that name another host, in each way in which one is handed on.
    pub(crate) fn spoofed(self) -> Self {
        let named = ["host", "x-forwarded-host", "x-forwarded-server", "x-original-host"];
        named.into_iter().fold(self, |event, name| event.header(name, "evil.example")).header("forwarded", "host=evil.example;proto=http")
    }

    /// From another address.
    pub(crate) fn at_address(mut self, address: &str) -> Self {
        address.clone_into(&mut self.source_ip);
        self
    }

    /// The path.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The same request over HTTP, at `issuer`.
    pub(crate) fn to_http(&self, issuer: &str) -> reqwest::Request {
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        let url = format!("{issuer}{}{query}", self.path).parse().expect("a URL");
        let mut request = reqwest::Request::new(self.method.parse().expect("a method"), url);
        for (name, value) in self.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "host" | "x-forwarded-proto")) {
            let name: reqwest::header::HeaderName = name.parse().expect("a header's name");
            request.headers_mut().insert(name, value.as_str().expect("a text").parse().expect("a header's value"));
        }
        if !self.cookies.is_empty() {
            request.headers_mut().insert("cookie", self.cookies.join("; ").parse().expect("a header's value"));
        }
        *request.body_mut() = self.body.clone().map(Into::into);
        request
    }

    /// The event. Bodies travel in base64, as API Gateway sends forms.
    pub(crate) fn to_json(&self) -> Value {
        let mut event = json!({
            "version": "2.0",
            "routeKey": format!("ANY {}", self.path),
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": self.headers,
            "requestContext": {
                "accountId": "123456789012", "apiId": "api", "domainName": "issuer.example", "domainPrefix": "issuer",
                "http": {
                    "method": self.method, "path": self.path, "protocol": "HTTP/1.1", "sourceIp": self.source_ip, "userAgent": "test",
                },
                "requestId": "JKJaXmPLvHcESHA=", "routeKey": format!("ANY {}", self.path), "stage": "$default",
                "time": "24/Nov/2026:00:00:00 +0000", "timeEpoch": 1_795_478_400_000_u64,
            },
            "isBase64Encoded": false,
        });
        if !self.cookies.is_empty() {
            event["cookies"] = json!(self.cookies);
        }
        if let Some(body) = &self.body {
            event["body"] = json!(STANDARD.encode(body));
            event["isBase64Encoded"] = json!(true);
            event["headers"]["content-length"] = json!(body.len().to_string());
        }
        event
    }
}

/// A function's answer to an event.
#[derive(Clone, Debug)]
pub(crate) struct Answer(pub(crate) Value);

impl Answer {
    /// The status.
    pub(crate) fn status(&self) -> u64 {
        self.0["statusCode"].as_u64().expect("a statusCode")
    }

    /// The header called `name` in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let single = self.0["headers"].as_object().into_iter().flatten().find(|(key, _)| key.eq_ignore_ascii_case(name));
        let many = self.0["multiValueHeaders"].as_object().into_iter().flatten().find(|(key, _)| key.eq_ignore_ascii_case(name));
        single.and_then(|(_, value)| value.as_str()).or_else(|| many.and_then(|(_, values)| values[0].as_str()))
    }

    /// All headers, with names in lower case.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let single = self.0["headers"].as_object().into_iter().flatten();
        let many = self.0["multiValueHeaders"].as_object().into_iter().flatten().map(|(name, values)| (name, &values[0]));
        single.chain(many).map(|(name, value)| (name.to_ascii_lowercase(), value.as_str().expect("a text").to_owned())).collect()
    }

    /// The values of `Set-Cookie`.
    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.0["cookies"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The body as text.
    pub(crate) fn body(&self) -> String {
        let body = self.0["body"].as_str().unwrap_or_default();
        if self.0["isBase64Encoded"] == json!(true) {
            String::from_utf8(STANDARD.decode(body).expect("base64")).expect("text")
        } else {
            body.to_owned()
        }
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body()).expect("a JSON body")
    }
}
