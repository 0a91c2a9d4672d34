//! Items as DynamoDB has them: attributes by name, read strictly.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_types::Blob;
use ulid::Ulid;

use super::StoreError;
use crate::context::Timestamp;
use crate::model::client::ClientId;
use crate::model::code::parse_ulid;
use crate::model::secret::SecretHash;
use crate::model::user::UserId;

/// The attributes of an item.
pub(super) type Item = HashMap<String, AttributeValue>;

/// The partition key of both tables.
pub(super) const PK: &str = "pk";
/// When an item of `state` counts no more, and DynamoDB may delete it. Every read and condition looks at it, since TTL deletes late.
pub(super) const EXPIRES_AT: &str = "expires_at";
/// Whose the item is, by which the index `by_owner` lists a user's grants and sessions.
pub(super) const OWNER: &str = "owner";
/// The index on [`OWNER`].
pub(super) const BY_OWNER: &str = "by_owner";

/// Builds an item, attribute by attribute. Absent ones are left out.
#[derive(Debug, Default)]
pub(super) struct ItemBuilder(Item);

impl ItemBuilder {
    /// An item with the key `pk`.
    pub(super) fn new(pk: impl Into<String>) -> Self {
        Self::default().text(PK, pk)
    }

    pub(super) fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::S(value.into()));
        self
    }

    pub(super) fn optional_text(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    pub(super) fn texts(mut self, name: &str, values: &[String]) -> Self {
        self.0.insert(name.to_owned(), texts(values));
        self
    }

    /// Left out when there are none.
    pub(super) fn optional_texts(self, name: &str, values: &[String]) -> Self {
        if values.is_empty() { self } else { self.texts(name, values) }
    }

    pub(super) fn attribute(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    pub(super) fn number(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.0.insert(name.to_owned(), number(value));
        self
    }

    pub(super) fn time(self, name: &str, value: Timestamp) -> Self {
        self.number(name, value.0)
    }

    pub(super) fn hash(mut self, name: &str, value: &SecretHash) -> Self {
        self.0.insert(name.to_owned(), hash(value));
        self
    }

    pub(super) fn bytes(mut self, name: &str, value: &[u8]) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::B(value.to_vec().into()));
        self
    }

    pub(super) fn flag(mut self, name: &str, value: bool) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::Bool(value));
        self
    }

    pub(super) fn build(self) -> Item {
        self.0
    }
}

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn texts(values: &[String]) -> AttributeValue {
    AttributeValue::L(values.iter().map(text).collect())
}

/// A set, which must not be empty.
pub(super) fn text_set<'a>(values: impl IntoIterator<Item = &'a str>) -> AttributeValue {
    AttributeValue::Ss(values.into_iter().map(str::to_owned).collect())
}

pub(super) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn time(value: Timestamp) -> AttributeValue {
    number(value.0)
}

pub(super) fn hash(value: &SecretHash) -> AttributeValue {
    AttributeValue::B(Blob::new(value.as_bytes().as_slice()))
}

/// Reads an item of the type `record`, and says which attribute has an unexpected form.
#[derive(Clone, Copy, Debug)]
pub(super) struct ItemReader<'a> {
    record: &'static str,
    item: &'a Item,
}

impl<'a> ItemReader<'a> {
    pub(super) fn new(record: &'static str, item: &'a Item) -> Self {
        Self { record, item }
    }

    /// The item lacks `name`, or has it in another form.
    pub(super) fn corrupt(&self, name: &str) -> StoreError {
        StoreError::Corrupt { record: self.record, reason: format!("the attribute {name}") }
    }

