//! `/login/stronger`: the client can't do without a level of login that this one does not reach. Whoever has what it takes logs in once more; whoever lacks
//! it is led to where it can be set up, and from there back to the very same request (`onward`); and whoever wants neither goes back to the client, which is
//! told (OpenID Connect Core section 5.5.1.1).

use http::StatusCode;

use super::FrontChannel;
use super::account::{AccountErrand, Place};
use super::answered::{Answered, read_answer};
use super::check::CheckedRequest;
use super::demand::Verdict;
use super::error::{ClientReason, Refusal};
use super::form::{Purpose, make_token};
use super::leaving::hold_back;
use super::login::{self, Anew};
use super::reply::page;
use super::session::ActiveSession;
use crate::endpoint::login_ways::LoginWays;
use crate::endpoint::{Request, Response};
use crate::model::level::{Level, answers};
use crate::model::user::User;
use crate::pages::{StrongerPage, StrongerWish};
use crate::store::StoreError;

/// The path.
pub(super) const PATH: &str = "/login/stronger";

/// How a person could reach a level of our own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum WaysUp {
    /// Not at all.
    #[default]
    None,
    /// By logging in with what they have.
    SignIn,
    /// By setting up one of these first.
    SetUp {
        /// A passkey.
        passkey: bool,
        /// A second factor beside the password.
        factor: bool,
    },
}

impl WaysUp {
    /// How `user` could reach one of the `wanted` levels.
    ///
    /// # Errors
    /// When the store failed.
    pub(super) async fn find(front: &FrontChannel, asked: &CheckedRequest, user: &User, wanted: &[&str]) -> Result<Self, StoreError> {
        let ways = LoginWays::of(&front.context.config, &asked.settings);
        let would_do = |level: Level| wanted.iter().any(|wanted| answers(level.acr(), wanted));
        let has_password = ways.passwords && user.username.is_some() && user.password_hash.is_some();
        let (by_passkey, by_code) = (ways.passkeys && would_do(Level::PhishingResistant), has_password && would_do(Level::MultiFactor));
        if has_password && would_do(Level::SingleFactor) {
            return Ok(Self::SignIn);
        }
        if !by_passkey && !by_code {
            return Ok(Self::None);
        }
        let store = &front.context.store;
        let (has_passkey, factors) = tokio::join!(store.has_passkey(user.id), store.find_factors(user.id));
        let (has_passkey, has_factor) = (has_passkey?, factors?.is_some());
        if (by_passkey && has_passkey) || (by_code && has_factor) {
            return Ok(Self::SignIn);
        }
        Ok(Self::SetUp { passkey: by_passkey, factor: by_code })
    }

    /// Whether logging in would do.
    pub(super) fn can_sign_in(self) -> bool {
        self == Self::SignIn
    }

    /// Whether there is any.
    pub(super) fn is_any(self) -> bool {
        self != Self::None
    }
}

/// What the client would like that a password alone does not reach, as far as accounts kept here have it: the least of it.
pub(super) fn find_wish(ways: &LoginWays<'_>, asked: &CheckedRequest) -> Option<StrongerWish> {
    let offered: Vec<Level> = Level::offered(ways.passkeys).filter(|_| ways.passwords).collect();
    let wanted = asked.parameters.wanted_levels();
    let least = wanted.iter().filter_map(|wanted| Level::parse(wanted)).filter(|level| offered.contains(level)).min()?;
    match (least, ways.passkeys) {
        (Level::SingleFactor, _) => None,
        (Level::MultiFactor, true) => Some(StrongerWish::Factor),
        (Level::MultiFactor, false) => Some(StrongerWish::Code),
        (Level::PhishingResistant, _) => Some(StrongerWish::Passkey),
    }
}

/// The page that says what is missing, and offers the ways.
pub(super) fn show(front: &FrontChannel, request: &Request, asked: &CheckedRequest, active: &ActiveSession, ways_up: WaysUp) -> Response {
    let form = make_token(front, request, Purpose::Stronger, &active.about(asked));
    let link_to = |place| AccountErrand::to(place).going_on(Some(asked.query.clone())).path();
    let (passkey, factor) = match ways_up {
        WaysUp::None | WaysUp::SignIn => (false, false),
        WaysUp::SetUp { passkey, factor } => (passkey, factor),
    };
    let rendered = StrongerPage {
        view: asked.view(),
        client_name: asked.client().display_name(),
        sign_in: ways_up.can_sign_in(),
        passkey_url: passkey.then(|| link_to(Place::Passkeys)),
        factor_url: factor.then(|| link_to(Place::Factors)),
        request: &asked.query,
        form_token: &form.token,
    };
    let response = page(StatusCode::OK, rendered.render());
    form.bind(response)
}

/// `POST /login/stronger`: to log in once more, or to go back to the client without it.
pub(super) async fn handle(front: &FrontChannel, request: &Request) -> Result<Response, Refusal> {
    let Answered { params, asked, .. } = match read_answer(front, request, Purpose::Stronger, Verdict::stronger).await? {
        Ok(answered) => answered,
        Err(response) => return Ok(*response),
    };
    match params.find("decision") {
        Some("sign-in") => login::begin(front, request, &asked.into(), Anew::Yes).await,
        _ => Err(hold_back(front, request, asked.refuse(ClientReason::AcrUnmet)).await),
    }
}
