//! `grant#ULID`: what a person allowed a client, and the state of its refresh tokens.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use ulid::Ulid;

use super::item::{EXPIRES_AT, Expression, Item, ItemBuilder, ItemReader, OWNER, PK, hash, number, text, time};
use super::outcome::unavailable;
use super::{Store, StoreError, UlidRange, owner_of};
use crate::context::Timestamp;
use crate::model::code::Presentation;
use crate::model::grant::{CodeBinding, Grant, GrantStatus, RefreshState, RevokedBy, Rotated, RotationRequest};
use crate::model::session::Authentication;
use crate::model::user::UserId;
use crate::protocol::claims_request::ClaimsRequest;
use crate::protocol::details::AuthorizationDetails;

const PREFIX: &str = "grant#";
const ACTIVE: &str = "active";
const REVOKED: &str = "revoked";
const REVOKE: &str = "SET #status = :revoked, revoked_by = :by";
const ROTATE: &str = "SET generation = :next, rotated_at3 = rotated_at2, rotated_at2 = rotated_at, rotated_at = :now, \
                      rotation_id = :rotation, idle_at = :idle, current_kid = :kid";
const EXTEND: &str = "SET idle_at = :idle";

impl Store {
    /// Writes a grant. Its ULID must be new.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn create_grant(&self, grant: &Grant) -> Result<(), StoreError> {
        self.create("create_grant", &self.tables.state, render(grant)).await
    }

    /// Reads a grant, consistently.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_grant(&self, id: Ulid) -> Result<Option<Grant>, StoreError> {
        self.find("find_grant", &self.tables.state, key(id)).await?.as_ref().map(read).transpose()
    }

    /// Rotates a grant's refresh token by one conditional update (or, without a successor, checks and extends it by one).
    ///
    /// The SDK's retries stay on: a retry after our own success meets its own `rotation_id`.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn rotate_grant(&self, request: &RotationRequest) -> Result<Rotated, StoreError> {
        let condition = rotation(request);
        let condition_text = condition.condition();
        let (update, values) = match &request.rotate {
            Some(successor) => {
                let values = condition
                    .with(":next", number(request.generation.saturating_add(1)))
                    .with(":rotation", text(&successor.rotation_id))
                    .with(":kid", text(&successor.kid));
                (ROTATE, values)
            }
            None => (EXTEND, condition),
        };
        let answer = self
            .dynamodb
            .update_item()
            .table_name(&self.tables.state)
            .key(PK, text(key(request.id)))
            .update_expression(update)
            .condition_expression(condition_text)
            .expression_attribute_names("#status", "status")
            .set_expression_attribute_values(Some(values.with(":idle", time(request.idle_at)).into_values()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer {
            Ok(updated) => {
                let item = updated.attributes.ok_or(StoreError::Corrupt { record: "grant", reason: "no item came back".to_owned() })?;
                Ok(Rotated::Done(Box::new(read(&item)?)))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => match &failed.item {
                    Some(item) => Ok(Rotated::Refused(Box::new(read(item)?))),
                    None => Ok(Rotated::Gone),
                },
                _ => Err(unavailable("rotate_grant")(error)),
            },
        }
    }

    /// Revokes an active grant. Answers whether this call did; a grant that is gone or revoked already stays as it is.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn revoke_grant(&self, id: Ulid, by: RevokedBy) -> Result<bool, StoreError> {
        self.revoke_if("revoke_grant", id, by, Expression::default()).await
    }

    /// Revokes the grant of a code that was redeemed before, if and only if everything presented matches what was bound to that code
    /// (OAuth 2.1 section 7.5.2). Answers whether this call revoked it.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn revoke_replayed_grant(&self, presentation: &Presentation) -> Result<bool, StoreError> {
        self.revoke_if("revoke_replayed_grant", presentation.id, RevokedBy::CodeReplay, replay(presentation)).await
    }

    async fn revoke_if(&self, operation: &'static str, id: Ulid, by: RevokedBy, condition: Expression) -> Result<bool, StoreError> {
        let condition =
            condition.and_with("#status = :active", ":active", text(ACTIVE)).with(":revoked", text(REVOKED)).with(":by", text(by.as_str()));
        self.update_if(operation, &self.tables.state, key(id), REVOKE, condition).await
    }

    /// Removes a grant, because its user goes. One that is gone stays gone.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn delete_grant(&self, id: Ulid) -> Result<(), StoreError> {
        self.remove("delete_grant", &self.tables.state, key(id)).await.map(drop)
    }

    /// The grants of a user, by the index. What the index says may be a moment old.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_grant_ids(&self, user: UserId) -> Result<Vec<Ulid>, StoreError> {
        self.list_owned("list_grant_ids", user, PREFIX).await
    }

    /// The grants of a user that lie in `range`, the newest first, at most `most`, by the index.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_grant_ids_in(&self, user: UserId, range: UlidRange, most: Option<u16>) -> Result<Vec<Ulid>, StoreError> {
        self.list_owned_in("list_grant_ids", user, PREFIX, range, most).await
    }
}

fn key(id: Ulid) -> String {
    format!("{PREFIX}{id}")
}

