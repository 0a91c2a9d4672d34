//! What the tests share.
//!
//! [`lambda`] runs the functions' real binaries, which [`functions`] builds, on [`event`]s of API Gateway. Between them and the engine stands
//! [`proxy`], which notes [`calls`], counts their cost by [`meter`], and fails on demand; [`ssm`] answers for the parameter store. [`policy`] holds the calls against
//! `template.yaml`. [`program`] runs `grantlet` itself.
//!
//! [`server`] is either of the two, a [`stack`] of functions or `grantlet dev`, or the zones in the test's own process ([`local`]), where others reach them over HTTP as [`served`]; a [`person`] uses it through [`forms`], a client through [`oauth`], one with keys of its own as a [`signer`], and one that proves a key by [`dpop`]. [`web`] is a server of somebody else's, [`idp`] a provider, whose keys come as [`pem`], and [`site`] the site whose logins count. Passkeys come from an
//! [`authenticator`], and pages use them by [`passkeys`].

pub(crate) mod authenticator;
pub(crate) mod calls;
pub(crate) mod clock;
pub(crate) mod dpop;
pub(crate) mod engines;
pub(crate) mod event;
pub(crate) mod forms;
pub(crate) mod functions;
pub(crate) mod idp;
pub(crate) mod lambda;
pub(crate) mod local;
pub(crate) mod meter;
pub(crate) mod oauth;
pub(crate) mod passkeys;
pub(crate) mod pem;
pub(crate) mod person;
pub(crate) mod policy;
pub(crate) mod program;
pub(crate) mod proxy;
pub(crate) mod served;
pub(crate) mod server;
pub(crate) mod signer;
pub(crate) mod site;
pub(crate) mod ssm;
pub(crate) mod stack;
pub(crate) mod template;
pub(crate) mod totp;
pub(crate) mod web;
