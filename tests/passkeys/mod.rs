//! Passkeys (W3C Web Authentication Level 3): made, used, and everything that an authenticator, a browser or a thief may say instead.

mod ceremonies;
