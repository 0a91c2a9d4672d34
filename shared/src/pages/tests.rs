use super::*;
use crate::model::settings::{Logo, SiteSettings};

const NASTY: &str = "\"><script>alert(1)</script>' onfocus=x {{ 7*7 }} &amp;";

fn view(language: Language) -> View {
    View::new(language, Look::plain())
}

/// The view of a site that says of itself whatever it can, with the largest logo that it may have.
fn branded(language: Language, name: &str) -> View {
    let logo = [b"\x89PNG\r\n\x1a\n".as_slice(), &[7; 16 * 1_024 - 8]].concat();
    let logo = Logo::try_from(format!("data:image/png;base64,{}", STANDARD.encode(logo))).unwrap();
    let site: SiteSettings = serde_json::from_value(serde_json::json!({
        "name": name, "accent": "#a3005c", "support": "help@site.example", "privacy": "https://site.example/privacy", "terms": "https://site.example/terms",
    }))
    .unwrap();
    View::new(language, Look::of(&SiteSettings { logo: Some(logo), ..site }).into())
}

/// The largest logo that a client may have.
fn mark() -> String {
    format!("data:image/png;base64,{}", STANDARD.encode([b"\x89PNG\r\n\x1a\n".as_slice(), &[7; 8 * 1_024 - 8]].concat()))
}

/// Every page, with `text` wherever something comes from outside.
fn pages(view: &View, text: &str) -> Vec<Page> {
    let common = common_pages(view, text).into_iter().chain(login_pages(view, text)).chain(stronger_pages(view, text));
    common.chain(account::tests::pages(view, text)).chain(passwords::tests::pages(view, text)).collect()
}

/// Those about a login.
fn login_pages(view: &View, text: &str) -> Vec<Page> {
    let login = LoginPage {
        view,
        purpose: LoginPurpose::Client(text),
        stronger: Some((StrongerWish::Factor, text)),
        username: text,
        problem: Some(LoginProblem::WrongCredentials),
        passkeys: true,
        site_host: Some(text),
        site_login_url: Some(text),
        password: true,
        connections: &[ConnectionButton { id: text, name: text, url: text.to_owned() }],
        upstream_problem: Some((UpstreamProblem::Failed, text)),
        forgot_url: Some(text),
        sign_up_url: Some(text),
        errand: ("request", text),
        form_token: text,
    };
    vec![
        login.render(),
        LoginPage { passkeys: false, problem: Some(LoginProblem::Passkey), ..login.clone() }.render(),
        LoginPage { purpose: LoginPurpose::Device(text.to_owned()), stronger: None, ..login.clone() }.render(),
        LoginPage { purpose: LoginPurpose::Account, stronger: Some((StrongerWish::Code, text)), ..login.clone() }.render(),
        LoginPage { purpose: LoginPurpose::AccountAgain, stronger: Some((StrongerWish::Passkey, text)), ..login }.render(),
    ]
}

/// Those that say that a stronger login is wanted.
fn stronger_pages(view: &View, text: &str) -> [Page; 2] {
    [(true, None), (false, Some(text.to_owned()))].map(|(sign_in, url)| {
        StrongerPage { view, client_name: text, sign_in, passkey_url: url.clone(), factor_url: url, request: text, form_token: text }
            .render()
    })
}

