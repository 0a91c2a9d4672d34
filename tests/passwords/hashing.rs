//! How many passwords are hashed for what a stranger asks: a hashing takes as long as nothing else does, so one more or one less tells which accounts there are
//! (OWASP Authentication Cheat Sheet, "Authentication and Error Messages"). The function's own log is counted, in a process where nothing was hashed before.

use std::time::Duration;

use grantlet::model::secret::Secret;
use grantlet::password::verify_password;
use serde_json::json;

use super::{STRONG, form, login_page, send_password};
use crate::support::lambda::Function;
use crate::support::oauth::{ALICE, add_alice, add_person, register_client};
use crate::support::person::{Account, Person};
use crate::support::server::Server;
use crate::support::stack::{ISSUER, Stack};

const PATIENCE: Duration = Duration::from_mins(1);
/// What stands in the log for each hashing.
const HASHED: &str = "a password is hashed";
const REFUSED: &str = "login refused";
const CAROL: Account<'static> = Account { username: "carol@example.com", password: STRONG };
const LOCKED: Account<'static> = Account { username: "mallory", password: STRONG };

/// The functions, with Alice, Carol, and somebody who is locked out.
async fn functions() -> Server {
    let settings = json!({"accounts": {"registration": "open"}, "mail": {"from": "Example <login@issuer.example>"}});
    let stack = Stack::start_with(&[("GRANTLET_LOG", "grantlet=debug")], settings).await;
    register_client(&stack.operator, "app", json!({})).await;
    add_alice(&stack.operator).await;
    add_person(&stack.operator, CAROL).await;
    let locked = add_person(&stack.operator, LOCKED).await;
    stack.operator.store.set_locked(locked, true).await.unwrap();
    Server::Functions(stack)
}

fn stack_of(server: &Server) -> &Stack {
    match server {
        Server::Functions(stack) => stack,
        Server::Dev { .. } | Server::Local(_) => unreachable!("functions were started"),
    }
}

/// The log of `authorize`, read on and on.
struct Log<'s> {
    function: &'s Function,
    read: usize,
}

impl<'s> Log<'s> {
    fn of(server: &'s Server) -> Self {
        Self { function: stack_of(server).function("authorize"), read: 0 }
    }

    /// How many passwords were hashed before the next line with `mark`, which is waited for.
    async fn hashings_until(&mut self, mark: &str) -> usize {
        let found = async {
            loop {
                let lines = self.function.log_lines().split_off(self.read);
                if let Some(at) = lines.iter().position(|line| line.contains(mark)) {
                    return (at, lines[..at].iter().filter(|line| line.contains(HASHED)).count());
                }
                tokio::task::yield_now().await;
            }
        };
        let (at, count) = tokio::time::timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("{mark:?} is not in the log"));
        self.read += at + 1;
        count
    }
}

/// One hashing for each login, whether there is an account, a lock, or the right password; none for one that was tried too often
#[tokio::test(flavor = "multi_thread")]
async fn a_login_hashes_one_password_whoever_it_is_for() {
    let server = functions().await;
    let mut log = Log::of(&server);
    let mut person = Person::new(&server);
    let page = login_page(&mut person).await;
    // Somebody unknown comes first: what a process makes ready once is not made at their cost.
    for (username, password, mark) in [
        ("nobody", "wrong", REFUSED),
        (ALICE.username, "wrong", REFUSED),
        ("nobody", STRONG, REFUSED),
        (LOCKED.username, "wrong", REFUSED),
        (LOCKED.username, LOCKED.password, REFUSED),
        ("", "", REFUSED),
        (ALICE.username, ALICE.password, "logged in by password"),
    ] {
        send_password(&mut person, &page, Account { username, password }).await;
        assert_eq!(log.hashings_until(mark).await, 1, "{username}");
    }
    let mut elsewhere = Person::new(&server).at("198.51.100.9");
    let page = login_page(&mut elsewhere).await;
    for username in ["nobody", ALICE.username] {
        for _ in 0..10 {
            send_password(&mut elsewhere, &page, Account { username, password: "wrong" }).await;
            assert_eq!(log.hashings_until(REFUSED).await, 1, "{username}");
        }
        let told = send_password(&mut elsewhere, &page, Account { username, password: "wrong" }).await;
        assert_eq!((told.status, log.hashings_until("too many login attempts").await), (429, 0), "{username}");
    }
}

/// What asks for a mail hashes nothing for anybody, and a link hashes the password that was chosen, whether or not its name was taken meanwhile
#[tokio::test(flavor = "multi_thread")]
async fn mails_and_links_cost_the_same_whether_or_not_there_is_an_account() {
    let server = functions().await;
    let stack = stack_of(&server);
    let mut log = Log::of(&server);
    let mut person = Person::new(&server);
    let page = person.open("/login/forgot").await;
    for name in ["nobody", "nobody@example.com", ALICE.username, CAROL.username, LOCKED.username] {
        assert_eq!(person.submit(&form(&page, "forgot").fill("username", name), "send-link").await.status, 303);
        assert_eq!(log.hashings_until("forgotten password").await, 0, "{name}");
    }
    let mut links = Vec::new();
    let mut newcomer = Person::new(&server).at("198.51.100.10");
    let page = newcomer.open("/login/signup").await;
    for name in ["dave@example.com", CAROL.username, "erin@example.com"] {
        assert_eq!(newcomer.submit(&form(&page, "sign-up").fill("email", name), "send-link").await.status, 303);
        assert_eq!(log.hashings_until("somebody who wants an account").await, 0, "{name}");
        let mail = stack.proxy.mails().pop().unwrap();
        let text = mail["Content"]["Simple"]["Body"]["Text"]["Data"].as_str().unwrap().to_owned();
        links.extend(text.lines().find_map(|line| line.strip_prefix(ISSUER)).filter(|link| link.contains("token=")).map(str::to_owned));
    }
    add_person(&stack.operator, Account { username: "erin@example.com", password: ALICE.password }).await;
    for (link, status, mark) in [(&links[0], 303, "somebody made an account"), (&links[1], 400, "refused with a page")] {
        let choose = newcomer.open(link).await;
        assert_eq!(newcomer.submit(&form(&choose, "choose").fill("password", STRONG), "save").await.status, status);
        assert_eq!(log.hashings_until(mark).await, 1, "{mark}");
    }
    // The account that was there is as it was.
    let erin = stack.operator.store.find_login(&grantlet::model::user::Login::Local("erin@example.com".to_owned())).await.unwrap().unwrap();
    let erin = stack.operator.store.find_user(erin).await.unwrap().unwrap();
    assert!(verify_password(&Secret::new(ALICE.password), &erin.password_hash.unwrap()));
}