    pub(super) fn find_text(&self, name: &str) -> Result<Option<&'a str>, StoreError> {
        match self.item.get(name) {
            None => Ok(None),
            Some(AttributeValue::S(value)) => Ok(Some(value)),
            Some(_) => Err(self.corrupt(name)),
        }
    }

    pub(super) fn find_owned(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(self.find_text(name)?.map(str::to_owned))
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, StoreError> {
        self.find_text(name)?.ok_or_else(|| self.corrupt(name))
    }

    pub(super) fn owned(&self, name: &str) -> Result<String, StoreError> {
        self.text(name).map(str::to_owned)
    }

    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, StoreError> {
        let Some(AttributeValue::L(values)) = self.item.get(name) else { return Err(self.corrupt(name)) };
        values.iter().map(|value| value.as_s().cloned().map_err(|_| self.corrupt(name))).collect()
    }

    pub(super) fn find_texts(&self, name: &str) -> Result<Option<Vec<String>>, StoreError> {
        if self.item.contains_key(name) { self.texts(name).map(Some) } else { Ok(None) }
    }

    /// The texts of a set, in order; none when it is absent, as empty sets are.
    pub(super) fn text_set(&self, name: &str) -> Result<Vec<String>, StoreError> {
        match self.item.get(name) {
            None => Ok(Vec::new()),
            Some(AttributeValue::Ss(values)) => {
                let mut values = values.clone();
                values.sort();
                Ok(values)
            }
            Some(_) => Err(self.corrupt(name)),
        }
    }

    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<T, StoreError> {
        match self.item.get(name) {
            Some(AttributeValue::N(value)) => value.parse().map_err(|_| self.corrupt(name)),
            _ => Err(self.corrupt(name)),
        }
    }

    pub(super) fn time(&self, name: &str) -> Result<Timestamp, StoreError> {
        self.number(name).map(Timestamp)
    }

    pub(super) fn find_time(&self, name: &str) -> Result<Option<Timestamp>, StoreError> {
        if self.item.contains_key(name) { self.time(name).map(Some) } else { Ok(None) }
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, StoreError> {
        match self.item.get(name) {
            Some(AttributeValue::Bool(value)) => Ok(*value),
            _ => Err(self.corrupt(name)),
        }
    }

    pub(super) fn find_bytes(&self, name: &str) -> Result<Option<&'a [u8]>, StoreError> {
        match self.item.get(name) {
            None => Ok(None),
            Some(AttributeValue::B(value)) => Ok(Some(value.as_ref())),
            Some(_) => Err(self.corrupt(name)),
        }
    }

    pub(super) fn find_hash(&self, name: &str) -> Result<Option<SecretHash>, StoreError> {
        let read = |bytes: &[u8]| bytes.try_into().map(SecretHash::from_bytes).map_err(|_| self.corrupt(name));
        self.find_bytes(name)?.map(read).transpose()
    }

    pub(super) fn hash(&self, name: &str) -> Result<SecretHash, StoreError> {
        self.find_hash(name)?.ok_or_else(|| self.corrupt(name))
    }

    pub(super) fn ulid(&self, name: &str) -> Result<Ulid, StoreError> {
        parse_ulid(self.text(name)?).ok_or_else(|| self.corrupt(name))
    }

    /// The ULID behind `prefix` in the key.
    pub(super) fn key_ulid(&self, prefix: &str) -> Result<Ulid, StoreError> {
        self.text(PK)?.strip_prefix(prefix).and_then(parse_ulid).ok_or_else(|| self.corrupt(PK))
    }

    pub(super) fn user_id(&self, name: &str) -> Result<UserId, StoreError> {
        self.ulid(name).map(UserId)
    }

    pub(super) fn client_id(&self, name: &str) -> Result<ClientId, StoreError> {
        ClientId::parse(self.text(name)?).map_err(|_| self.corrupt(name))
    }
}

/// A condition or update, put together from clauses, with the values that it names.
#[derive(Clone, Debug, Default)]
pub(super) struct Expression {
    clauses: Vec<String>,
    values: HashMap<String, AttributeValue>,
}

impl Expression {
    /// With `clause`, which names no value.
    pub(super) fn and(mut self, clause: &str) -> Self {
        self.clauses.push(clause.to_owned());
        self
    }

    /// With `clause`, which names the value `name`.
    pub(super) fn and_with(self, clause: &str, name: &str, value: AttributeValue) -> Self {
        self.and(clause).with(name, value)
    }

    /// With the value `name` for clauses that stand elsewhere.
    pub(super) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    /// Bound in both directions: what is presented must be bound, and what is bound must be presented.
    pub(super) fn and_bound(self, attribute: &str, name: &str, presented: Option<&str>) -> Self {
        match presented {
            Some(value) => self.and_with(&format!("{attribute} = {name}"), name, text(value)),
            None => self.and(&format!("attribute_not_exists({attribute})")),
        }
    }

    /// Bound if the record says so: what is bound must be proven, and what is proven must not be another than what is bound.
    pub(super) fn and_proven(self, attribute: &str, name: &str, proven: Option<&str>) -> Self {
        match proven {
            Some(value) => self.and_with(&format!("(attribute_not_exists({attribute}) OR {attribute} = {name})"), name, text(value)),
            None => self.and(&format!("attribute_not_exists({attribute})")),
        }
    }

    /// The list `attribute` has each of `wanted`.
    pub(super) fn and_contains(mut self, attribute: &str, name: &str, wanted: &[String]) -> Self {
        for (index, value) in wanted.iter().enumerate() {
            let name = format!("{name}{index}");
            self = self.and_with(&format!("contains({attribute}, {name})"), &name, text(value));
        }
        self
    }

    /// The names behind `#` in the clauses: `status`, the one attribute whose name is a reserved word. None where no clause has it.
    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        let has_status = self.clauses.iter().any(|clause| clause.contains("#status"));
        has_status.then(|| HashMap::from([("#status".to_owned(), "status".to_owned())]))
    }

    /// The clauses, joined by AND.
    pub(super) fn condition(&self) -> String {
        self.clauses.join(" AND ")
    }

    /// The values by name.
    pub(super) fn into_values(self) -> HashMap<String, AttributeValue> {
        self.values
    }
}
