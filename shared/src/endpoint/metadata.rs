//! Public metadata: `/jwks.json` and the two discovery documents.
