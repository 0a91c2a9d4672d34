//! The grant: one person's permission to one client, and the life of its refresh tokens.

use ulid::Ulid;

use super::client::ClientId;
use super::secret::SecretHash;
use super::session::Authentication;
use super::user::UserId;
use crate::context::Timestamp;
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::details::AuthorizationDetails;

/// A grant, as it is stored. It has the ULID of the authorization code or device code that began it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The key.
    pub id: Ulid,
    /// Whether it still holds.
    pub status: GrantStatus,
    /// Whose permission.
    pub user_id: UserId,
    /// To whom.
    pub client_id: ClientId,
    /// The scopes granted, in the order asked.
    pub scopes: Vec<String>,
    /// The resources that tokens may be for; never empty.
    pub resources: Vec<String>,
    /// The claims granted one by one, beside those of the scopes (OpenID Connect Core section 5.5).
    pub claims: ClaimsRequest,
    /// What else was granted, in a structured form (RFC 9396).
    pub authorization_details: AuthorizationDetails,
    /// The session in which it was given; the ID token's `sid`.
    pub session_id: Ulid,
    /// The login behind it.
    pub authentication: Authentication,
    /// Whether refresh tokens are issued.
    pub offline: bool,
    /// What a full replay of the authorization code must match, kept after the code is gone; none for a grant that no such code began, which
    /// therefore no code can end.
    pub code: Option<CodeBinding>,
    /// The refresh tokens' state.
    pub refresh: RefreshState,
    /// When the permission was given.
    pub created_at: Timestamp,
}

/// Whether a grant holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantStatus {
    /// It holds until `absolute_at`.
    Active,
    /// It was ended.
    Revoked(RevokedBy),
}

/// What ended a grant. Stored by these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokedBy {
    /// A fully valid replay of the code (OAuth 2.1 section 7.5.2).
    CodeReplay,
    /// A refresh token that had been replaced was used again (OAuth 2.1 section 4.3.1).
    RefreshReuse,
    /// The client asked for it (RFC 7009).
    Client,
    /// The operator, by locking or removing the user, or by revoking it.
    Operator,
    /// The person, on the account pages.
    Person,
}

impl Grant {
    /// When the client last got a token by it: at its beginning or by a refresh, which put off the end of an unused one by `idle` seconds. That its
    /// access tokens are used is seen by nobody here.
    #[must_use]
    pub fn last_used_at(&self, idle: i64) -> Timestamp {
        let refreshed = (self.refresh.idle_at < self.refresh.absolute_at).then(|| self.refresh.idle_at.plus(-idle));
        let [rotated, ..] = self.refresh.rotated_at;
        refreshed.into_iter().chain([rotated, self.created_at]).max().unwrap_or_default()
    }
}

impl RefreshState {
    /// Whether a refresh with a token of `generation` would be answered: it is the current one, or was replaced within the grace window.
    #[must_use]
    pub fn takes(&self, generation: u64, now: Timestamp, grace: i64) -> bool {
        self.generation == generation || judge_generation(self, generation, now, grace) == RefusedRotation::Successor
    }
}

impl RevokedBy {
    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CodeReplay => "code_replay",
            Self::RefreshReuse => "refresh_reuse",
            Self::Client => "client",
            Self::Operator => "operator",
            Self::Person => "person",
        }
    }

    /// The reason stored as `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::CodeReplay, Self::RefreshReuse, Self::Client, Self::Operator, Self::Person].into_iter().find(|r| r.as_str() == name)
    }
}

/// What was bound to the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeBinding {
    /// The hash of the code's secret.
    pub secret_hash: SecretHash,
    /// The S256 challenge.
    pub code_challenge: Option<String>,
    /// Where the code was sent.
    pub redirect_uri: String,
    /// The DPoP key named at authorization.
    pub dpop_jkt: Option<String>,
}