/// Those about a consent, a device and a logout.
fn common_pages(view: &View, text: &str) -> Vec<Page> {
    let scopes = ["openid", text, "offline_access"].map(|name| AskedScope::new(view, name, None));
    let worded = [AskedScope::new(view, text, Some(text))];
    let details = [AskedDetail { description: text, rows: vec![(text.to_owned(), text.to_owned())] }];
    let resources = [text];
    let fields = [("code", text), (text, "x")];
    let claims = [text.to_owned(), "birthdate".to_owned()];
    let asked_language = Some(Language::German);
    let logout =
        |destination| LogoutPage { view, client_name: Some(text), destination, user_name: Some(text), request: text, form_token: text };
    let picture = mark();
    // Where the site has a logo, the clients have theirs, too.
    let logo = view.look().logo().map(|_| picture.as_str());
    let consent = |destination| ConsentPage {
        view,
        client_name: text,
        client_id: text,
        logo,
        first_party: false,
        allowed: &[],
        lasting: Lasting::Days(180),
        remembered: true,
        destination,
        stranger: Some(Stranger::Described { host: text }),
        user_name: text,
        scopes: &scopes,
        claims: &claims,
        resources: &[],
        details: &[],
        request: text,
        form_token: text,
    };
    let device = DeviceConsentPage {
        view,
        client_name: text,
        client_id: text,
        logo,
        first_party: false,
        stranger: Some(Stranger::Described { host: text }),
        user_name: text,
        scopes: &scopes,
        resources: &[text],
        details: &details,
        lasting: Lasting::Minutes(10),
        user_code: text,
        asked_language,
        device: text,
        form_token: text,
    };
    let leaving = |fields| {
        let destination = &Destination::Host(text);
        LeavingPage { view, client_name: text, client_id: text, destination, sentence: text, error: text, action: text, fields }.render()
    };
    vec![
        consent(&Destination::Host(text)).render(),
        consent(&Destination::App(text)).render(),
        ConsentPage { scopes: &worded, resources: &resources, details: &details, ..consent(&Destination::ThisComputer) }.render(),
        ConsentPage { allowed: &worded, stranger: None, remembered: false, ..consent(&Destination::Host(text)) }.render(),
        leaving(&[]),
        leaving(&fields),
        FormPostPage { view, client_name: text, action: text, fields: &fields }.render(),
        AccountPage { view, client_name: text, user_name: text, request: text, form_token: text }.render(),
        logout(Some(&Destination::Host(text))).render(),
        logout(Some(&Destination::App(text))).render(),
        logout(None).render(),
        SignedOutPage { view, signed_in: true, client_name: Some(text), next: None }.render(),
        SignedOutPage { view, signed_in: false, client_name: Some(text), next: Some((text, &Destination::Host(text))) }.render(),
        DevicePage { view, user_code: text, asked_language, problem: Some(DeviceProblem::WrongCode), form_token: text }.render(),
        device.render(),
        DeviceDonePage { view, client_name: text, allowed: true }.render(),
        DeviceDonePage { view, client_name: text, allowed: false }.render(),
        ErrorPage {
            view,
            title: "error-unavailable",
            message: "error-unavailable-why",
            advice: "error-advice-reload",
            error: Some(text),
            request_id: text,
        }
        .render(),
    ]
}

/// OAuth 2.1 section 7.12
#[test]
fn nothing_that_a_stranger_says_becomes_markup() {
    let both = |language| [view(language), branded(language, NASTY)];
    for page in Language::ALL.into_iter().flat_map(both).flat_map(|view| pages(&view, NASTY)) {
        let html = page.html.replace(answer::SUBMIT, "").replace(login::PASSKEY_LOGIN, "").replace(passkeys::CREATION, "");
        assert!(!html.contains("<script>alert") && !html.contains("\"><script"), "{html}");
        assert!(!html.contains("' onfocus"), "{html}");
    }
}

/// CSP Level 3: a page whose hashes differ would be naked
#[test]
fn the_policy_allows_exactly_what_the_page_has_inline() {
    for page in Language::ALL.into_iter().flat_map(|language| pages(&view(language), "text")) {
        let style = page.html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        assert!(page.csp.contains(&source(style)), "{}", page.csp);
        match page.html.split_once("<script>") {
            Some((_, rest)) => assert!(page.csp.contains(&format!("script-src {}", source(rest.split_once("</script>").unwrap().0)))),
            None => assert!(!page.csp.contains("script-src")),
        }
        assert!(!page.csp.contains("unsafe") && page.csp.contains("frame-ancestors 'none'"));
        assert!(!page.html.contains("style=\"") && !page.html.contains("src=") && !page.html.contains("=\"http"), "{}", page.html);
        assert!(page.html.len() < 16_000, "{}", page.html.len());
    }
}

#[test]
fn consent_says_what_for_and_where_to() {
    let [host, app, here, ..] = &pages(&view(Language::English), "text")[..] else { panic!("three pages") };
    assert!(host.html.contains("to know who you are") && host.html.contains("stay connected while you are away"));
    assert!(host.html.contains("your date of birth"));
    assert_eq!(host.html.matches("stay connected").count(), 1);
    assert!(app.html.contains("an app on this device") && here.html.contains("a program on this computer"));
}

