//! The two tables, as `template.yaml` describes them, made on a local engine.

use std::time::Duration;

use aws_sdk_dynamodb::Client as DynamoDb;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType, ScalarAttributeType,
    StreamSpecification, StreamViewType, TableStatus, TimeToLiveSpecification, TimeToLiveStatus,
};
use grantlet::config::Tables;

/// How often a table that is being made is looked at again, and the pause between.
const LOOKS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(50);

/// The tables can't be made.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TablesError(String);

impl TablesError {
    fn new(error: impl std::error::Error) -> Self {
        Self(DisplayErrorContext(error).to_string())
    }
}

/// Makes the tables that are not there yet, and waits until both can be used. Calling it again changes nothing.
///
/// # Errors
/// When the engine refuses or does not answer.
pub async fn create_tables(dynamodb: &DynamoDb, tables: &Tables) -> Result<(), TablesError> {
    let by_owner = GlobalSecondaryIndex::builder()
        .index_name("by_owner")
        .key_schema(key("owner", KeyType::Hash)?)
        .key_schema(key("pk", KeyType::Range)?)
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
        .build()
        .map_err(TablesError::new)?;
    let state = table(dynamodb, &tables.state)?.attribute_definitions(attribute("owner")?).global_secondary_indexes(by_owner);
    create(dynamodb, &tables.state, state.stream_specification(stream()?)).await?;
    enable_stream(dynamodb, &tables.state).await?;
    create(dynamodb, &tables.registry, table(dynamodb, &tables.registry)?).await?;
    enable_ttl(dynamodb, &tables.state).await
}

fn table(dynamodb: &DynamoDb, name: &str) -> Result<CreateTableFluentBuilder, TablesError> {
    let create = dynamodb.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    Ok(create.attribute_definitions(attribute("pk")?).key_schema(key("pk", KeyType::Hash)?))
}

fn key(name: &str, kind: KeyType) -> Result<KeySchemaElement, TablesError> {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(TablesError::new)
}

fn attribute(name: &str) -> Result<AttributeDefinition, TablesError> {
    let definition = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
    definition.build().map_err(TablesError::new)
}

async fn create(dynamodb: &DynamoDb, name: &str, table: CreateTableFluentBuilder) -> Result<(), TablesError> {
    // What is there is not asked for: the engine logs each refusal, and a second start would look like a failure.
    let known = dynamodb.list_tables().into_paginator().items().send().try_collect().await.map_err(TablesError::new)?;
    if !known.iter().any(|known| known == name)
        && let Err(error) = table.send().await
        && !error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception)
    {
        return Err(TablesError::new(error));
    }
    for _ in 0..LOOKS {
        let described = dynamodb.describe_table().table_name(name).send().await.map_err(TablesError::new)?;
        if described.table().and_then(|table| table.table_status()) == Some(&TableStatus::Active) {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(TablesError(format!("the table {name} is not ready in time")))
}

/// Old images: a session's record says who has to be told of its end.
fn stream() -> Result<StreamSpecification, TablesError> {
    StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::OldImage).build().map_err(TablesError::new)
}

/// For a table that an earlier version made.
async fn enable_stream(dynamodb: &DynamoDb, name: &str) -> Result<(), TablesError> {
    let described = dynamodb.describe_table().table_name(name).send().await.map_err(TablesError::new)?;
    let is_on = |specification: &StreamSpecification| specification.stream_enabled();
    if described.table().and_then(|table| table.stream_specification()).is_some_and(is_on) {
        return Ok(());
    }
    let update = dynamodb.update_table().table_name(name).stream_specification(stream()?);
    update.send().await.map(drop).map_err(TablesError::new)
}

/// A second request to turn it on is an error on some engines, so it is looked at first.
async fn enable_ttl(dynamodb: &DynamoDb, name: &str) -> Result<(), TablesError> {
    let described = dynamodb.describe_time_to_live().table_name(name).send().await.map_err(TablesError::new)?;
    let status = described.time_to_live_description().and_then(|ttl| ttl.time_to_live_status());
    if matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)) {
        return Ok(());
    }
    let ttl = TimeToLiveSpecification::builder().attribute_name("expires_at").enabled(true).build().map_err(TablesError::new)?;
    let update = dynamodb.update_time_to_live().table_name(name).time_to_live_specification(ttl);
    update.send().await.map(drop).map_err(TablesError::new)
}
