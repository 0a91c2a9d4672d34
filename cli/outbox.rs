//! Mail on this machine: printed, and shown at `/dev/mail`. Nothing leaves the machine.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantlet::endpoint::Response;
use grantlet::mail::{Mail, Outbox};
use grantlet::model::secret::SecretHash;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};

use crate::output::{print_line, printable};

/// Where mails are shown.
pub(crate) const PATH: &str = "/dev/mail";

const STYLE: &str = "\
:root{color-scheme:light dark}body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\
article{margin:1.5rem 0;padding:1rem 1.25rem;border:1px solid GrayText;border-radius:.5rem}h2{margin:0 0 .25rem;font-size:1.125rem}\
pre{margin:1rem 0 0;font:inherit;white-space:pre-wrap}p{margin:0}";

/// Prints a mail.
pub(crate) fn announce(mail: &Mail) {
    print_line(&format!("MAIL    to {}: {}", printable(mail.to.as_str()), printable(&mail.subject)));
    for line in mail.text.lines() {
        print_line(&format!("        {}", printable(line)));
    }
}

/// The page with all mails, the latest first.
pub(crate) fn show(outbox: &Outbox) -> Response {
    let mails = outbox.mails();
    let list: String = mails.iter().rev().map(render).collect();
    let list = if list.is_empty() { "<p>No mail was sent since this program began.</p>" } else { &list };
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Mail</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Mail</h1>\n\
         <p>What this server would have sent. Nothing leaves this machine.</p>\n{list}\n</main>\n</body>\n</html>\n"
    );
    let hash = STANDARD.encode(SecretHash::of(STYLE.as_bytes()).as_bytes());
    let csp = format!("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-{hash}'");
    Response::html(StatusCode::OK, html)
        .with(CONTENT_SECURITY_POLICY, &csp)
        .with(CACHE_CONTROL, "no-store")
        .with(REFERRER_POLICY, "no-referrer")
}

fn render(mail: &Mail) -> String {
    let text: Vec<String> = mail.text.lines().map(link).collect();
    format!(
        "<article>\n<h2>{}</h2>\n<p>to <strong>{}</strong></p>\n<pre>{}</pre>\n</article>\n",
        escape(&mail.subject),
        escape(mail.to.as_str()),
        text.join("\n")
    )
}

/// A line; one that is an address and nothing else becomes a link.
fn link(line: &str) -> String {
    let escaped = escape(line);
    if line.starts_with("https://") || line.starts_with("http://") { format!("<a href=\"{escaped}\">{escaped}</a>") } else { escaped }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use grantlet::mail::Mailer;
    use grantlet::model::email::EmailAddress;
    use grantlet::model::settings::MailSettings;

    use super::*;

    #[tokio::test]
    async fn mails_are_shown_escaped_and_their_links_can_be_followed() {
        let mailer = Mailer::outbox(|_| ());
        let Mailer::Outbox(outbox) = &mailer else { unreachable!("it was made above") };
        assert!(show(outbox).body.contains("No mail was sent"));
        let mail = Mail {
            to: EmailAddress::parse("alice@example.com").unwrap(),
            subject: "<b>Hello</b>".to_owned(),
            text: "Open:\nhttp://localhost:9000/login/reset?token=a&x=\"y\"\n<script>".to_owned(),
            html: String::new(),
        };
        mailer.send(&MailSettings::default(), mail).await.unwrap();
        let page = show(outbox).body;
        assert!(page.contains("&lt;b&gt;Hello") && page.contains("&lt;script&gt;"), "{page}");
        assert!(page.contains("<a href=\"http://localhost:9000/login/reset?token=a&amp;x=&quot;y&quot;\">"), "{page}");
    }
}