/// The state of a grant's refresh tokens. Generation 0 is issued with the code's exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshState {
    /// The generation of the current token.
    pub generation: u64,
    /// The hash of the seed.
    pub seed_hash: SecretHash,
    /// The refresh key of the current token; none until the first rotation.
    pub current_kid: Option<String>,
    /// The end, if it is not used before.
    pub idle_at: Timestamp,
    /// The end in any case.
    pub absolute_at: Timestamp,
    /// The last three rotations, newest first; 0 for one that has not been.
    pub rotated_at: [Timestamp; 3],
    /// The random id of the request that rotated last, by which it knows its own success.
    pub rotation_id: Option<String>,
}

impl RefreshState {
    /// That of a new grant, which has issued no token yet.
    #[must_use]
    pub fn begin(seed_hash: SecretHash, idle_at: Timestamp, absolute_at: Timestamp) -> Self {
        Self {
            generation: 0,
            seed_hash,
            current_kid: None,
            idle_at: idle_at.min(absolute_at),
            absolute_at,
            rotated_at: [Timestamp::default(); 3],
            rotation_id: None,
        }
    }
}

/// A refresh, as the store is asked to carry it out.
#[derive(Clone, Debug)]
pub struct RotationRequest {
    /// The grant.
    pub id: Ulid,
    /// The generation of the presented token.
    pub generation: u64,
    /// The hash of its seed.
    pub seed_hash: SecretHash,
    /// The authenticated client.
    pub client_id: ClientId,
    /// The scopes asked for; empty for all.
    pub scopes: Vec<String>,
    /// The resources asked for; empty for the default.
    pub resources: Vec<String>,
    /// The authorization details asked for; empty for all.
    pub details: AuthorizationDetails,
    /// The time of the request.
    pub now: Timestamp,
    /// The new idle end.
    pub idle_at: Timestamp,
    /// The change of the token, or none for clients whose tokens do not rotate.
    pub rotate: Option<Successor>,
}

/// The next token of a grant.
#[derive(Clone, Debug)]
pub struct Successor {
    /// A random id of this request.
    pub rotation_id: String,
    /// The refresh key that signs the next token.
    pub kid: String,
}

/// How the store's conditional update ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// This call rotated (or, without rotation, checked and extended) the grant; here it is after the change.
    Done(Box<Grant>),
    /// The condition failed; here is the grant as it stands, to be judged by [`super::grant`]'s rules.
    Refused(Box<Grant>),
    /// There is no such grant.
    Gone,
}

/// Why a rotation was refused, and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedRotation {
    /// The grant is another client's.
    OtherClient,
    /// The token's seed is not the grant's.
    WrongSeed,
    /// The grant was revoked before.
    Revoked,
    /// The grant ended, or was not used for too long.
    Expired,
    /// A scope was asked for that was not granted.
    InvalidScope,
    /// A resource was asked for that was not granted.
    InvalidTarget,
    /// Authorization details were asked for that were not granted.
    InvalidDetails,
    /// The grant carries this request's own rotation: it succeeded, and only the answer was lost.
    OwnSuccess,
    /// The token was replaced within the grace window: the grant's current token is the answer.
    Successor,
    /// The token was replaced several times within the window. Nothing follows from it.
    TooFarBack,
    /// The token was replaced before the window: somebody else has it. The grant must be revoked (OAuth 2.1 section 4.3.1).
    Reuse,
    /// The token's generation is one that the grant has not reached. Nothing follows from it.
    Future,
}

