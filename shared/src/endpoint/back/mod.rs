//! The back channel: `/token`, `/userinfo`, `/revoke`.
