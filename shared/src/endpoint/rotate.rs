//! The life cycle of keys.
