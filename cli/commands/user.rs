//! `grantlet user …`: people.

use std::io::{IsTerminal as _, Read as _};

use grantlet::context::{Context, Timestamp};
use grantlet::endpoint::people::{ExportPart, export_person};
use grantlet::model::event::SecurityEvent;
use grantlet::model::passkey::Passkey;
use grantlet::model::secret::Secret;
use grantlet::model::user::{Claims, Subject, User, UserId};
use grantlet::model::whereabouts::Whereabouts;
use grantlet::password::{LONGEST, Weakness, check_strength};
use serde::Serialize;
use serde_json::{Value, json};

use crate::args::{TargetArgs, UserCommand};
use crate::failure::Failure;
use crate::output::{Output, ask_password, print_note, printable, render_table, render_time};
use crate::people::{self, Ended, NewUser};
use crate::target::Target;

/// A person as they are shown: never with the hash of their password.
#[derive(Serialize)]
struct ShownUser {
    id: UserId,
    sub: Subject,
    username: Option<String>,
    locked: bool,
    claims: Claims,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<User> for ShownUser {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            sub: user.subject,
            username: user.username,
            locked: user.locked,
            claims: user.claims,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

/// A person whose access changed, and what ended with it.
#[derive(Serialize)]
struct Changed {
    #[serde(flatten)]
    user: ShownUser,
    #[serde(flatten)]
    ended: Ended,
}

/// A person with the passkeys that they have.
#[derive(Serialize)]
struct Person {
    #[serde(flatten)]
    user: ShownUser,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    passkeys: Vec<ShownPasskey>,
}

/// A passkey as it is shown.
#[derive(Serialize)]
struct ShownPasskey {
    id: String,
    name: String,
    backed_up: bool,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

impl From<Passkey> for ShownPasskey {
    fn from(passkey: Passkey) -> Self {
        Self {
            id: passkey.id.to_string(),
            name: passkey.name,
            backed_up: passkey.backed_up,
            created_at: passkey.created_at,
            last_used_at: passkey.last_used_at,
        }
    }
}

/// A person whose passkeys were removed.
#[derive(Serialize)]
struct WithoutPasskeys {
    #[serde(flatten)]
    changed: Changed,
    passkeys_removed: usize,
}

/// Something that happened to a person's account.
#[derive(Serialize)]
struct ShownEvent {
    kind: &'static str,
    at: Timestamp,
    about: Option<String>,
    browser: Option<&'static str>,
    system: Option<&'static str>,
    network: Option<String>,
}

impl From<SecurityEvent> for ShownEvent {
    fn from(event: SecurityEvent) -> Self {
        let Whereabouts { browser, network } = event.whereabouts;
        Self { kind: event.kind.as_str(), at: event.at, about: event.about, browser: browser.family, system: browser.system, network }
    }
}

/// Does `command`.
pub(crate) async fn run(command: UserCommand, args: &TargetArgs, output: Output) -> Result<(), Failure> {
    let target = Target::open(args).await?;
    let context = &target.context;
    match command {
        UserCommand::Add { username, claims, password_stdin } => {
            let user = add(context, &username, &claims, password_stdin).await?;
            output.print(&user, |user| format!("The user is added.\n\n{}", render(user)))?;
        }
        UserCommand::List => {
            let mut users = context.store.list_users().await?;
            users.sort_by(|a, b| (&a.username, a.id).cmp(&(&b.username, b.id)));
            let users: Vec<ShownUser> = users.into_iter().map(ShownUser::from).collect();
            output.print(&users, |users| render_list(users))?;
        }
        UserCommand::Show { user } => {
            let user = people::find_user(context, &user).await?;
            let passkeys = context.store.list_passkeys(user.id).await?.into_iter().map(ShownPasskey::from).collect();
            output.print(&Person { user: user.into(), passkeys }, render_person)?;
        }
        UserCommand::RemovePasskeys { user } => {
            let user = people::find_user(context, &user).await?;
            let (passkeys_removed, ended) = people::remove_passkeys(context, user.id).await?;
            let removed = WithoutPasskeys { changed: Changed { user: user.into(), ended }, passkeys_removed };
            output.print(&removed, |removed| {
                let Ended { sessions_ended, .. } = removed.changed.ended;
                let (name, count) = (name_of(&removed.changed.user), removed.passkeys_removed);
                format!("{name} has no passkeys any more. Passkeys removed: {count}. Sessions ended: {sessions_ended}.")
            })?;
        }
        UserCommand::Lock { user } => {
            let user = people::find_user(context, &user).await?;
            let ended = people::lock(context, user.id).await?;
            let changed = Changed { user: ShownUser { locked: true, ..user.into() }, ended };
            output.print(&changed, |changed| render_ended("locked", changed))?;
        }
        UserCommand::Unlock { user } => {
            let user = people::find_user(context, &user).await?;
            context.store.set_locked(user.id, false).await?;
            let user = ShownUser { locked: false, ..user.into() };
            output.print(&user, |user| format!("{} may log in again. Revoked grants stay revoked.", name_of(user)))?;
        }
        UserCommand::Events { user } => {
            let user = people::find_user(context, &user).await?;
            let events: Vec<ShownEvent> =
                context.store.list_events(user.id, context.now()).await?.into_iter().map(ShownEvent::from).collect();
            output.print(&events, |events| render_events(events))?;
        }
        UserCommand::Export { user } => {
            let user = people::find_user(context, &user).await?;
            let exported = export_person(context, &user, &ExportPart::WHOLE).await?;
            output.print(&exported, |exported| serde_json::to_string_pretty(exported).unwrap_or_default())?;
        }
        UserCommand::Remove { user } => {
            let user = people::find_user(context, &user).await?;
            let ended = people::remove(context, &user).await?;
            let changed = Changed { user: ShownUser { locked: true, ..user.into() }, ended };
            output.print(&changed, |changed| render_ended("removed", changed))?;
        }
        UserCommand::RemoveFactor { user } => {
            let user = people::find_user(context, &user).await?;
            let was_there = context.store.remove_factors(user.id).await?;
            let user = ShownUser::from(user);
            output.print(&user, |user| {
                let done = if was_there { "logs in by password alone from now on" } else { "has no second factor" };
                format!("{} {done}.", name_of(user))
            })?;
        }
        UserCommand::SetPassword { user, password_stdin } => {
            let user = people::find_user(context, &user).await?;
            if user.username.is_none() {
                return Err(Failure::new("This user logs in at your site, and has no password here. Change it there."));
            }
            let password = read_password(&printable(user.username.as_deref().unwrap_or_default()), password_stdin)?;
            let sessions_ended = people::set_password(context, user.id, &password).await?;
            warn_of_weakness(&password, &[user.username.as_deref().unwrap_or_default()]);
            let changed = Changed { user: user.into(), ended: Ended { grants_revoked: 0, sessions_ended } };
            output.print(&changed, |changed| render_ended("given a new password", changed))?;
        }
    }
    target.close().await;
    Ok(())
}

async fn add(context: &Context, username: &str, claims: &[String], from_stdin: bool) -> Result<ShownUser, Failure> {
    let claims = claims.iter().map(|claim| parse_claim(claim)).collect::<Result<Claims, _>>()?;
    people::check_username(username)?;
    people::check_claims(&claims)?;
    let password = read_password(&printable(username), from_stdin)?;
    let new = NewUser { username, password: &password, claims: &claims, locked: false };
    match people::add_user(context, &new).await? {
        Some(user) => {
            warn_of_weakness(&password, &[username]);
            Ok(user.into())
        }
        None => {
            Err(Failure::new(format!("There is a user {username:?} already. Choose another name, or use `grantlet user set-password`.")))
        }
    }
}

/// `name=text`, or `name:=JSON`.
fn parse_claim(claim: &str) -> Result<(String, Value), Failure> {
    let bad =
        |why: &str| Failure::new(format!("The claim {claim:?} can't be read{why}. Write name=text, or name:=JSON for anything but text."));
    match claim.split_once('=') {
        Some((name, value)) if !name.trim_end_matches(':').is_empty() => match name.strip_suffix(':') {
            Some(name) => {
                let value = serde_json::from_str(value).map_err(|error| bad(&format!(" ({error})")))?;
                Ok((name.to_owned(), value))
            }
            None => Ok((name.to_owned(), json!(value))),
        },
        _ => Err(bad("")),
    }
}

/// A password from the terminal, without showing it, or from standard input up to its first line end.
fn read_password(whose: &str, from_stdin: bool) -> Result<Secret, Failure> {
    let password = if from_stdin {
        let mut text = String::new();
        std::io::stdin().take(4096).read_to_string(&mut text)?;
        Secret::new(text.lines().next().unwrap_or_default())
    } else if std::io::stdin().is_terminal() {
        Secret::new(ask_password(whose)?.ok_or_else(|| Failure::new("The two passwords differ. Try again."))?)
    } else {
        return Err(Failure::new("There is no terminal to ask for the password on. Give it on standard input, with --password-stdin."));
    };
    if password.expose().is_empty() {
        return Err(Failure::new("The password is empty. Give one."));
    }
    if password.expose().len() > LONGEST {
        return Err(Failure::new(format!(
            "The password is longer than {LONGEST} bytes, and could not be used to log in. Give a shorter one."
        )));
    }
    Ok(password)
}

/// The operator may set what people themselves may not, for a while; they should know.
fn warn_of_weakness(password: &Secret, about: &[&str]) {
    if let Err(weakness) = check_strength(password, about) {
        let why = match weakness {
            Weakness::TooShort => "is shorter than 8 characters",
            Weakness::TooLong | Weakness::Guessable(_) => "is easy to guess",
        };
        print_note(&format!("This password {why}. It works, but nobody could choose it for themselves; give it for a short time only."));
    }
}

fn name_of(user: &ShownUser) -> String {
    printable(user.username.as_deref().unwrap_or(&user.sub.0))
}

fn render_ended(done: &str, changed: &Changed) -> String {
    let Ended { grants_revoked, sessions_ended } = changed.ended;
    format!("{} is {done}. Grants revoked: {grants_revoked}. Sessions ended: {sessions_ended}.", name_of(&changed.user))
}

fn render_events(events: &[ShownEvent]) -> String {
    if events.is_empty() {
        return "Nothing happened to this account within a year.".to_owned();
    }
    let rows: Vec<_> = events
        .iter()
        .map(|event| {
            let place = [event.browser, event.system, event.network.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
            [render_time(event.at), event.kind.to_owned(), printable(event.about.as_deref().unwrap_or_default()), place]
        })
        .collect();
    render_table(["WHEN", "WHAT", "ABOUT", "FROM"], &rows)
}

fn render_list(users: &[ShownUser]) -> String {
    if users.is_empty() {
        return "There are no users yet. `grantlet user add NAME` adds one.".to_owned();
    }
    let rows: Vec<_> = users
        .iter()
        .map(|user| {
            [
                user.username.clone().unwrap_or_else(|| "(site login)".to_owned()),
                user.sub.to_string(),
                if user.locked { "locked" } else { "" }.to_owned(),
                render_time(user.created_at),
            ]
        })
        .collect();
    render_table(["USER NAME", "SUB", "STATE", "ADDED"], &rows)
}

fn render(user: &ShownUser) -> String {
    let claims = serde_json::to_string(&user.claims).unwrap_or_default();
    let lines = [
        ("user name", user.username.clone().unwrap_or_else(|| "(site login)".to_owned())),
        ("sub", user.sub.to_string()),
        ("state", if user.locked { "locked" } else { "may log in" }.to_owned()),
        ("claims", claims),
        ("added", render_time(user.created_at)),
        ("changed", render_time(user.updated_at)),
    ];
    lines.iter().map(|(name, value)| format!("{name:9}  {}", printable(value))).collect::<Vec<_>>().join("\n")
}

fn render_person(person: &Person) -> String {
    let passkeys = if person.passkeys.is_empty() {
        "none".to_owned()
    } else {
        let words = |passkey: &ShownPasskey| {
            let name = if passkey.name.is_empty() { "(no name)".to_owned() } else { printable(&passkey.name) };
            let used = passkey.last_used_at.map_or_else(|| "not used yet".to_owned(), |time| format!("last used {}", render_time(time)));
            format!("{name}, added {}, {used}", render_time(passkey.created_at))
        };
        person.passkeys.iter().map(words).collect::<Vec<_>>().join("\n           ")
    };
    format!("{}\npasskeys   {passkeys}", render(&person.user))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_text_unless_they_are_written_as_json() {
        for (claim, expected) in [
            ("name=Alice = A", json!("Alice = A")),
            ("phone_number=+41", json!("+41")),
            ("email_verified:=true", json!(true)),
            ("address:={\"locality\":\"Bern\"}", json!({"locality": "Bern"})),
        ] {
            assert_eq!(parse_claim(claim).unwrap().1, expected, "{claim}");
        }
        for claim in ["name", "=x", ":=1", "age:=x"] {
            assert!(parse_claim(claim).is_err(), "{claim}");
        }
    }
}