/// Everything that must be right about a refresh (OAuth 2.1 section 4.3). A grant that is not there fails each clause.
fn rotation(request: &RotationRequest) -> Expression {
    Expression::default()
        .and_with("generation = :generation", ":generation", number(request.generation))
        .and_with("#status = :active", ":active", text(ACTIVE))
        .and_with("client_id = :client", ":client", text(request.client_id.as_str()))
        .and_with("seed_hash = :seed", ":seed", hash(&request.seed_hash))
        .and_with("expires_at > :now AND idle_at > :now", ":now", time(request.now))
        .and_contains("scopes", ":scope", &request.scopes)
        .and_contains("resources", ":resource", &request.resources)
        .and_contains("authorization_details", ":detail", &request.details.texts())
}

/// The redemption's own predicate but for the time, on what the grant remembers of its code.
fn replay(presented: &Presentation) -> Expression {
    let condition = Expression::default()
        .and_with("code_secret_hash = :hash", ":hash", hash(&presented.secret_hash))
        .and_with("client_id = :client", ":client", text(presented.client_id.as_str()))
        .and_bound("code_challenge", ":challenge", presented.code_challenge.as_deref())
        .and_proven("dpop_jkt", ":jkt", presented.dpop_jkt.as_deref());
    let condition = match &presented.redirect_uri {
        Some(uri) => condition.and_with("redirect_uri = :redirect", ":redirect", text(uri)),
        None => condition,
    };
    condition.and_contains("resources", ":resource", &presented.resources)
}

/// The item of a grant.
pub(super) fn render(grant: &Grant) -> Item {
    let (status, by) = match grant.status {
        GrantStatus::Active => (ACTIVE, None),
        GrantStatus::Revoked(by) => (REVOKED, Some(by.as_str())),
    };
    let (refresh, login) = (&grant.refresh, &grant.authentication);
    let [first, second, third] = refresh.rotated_at;
    // Names and values that were JSON before always can be again.
    let claims = Some(&grant.claims).filter(|claims| !claims.is_empty()).and_then(|claims| serde_json::to_string(claims).ok());
    let item = ItemBuilder::new(key(grant.id))
        .text(OWNER, owner_of(grant.user_id))
        .text("status", status)
        .optional_text("revoked_by", by)
        .text("user_id", grant.user_id.to_string())
        .text("client_id", grant.client_id.as_str())
        .texts("scopes", &grant.scopes)
        .texts("resources", &grant.resources)
        .optional_texts("authorization_details", &grant.authorization_details.texts())
        .text("session_id", grant.session_id.to_string())
        .time("auth_time", login.auth_time)
        .optional_text("acr", login.acr.as_deref())
        .optional_text("claims", claims.as_deref())
        .texts("amr", &login.amr)
        .flag("offline", grant.offline)
        .number("generation", refresh.generation)
        .hash("seed_hash", &refresh.seed_hash)
        .optional_text("current_kid", refresh.current_kid.as_deref())
        .time("idle_at", refresh.idle_at)
        .time(EXPIRES_AT, refresh.absolute_at)
        .time("rotated_at", first)
        .time("rotated_at2", second)
        .time("rotated_at3", third)
        .optional_text("rotation_id", refresh.rotation_id.as_deref())
        .time("created_at", grant.created_at);
    match &grant.code {
        Some(code) => item
            .hash("code_secret_hash", &code.secret_hash)
            .optional_text("code_challenge", code.code_challenge.as_deref())
            .text("redirect_uri", &code.redirect_uri)
            .optional_text("dpop_jkt", code.dpop_jkt.as_deref()),
        None => item,
    }
    .build()
}

fn read(item: &Item) -> Result<Grant, StoreError> {
    let item = ItemReader::new("grant", item);
    let status = match (item.text("status")?, item.find_text("revoked_by")?) {
        (ACTIVE, None) => GrantStatus::Active,
        (REVOKED, Some(by)) => GrantStatus::Revoked(RevokedBy::parse(by).ok_or_else(|| item.corrupt("revoked_by"))?),
        _ => return Err(item.corrupt("status")),
    };
    let code = match item.find_hash("code_secret_hash")? {
        Some(secret_hash) => Some(CodeBinding {
            secret_hash,
            code_challenge: item.find_owned("code_challenge")?,
            redirect_uri: item.owned("redirect_uri")?,
            dpop_jkt: item.find_owned("dpop_jkt")?,
        }),
        None => None,
    };
    let times: [Timestamp; 3] = [item.time("rotated_at")?, item.time("rotated_at2")?, item.time("rotated_at3")?];
    Ok(Grant {
        id: item.key_ulid(PREFIX)?,
        status,
        user_id: item.user_id("user_id")?,
        client_id: item.client_id("client_id")?,
        scopes: item.texts("scopes")?,
        resources: item.texts("resources")?,
        claims: match item.find_text("claims")? {
            Some(json) => serde_json::from_str(json).map_err(|_| item.corrupt("claims"))?,
            None => ClaimsRequest::default(),
        },
        authorization_details: AuthorizationDetails::from_texts(&item.find_texts("authorization_details")?.unwrap_or_default())
            .ok_or_else(|| item.corrupt("authorization_details"))?,
        session_id: item.ulid("session_id")?,
        authentication: Authentication { auth_time: item.time("auth_time")?, acr: item.find_owned("acr")?, amr: item.texts("amr")? },
        offline: item.flag("offline")?,
        code,
        refresh: RefreshState {
            generation: item.number("generation")?,
            seed_hash: item.hash("seed_hash")?,
            current_kid: item.find_owned("current_kid")?,
            idle_at: item.time("idle_at")?,
            absolute_at: item.time(EXPIRES_AT)?,
            rotated_at: times,
            rotation_id: item.find_owned("rotation_id")?,
        },
        created_at: item.time("created_at")?,
    })
}
