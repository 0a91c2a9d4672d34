//! The embedded DynamoDB engine, served in-process on a loopback port.
