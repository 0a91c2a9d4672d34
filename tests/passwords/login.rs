//! Passwords as they are kept.

use grantlet::model::user::PasswordHash;

use super::{follow, login_page, open_server, send_password};
use crate::support::oauth::ALICE;
use crate::support::person::{Account, Person};

/// OWASP Password Storage Cheat Sheet: upgrading the work factor. The hash is one of the Argon2 reference implementation's.
#[tokio::test]
async fn a_hash_with_older_parameters_is_made_anew_at_the_next_login() {
    let server = open_server().await;
    let (store, alice) = (&server.inside().context.store, server.inside().alice);
    let old = PasswordHash("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4".to_owned());
    store.set_password(alice, &old).await.unwrap();
    let account = Account { username: ALICE.username, password: "password" };

    let mut person = Person::new(&server);
    let page = login_page(&mut person).await;
    let wrong = Account { password: "passwore", ..account };
    assert_eq!(send_password(&mut person, &page, wrong).await.status, 403);
    assert_eq!(store.find_user(alice).await.unwrap().unwrap().password_hash, Some(old.clone()));
    for _ in 0..2 {
        let done = send_password(&mut person, &page, account).await;
        follow(&mut person, &done).await;
        let kept = store.find_user(alice).await.unwrap().unwrap().password_hash.unwrap();
        assert!(kept.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", kept.0);
    }
}