/// Judges the rotation `request` that the store's condition refused, on the grant as it stands. `grace` is the window in seconds.
///
/// What is wrong with the request itself comes first, since none of it says that a token was stolen. Only then does the generation count.
#[must_use]
pub fn judge_refused(grant: &Grant, request: &RotationRequest, grace: i64) -> RefusedRotation {
    let lacks = |held: &[String], asked: &[String]| asked.iter().any(|one| !held.contains(one));
    let refresh = &grant.refresh;
    if grant.client_id != request.client_id {
        return RefusedRotation::OtherClient;
    }
    if refresh.seed_hash != request.seed_hash {
        return RefusedRotation::WrongSeed;
    }
    if grant.status != GrantStatus::Active {
        return RefusedRotation::Revoked;
    }
    if refresh.absolute_at <= request.now || refresh.idle_at <= request.now {
        return RefusedRotation::Expired;
    }
    if lacks(&grant.scopes, &request.scopes) {
        return RefusedRotation::InvalidScope;
    }
    if lacks(&grant.resources, &request.resources) {
        return RefusedRotation::InvalidTarget;
    }
    if !grant.authorization_details.has_all(&request.details) {
        return RefusedRotation::InvalidDetails;
    }
    if request.rotate.as_ref().is_some_and(|successor| refresh.rotation_id.as_deref() == Some(successor.rotation_id.as_str())) {
        return RefusedRotation::OwnSuccess;
    }
    judge_generation(refresh, request.generation, request.now, grace)
}

