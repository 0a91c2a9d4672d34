//! `/account/profile`: what people say about themselves, as far as the operator lets them: the standard claims that need no proof (`OpenID` Connect Core
//! section 5.1). Clients get them as they get any claim. What is known of somebody who logs in elsewhere is for that place to say.

use http::StatusCode;
use serde_json::{Map, Value};

use super::{Place, done, need_login, read_form, record_once, show};
use crate::context::{Civil, Context};
use crate::endpoint::front::FrontChannel;
use crate::endpoint::front::error::Refusal;
use crate::endpoint::front::reply::go_on;
use crate::endpoint::front::session::ActiveSession;
use crate::endpoint::{Request, Response};
use crate::model::event::EventKind;
use crate::model::factor::fingerprint;
use crate::model::settings::AccountSettings;
use crate::model::user::Claims;
use crate::pages::account::{Field, Notice, ProfilePage, ProfileProblem};
use crate::protocol::params::Params;
use crate::protocol::profile::{ADDRESS, ADDRESS_PARTS, FORMATTED, ValueError, check_value, tidy};

const PLACE: Place = Place::Profile;
/// For how long further changes from the same browser and network are the same event, in seconds: whoever saves often should not push other events out of
/// the list.
const SAME_EVENT: i64 = 24 * 60 * 60;

/// `GET /account/profile`.
pub(in crate::endpoint::front) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, PLACE).await?;
    let settings = front.context.settings().await?;
    let entered = Entered::of(&settings.accounts, &active.user.claims);
    Ok(render(front, request, &active, StatusCode::OK, &entered, None))
}

fn render(
    front: &FrontChannel,
    request: &Request,
    active: &ActiveSession,
    status: StatusCode,
    entered: &Entered,
    problem: Option<ProfileProblem>,
) -> Response {
    let user = &active.user;
    let (fields, address): (Vec<&Line>, Vec<&Line>) = entered.lines.iter().partition(|line| !line.is_of_address);
    let shown = |lines: Vec<&Line>| -> Vec<Field> {
        lines.into_iter().map(|line| Field { name: line.name, value: line.text.clone(), problem: line.problem }).collect()
    };
    let (fields, address) = (shown(fields), shown(address));
    let proven = |name: &str| user.claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    show(front, request, active, PLACE, status, |view, frame, form_token| {
        ProfilePage {
            view,
            frame,
            is_here: user.username.is_some(),
            fields: &fields,
            address: &address,
            email: proven("email"),
            phone: proven("phone_number"),
            problem,
            state: &state_of(&user.claims),
            form_token,
        }
        .render()
    })
}

/// `POST /account/profile`: one conditional write of all claims, or none.
pub(in crate::endpoint::front) async fn handle_form(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let active = need_login(front, request, PLACE).await?;
    let params = read_form(front, request, &active, PLACE)?;
    let user = &active.user;
    if user.username.is_none() {
        return Ok(go_on(PLACE.path()));
    }
    let settings = front.context.settings().await?;
    let mut entered = Entered::of(&settings.accounts, &user.claims);
    entered.take(&params, &front.context);
    let refuse = |entered: &Entered, status, problem| Ok(render(front, request, &active, status, entered, Some(problem)));
    if entered.lines.iter().any(|line| line.problem.is_some()) {
        return refuse(&entered, StatusCode::BAD_REQUEST, ProfileProblem::Fields);
    }
    // A page that was open while another one was saved would undo what that one wrote.
    if params.find("state") != Some(state_of(&user.claims).as_str()) {
        return refuse(&entered, StatusCode::CONFLICT, ProfileProblem::Changed);
    }
    let claims = entered.apply(&user.claims);
    let store = &front.context.store;
    if claims != user.claims && !store.replace_claims(user.id, &user.claims, &claims, front.context.now()).await? {
        // Our own write, whose answer was lost, is no conflict.
        if store.find_user(user.id).await?.is_none_or(|now| now.claims != claims) {
            return refuse(&entered, StatusCode::CONFLICT, ProfileProblem::Changed);
        }
    }
    if claims != user.claims {
        record_once(front, request, user.id, EventKind::ProfileChanged, SAME_EVENT).await;
    }
    Ok(done(PLACE, Notice::ProfileSaved))
}

/// What the form remembers of the claims that it was made from.
fn state_of(claims: &Claims) -> String {
    fingerprint(&[&serde_json::to_string(claims).unwrap_or_default()])
}

/// The fields of the form, as they are kept or were sent.
struct Entered {
    lines: Vec<Line>,
}

/// One field.
struct Line {
    name: &'static str,
    is_of_address: bool,
    text: String,
    is_changed: bool,
    problem: Option<ValueError>,
}

impl Entered {
    /// The fields that the operator lets people write, with what is kept. An address as a whole is asked for only where there is one: from the parts
    /// everybody can put it together.
    fn of(settings: &AccountSettings, claims: &Claims) -> Self {
        let of_address = claims.get(ADDRESS).and_then(Value::as_object);
        let text = |kept: Option<&Map<String, Value>>, name: &str| {
            tidy(kept.and_then(|kept| kept.get(name)).and_then(Value::as_str).unwrap_or_default())
        };
        let mut lines = Vec::new();
        for name in settings.editable() {
            let line = |name, is_of_address, text| Line { name, is_of_address, text, is_changed: false, problem: None };
            if name == ADDRESS {
                let whole = Some(FORMATTED).filter(|name| !text(of_address, name).is_empty());
                lines.extend(ADDRESS_PARTS.into_iter().chain(whole).map(|part| line(part, true, text(of_address, part))));
            } else {
                lines.push(line(name, false, text(Some(claims), name)));
            }
        }
        Self { lines }
    }

    /// Takes what was sent. What is as it was is not judged: the operator may have written it.
    fn take(&mut self, params: &Params, context: &Context) {
        let Civil { year, month, day, .. } = context.now().civil();
        for line in self.lines.iter_mut().filter(|line| params.has(line.name)) {
            let sent = tidy(params.find(line.name).unwrap_or_default());
            line.is_changed = sent != line.text;
            if line.is_changed && !sent.is_empty() {
                match check_value(line.name, &sent, (year, month, day)) {
                    Ok(kept) => line.text = kept,
                    Err(problem) => (line.text, line.problem) = (sent, Some(problem)),
                }
            } else {
                line.text = sent;
            }
        }
    }

    /// `claims` with what was sent; a field that was emptied is no claim any more.
    fn apply(&self, claims: &Claims) -> Claims {
        let mut claims = claims.clone();
        let set = |members: &mut Map<String, Value>, line: &Line| match line.text.as_str() {
            "" => drop(members.remove(line.name)),
            text => drop(members.insert(line.name.to_owned(), text.into())),
        };
        for line in self.lines.iter().filter(|line| line.is_changed && !line.is_of_address) {
            set(&mut claims, line);
        }
        let changed: Vec<&Line> = self.lines.iter().filter(|line| line.is_changed && line.is_of_address).collect();
        if !changed.is_empty() {
            let mut address = claims.get(ADDRESS).and_then(Value::as_object).cloned().unwrap_or_default();
            for line in &changed {
                set(&mut address, line);
            }
            // What says the whole would say something else than its parts now.
            if changed.iter().all(|line| line.name != FORMATTED) {
                address.remove(FORMATTED);
            }
            if address.is_empty() {
                claims.remove(ADDRESS);
            } else {
                claims.insert(ADDRESS.to_owned(), address.into());
            }
        }
        claims
    }
}