/// WCAG 2.2 success criterion 3.1.1
#[test]
fn a_page_says_in_which_language_it_is() {
    for language in Language::ALL {
        for page in pages(&view(language), "text") {
            let start = format!("<html lang=\"{}\" dir=\"{}\">", language.tag(), language.direction());
            assert!(page.html.contains(&start), "{}", page.html);
        }
    }
}

/// What is one sentence in one language is another in the next, and the name in it stays
#[test]
fn a_sentence_keeps_its_names_in_every_language() {
    let mut seen = std::collections::BTreeSet::new();
    for language in Language::ALL {
        let sentence = view(language).mark("login-continue", [("client", "<App>")]).to_string();
        assert!(sentence.contains("<strong>&#60;App&#62;</strong>"), "{sentence}");
        assert!(seen.insert(sentence));
        assert_ne!(
            view(language).tell("too-many-attempts", [("minutes", 1_i64)]),
            view(language).tell("too-many-attempts", [("minutes", 2_i64)])
        );
    }
}

/// Sentences beside each other are parted by a space, except in languages that are written without
#[test]
fn sentences_are_joined_as_the_language_writes_them() {
    for language in [Language::Chinese, Language::Japanese] {
        for page in pages(&view(language), "text") {
            assert!(!page.html.contains("。 "), "{}", page.html);
        }
    }
    let html: String = pages(&view(Language::English), "text").into_iter().map(|page| page.html).collect();
    for joined in ["easy to guess. Add another", "UTC</time>. Last used", "UTC</time>. It need not", "that you have. You can set it up"] {
        assert!(html.contains(joined), "{joined}");
    }
}

/// A name is asked for in the order in which the language says it
#[test]
fn the_family_name_is_asked_for_first_where_it_is_said_first() {
    for language in Language::ALL {
        let mut all = pages(&view(language), "text").into_iter().map(|page| page.html);
        let html = all.find(|html| html.contains("id=\"profile-form\"")).unwrap();
        let place = |name: &str| html.find(&format!("id=\"{name}\"")).unwrap();
        let family_first = matches!(language, Language::Chinese | Language::Japanese);
        assert_eq!(place("family_name") < place("given_name"), family_first, "{language:?}");
    }
}

/// Every page has the site's name, logo and links, in its own policy, and at most 50 kB
#[test]
fn a_page_of_a_site_has_its_look_and_stays_small() {
    let name = "Notes & Company";
    for language in Language::ALL {
        let view = branded(language, name);
        for page in pages(&view, "text") {
            let style = page.html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
            assert!(style.contains("--accent:#a3005c;--on-accent:#ffffff") && page.csp.contains(&source(style)), "{}", page.csp);
            assert!(page.csp.contains("; img-src data:") && !page.csp.contains("unsafe"), "{}", page.csp);
            for part in
                [" · Notes &#38; Company</title>", "<img class=\"logo\" src=\"data:image/png;base64,", "alt=\"Notes &#38; Company\""]
            {
                assert!(page.html.contains(part), "{part}");
            }
            for link in ["mailto:help@site.example", "https://site.example/privacy", "https://site.example/terms"] {
                assert!(page.html.contains(&format!("href=\"{link}\" rel=\"noreferrer\"")), "{link}");
            }
            assert!(page.html.len() < 50_000, "{}", page.html.len());
        }
    }
}

/// Error pages say whose turn it is, and of what is not the application's where people get help
#[test]
fn an_error_page_says_whose_turn_it_is() {
    let view = branded(Language::English, "Notes");
    for (advice, turn, helps) in [
        ("error-advice-back", "It is the application&#39;s turn", false),
        ("error-advice-tell", "It is this site&#39;s turn", true),
        ("error-advice-again", "It is your turn", true),
    ] {
        let page = ErrorPage { view: &view, title: "error-faulty", message: "error-long-why", advice, error: None, request_id: "r1" };
        let page = page.render();
        assert!(page.html.contains(turn), "{}", page.html);
        assert_eq!(page.html.contains("href=\"mailto:help@site.example\">help@site.example</a>."), helps, "{}", page.html);
        assert!(page.html.contains("finds it in the log as <code>r1</code>"));
    }
}