/// The token's generation against the grant's: how many rotations lie between, and when the first of them was.
fn judge_generation(refresh: &RefreshState, presented: u64, now: Timestamp, grace: i64) -> RefusedRotation {
    let within = |at: Timestamp| at != Timestamp::default() && now.since(at) < grace;
    let Some(behind) = refresh.generation.checked_sub(presented) else { return RefusedRotation::Future };
    let [last, second, third] = refresh.rotated_at;
    match behind {
        // Every clause holds now, so it can only have been a rotation back and forth in between; there is none.
        0 => RefusedRotation::Future,
        1 if within(last) => RefusedRotation::Successor,
        2 if within(second) => RefusedRotation::Successor,
        3 if within(third) => RefusedRotation::Successor,
        1..=3 => RefusedRotation::Reuse,
        _ if within(third) => RefusedRotation::TooFarBack,
        _ => RefusedRotation::Reuse,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn owned(list: &[&str]) -> Vec<String> {
        list.iter().map(|&text| text.to_owned()).collect()
    }

    fn grant(generation: u64, rotated_at: [i64; 3]) -> Grant {
        Grant {
            id: Ulid::from_parts(1, 1),
            status: GrantStatus::Active,
            user_id: UserId(Ulid::from_parts(2, 2)),
            client_id: ClientId::parse("app").unwrap(),
            scopes: owned(&["openid", "email"]),
            resources: owned(&["https://api.example"]),
            claims: ClaimsRequest::default(),
            authorization_details: AuthorizationDetails::default(),
            session_id: Ulid::from_parts(3, 3),
            authentication: Authentication { auth_time: NOW, acr: None, amr: Vec::new() },
            offline: true,
            code: Some(CodeBinding {
                secret_hash: SecretHash::of(b"code"),
                code_challenge: None,
                redirect_uri: "https://app.example/cb".to_owned(),
                dpop_jkt: None,
            }),
            refresh: RefreshState {
                generation,
                seed_hash: SecretHash::of(b"seed"),
                current_kid: Some("k1".to_owned()),
                idle_at: NOW.plus(100),
                absolute_at: NOW.plus(1_000),
                rotated_at: rotated_at.map(Timestamp),
                rotation_id: Some("the last".to_owned()),
            },
            created_at: NOW.plus(-5_000),
        }
    }

    fn request(generation: u64) -> RotationRequest {
        RotationRequest {
            id: Ulid::from_parts(1, 1),
            generation,
            seed_hash: SecretHash::of(b"seed"),
            client_id: ClientId::parse("app").unwrap(),
            scopes: Vec::new(),
            resources: Vec::new(),
            details: AuthorizationDetails::default(),
            now: NOW,
            idle_at: NOW.plus(100),
            rotate: Some(Successor { rotation_id: "this one".to_owned(), kid: "k1".to_owned() }),
        }
    }

    /// OAuth 2.1 section 4.3.1
    #[test]
    fn a_replaced_token_is_answered_within_the_window_and_means_theft_after_it() {
        use RefusedRotation as R;
        let ago = |seconds: i64| NOW.0 - seconds;
        for (generation, presented, rotated_at, expected) in [
            (1, 0, [ago(0), 0, 0], R::Successor),
            (1, 0, [ago(59), 0, 0], R::Successor),
            (1, 0, [ago(60), 0, 0], R::Reuse),
            (2, 0, [ago(1), ago(59), 0], R::Successor),
            (2, 0, [ago(1), ago(60), 0], R::Reuse),
            (2, 1, [ago(60), ago(61), 0], R::Reuse),
            (3, 0, [ago(1), ago(2), ago(59)], R::Successor),
            (3, 0, [ago(1), ago(2), ago(60)], R::Reuse),
            (4, 0, [ago(1), ago(2), ago(59)], R::TooFarBack),
            (4, 0, [ago(1), ago(2), ago(60)], R::Reuse),
            (400, 0, [ago(1), ago(2), ago(3)], R::TooFarBack),
            (1, 2, [ago(1), 0, 0], R::Future),
            (1, u64::MAX, [ago(1), 0, 0], R::Future),
        ] {
            let judged = judge_refused(&grant(generation, rotated_at), &request(presented), 60);
            assert_eq!(judged, expected, "{presented} against {generation} {rotated_at:?}");
        }
        assert_eq!(judge_refused(&grant(1, [NOW.0, 0, 0]), &request(0), 0), R::Reuse, "no window");
    }

    /// Refresh g, a lost answer, g again, then g + 1, then g once more, all inside the window
    #[test]
    fn an_honest_client_that_loses_answers_is_never_taken_for_a_thief() {
        let first = grant(1, [NOW.0 - 20, 0, 0]);
        assert_eq!(judge_refused(&first, &request(0), 60), RefusedRotation::Successor);
        let second = grant(2, [NOW.0 - 5, NOW.0 - 20, 0]);
        assert_eq!(judge_refused(&second, &request(0), 60), RefusedRotation::Successor);
        assert_eq!(judge_refused(&second, &request(1), 60), RefusedRotation::Successor);
    }

    #[test]
    fn a_request_knows_its_own_success() {
        let mut stored = grant(1, [NOW.0 - 10_000, 0, 0]);
        stored.refresh.rotation_id = Some("this one".to_owned());
        assert_eq!(judge_refused(&stored, &request(0), 60), RefusedRotation::OwnSuccess);
    }

    type Change = fn(&mut Grant, &mut RotationRequest);

    /// None of it says that a token was stolen, whatever its generation
    #[test]
    fn a_wrong_request_is_judged_before_the_generation() {
        use RefusedRotation as R;
        let stolen = || grant(9, [NOW.0 - 900, NOW.0 - 901, NOW.0 - 902]);
        let cases: [(R, Change); 8] = [
            (R::OtherClient, |_, request| request.client_id = ClientId::parse("other").unwrap()),
            (R::WrongSeed, |_, request| request.seed_hash = SecretHash::of(b"another")),
            (R::Revoked, |grant, _| grant.status = GrantStatus::Revoked(RevokedBy::Client)),
            (R::Expired, |grant, _| grant.refresh.idle_at = NOW),
            (R::Expired, |grant, _| grant.refresh.absolute_at = NOW),
            (R::InvalidScope, |_, request| request.scopes = owned(&["openid", "phone"])),
            (R::InvalidTarget, |_, request| request.resources = owned(&["https://foreign.example"])),
            (R::InvalidDetails, |_, request| request.details = AuthorizationDetails::read_untyped(r#"[{"type":"a"}]"#).unwrap()),
        ];
        for (expected, change) in cases {
            let (mut stored, mut asked) = (stolen(), request(0));
            change(&mut stored, &mut asked);
            assert_eq!(judge_refused(&stored, &asked, 60), expected);
        }
        assert_eq!(judge_refused(&stolen(), &request(0), 60), R::Reuse);
    }
}
