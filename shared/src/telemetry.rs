//! Logging: JSON lines for functions. Nothing logs a code, a token, a secret, a query or a body.

use tracing_subscriber::EnvFilter;

/// Logs JSON lines to standard output from now on, at `level`, for instance `info` or `grantlet=debug,warn`. A filter that can't be read is `info`.
pub fn init(level: &str) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    // A second subscriber in one process is a test's; the first stays.
    let _ = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(false).with_env_filter(filter).try_init();
}
