//! What can be typed after `grantlet`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// An OAuth 2.1 authorization server and `OpenID` Connect provider: the local server, and the operator's commands.
///
/// Without a command it is `grantlet dev`.
#[derive(Debug, Parser)]
#[command(name = "grantlet", version, args_conflicts_with_subcommands = true, max_term_width = 100)]
pub struct Cli {
    /// The settings of `dev`, when no command is named.
    #[command(flatten)]
    pub dev: DevArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve every endpoint on this machine, on an embedded engine
    Dev(DevArgs),
    /// Register clients and change their secrets
    Client(Group<ClientCommand>),
    /// Add people, lock them out, change their passwords
    User(Group<UserCommand>),
    /// See and revoke what people allowed clients
    Grant(Group<GrantCommand>),
    /// See and rotate keys
    Key(Group<KeyCommand>),
    /// Connect the site's own login
    Site(Group<SiteCommand>),
    /// See the providers at which people may log in, and keep their secrets
    Connection(Group<ConnectionCommand>),
    /// Let clients register themselves
    Registration(Group<RegistrationCommand>),
    /// Check, apply and show the settings file
    Settings(Group<SettingsCommand>),
    /// Print the metadata document that a resource has to serve (RFC 9728)
    Resource(ResourceArgs),
}

/// The settings of `grantlet dev`.
#[derive(Clone, Debug, Args)]
pub struct DevArgs {
    /// The port to serve on; with --engine-only, the port in the default issuer
    #[arg(long, default_value_t = 9000)]
    pub port: u16,
    /// The issuer: the origin under which browsers and clients reach this server, when it is not `http://localhost:PORT`
    #[arg(long, value_name = "URL")]
    pub issuer: Option<String>,
    /// The directory that data and keys are kept in
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATA, conflicts_with = "in_memory")]
    pub data: PathBuf,
    /// Keep nothing: data and keys end with the program
    #[arg(long)]
    pub in_memory: bool,
    /// A JSON file of clients and users to add or bring up to date
    #[arg(long, value_name = "FILE")]
    pub seed: Option<PathBuf>,
    /// The settings to apply; by default `grantlet.toml`, if it is there
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Run the engine alone and print the variables that `cargo lambda watch` needs
    #[arg(long)]
    pub engine_only: bool,
    /// The port of the engine; by default any free one, and 8000 with --engine-only
    #[arg(long, value_name = "PORT")]
    pub engine_port: Option<u16>,
}

/// Where local data are kept when nobody says otherwise.
pub const DEFAULT_DATA: &str = ".grantlet";

/// A group of commands, with what all of them take.
#[derive(Debug, Args)]
pub struct Group<C: Subcommand> {
    /// What to work on.
    #[command(flatten)]
    pub target: TargetArgs,
    /// Print JSON instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: C,
}

/// What a command works on: the local data, or a stack in AWS.
#[derive(Clone, Debug, Args)]
pub struct TargetArgs {
    /// The data directory of `grantlet dev`
    #[arg(long, value_name = "DIR", global = true, default_value = DEFAULT_DATA, conflicts_with = "stack")]
    pub data: PathBuf,
    /// A deployed stack, by its name; uses your AWS credentials
    #[arg(long, value_name = "NAME", global = true)]
    pub stack: Option<String>,
    /// The stack's region, when it is not your default
    #[arg(long, value_name = "REGION", global = true, requires = "stack")]
    pub region: Option<String>,
}

/// What can be done with the settings file.
#[derive(Debug, Subcommand)]
pub enum SettingsCommand {
    /// Say whether a file can be used, and change nothing
    Check {
        /// The file
        #[arg(default_value = DEFAULT_SETTINGS)]
        file: PathBuf,
    },
    /// Put a file into force, whole; functions know it within a minute
    Apply {
        /// The file
        #[arg(default_value = DEFAULT_SETTINGS)]
        file: PathBuf,
    },
    /// Show the settings in force
    Show,
}

/// What `grantlet resource` prints the document of.
#[derive(Debug, Args)]
pub struct ResourceArgs {
    /// What to work on.
    #[command(flatten)]
    pub target: TargetArgs,
    /// The resource, as it stands in the settings
    pub uri: String,
    /// The issuer of local data; a stack knows its own
    #[arg(long, value_name = "URL", default_value = "http://localhost:9000", conflicts_with = "stack")]
    pub issuer: String,
}

/// What can be done for clients that register themselves.
#[derive(Debug, Subcommand)]
pub enum RegistrationCommand {
    /// Make an initial access token (RFC 7591), which is shown once, and the line for the settings file that lets its bearer register clients
    Token,
    /// List the clients that registered themselves
    List,
    /// Show one client that registered itself
    Show {
        /// Its `client_id`
        client_id: String,
    },
    /// Remove a client that registered itself; its refresh tokens work no more
    Remove {
        /// Its `client_id`
        client_id: String,
    },
}

/// Where settings are when nobody says otherwise.
pub const DEFAULT_SETTINGS: &str = "grantlet.toml";

/// What can be done with clients.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Register a client; its secret is shown once
    Add(ClientAdd),
    /// List the registered clients
    List,
    /// Show one client as it is registered
    Show {
        /// Its `client_id`
        client_id: String,
    },
    /// Remove a client; its refresh tokens work no more
    Remove {
        /// Its `client_id`
        client_id: String,
    },
    /// Replace a client's secret, which is shown once
    RotateSecret {
        /// Its `client_id`
        client_id: String,
        /// For how many hours the old secret works beside the new one; 0: it stops within a minute
        #[arg(long, value_name = "HOURS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=720))]
        keep_old: u32,
    },
}

/// A client to register.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that is typed or not")]
pub struct ClientAdd {
    /// Its `client_id`; made up when absent
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// What people read when they are asked for consent
    #[arg(long)]
    pub name: Option<String>,
    /// Where codes may be sent; may be repeated
    #[arg(long = "redirect-uri", value_name = "URI", required_unless_present = "metadata")]
    pub redirect_uris: Vec<String>,
    /// A JSON file of its metadata (RFC 7591), instead of the other flags; `--id` may stand beside it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "redirect_uris", "public", "scope", "refresh", "first_party", "no_pkce", "no_rotation"])]
    pub metadata: Option<std::path::PathBuf>,
    /// It can't keep a secret: an app on a device, a tool, a page
    #[arg(long, conflicts_with = "auth_method")]
    pub public: bool,
    /// How it sends its secret
    #[arg(long, value_name = "METHOD", default_value = "basic")]
    pub auth_method: SecretMethod,
    /// The scopes that it may ask for, separated by spaces; every standard scope when absent
    #[arg(long)]
    pub scope: Option<String>,
    /// It gets refresh tokens without asking for `offline_access`
    #[arg(long)]
    pub refresh: bool,
    /// It is your own: people are not asked for consent
    #[arg(long)]
    pub first_party: bool,
    /// It is an old client that knows no PKCE; not with --public
    #[arg(long, conflicts_with = "public")]
    pub no_pkce: bool,
    /// Its refresh tokens stay the same; not with --public
    #[arg(long, conflicts_with = "public")]
    pub no_rotation: bool,
    /// What its ID tokens are signed with
    #[arg(long, value_name = "ALG", default_value = "rs256")]
    pub id_token_alg: Alg,
    /// What access tokens for it are signed with
    #[arg(long, value_name = "ALG", default_value = "rs256")]
    pub access_token_alg: Alg,
}

/// How a confidential client sends its secret.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SecretMethod {
    /// `client_secret_basic`: in the header `Authorization`
    Basic,
    /// `client_secret_post`: in the body
    Post,
}

/// A signature algorithm.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Alg {
    /// RSASSA-PKCS1-v1_5 with SHA-256
    Rs256,
    /// RSASSA-PSS with SHA-256
    Ps256,
    /// ECDSA with P-256
    Es256,
    /// Ed25519
    Eddsa,
}

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a person who logs in by user name and password
    Add {
        /// The user name
        username: String,
        /// A claim about the person: `name=text`, or `name:=JSON` for anything but text; may be repeated
        #[arg(long = "claim", value_name = "CLAIM")]
        claims: Vec<String>,
        /// Read the password from standard input instead of asking on the terminal
        #[arg(long)]
        password_stdin: bool,
    },
    /// List people
    List,
    /// Show one person
    Show {
        /// The user name, or the `sub`
        user: String,
    },
    /// Lock a person out; their grants and sessions end
    Lock {
        /// The user name, or the `sub`
        user: String,
    },
    /// Let a locked person in again; what was ended stays ended
    Unlock {
        /// The user name, or the `sub`
        user: String,
    },
    /// Show what happened to a person's account, newest first
    Events {
        /// The user name, or the `sub`
        user: String,
    },
    /// Write everything that is kept about a person as JSON, as they can download it themselves
    Export {
        /// The user name, or the `sub`
        user: String,
    },
    /// Remove a person with everything that is kept about them; their grants and sessions end
    #[command(visible_alias = "delete")]
    Remove {
        /// The user name, or the `sub`
        user: String,
    },
    /// Take a person's second factor and recovery codes away, when both are lost; their password alone logs them in then
    RemoveFactor {
        /// The user name, or the `sub`
        user: String,
    },
    /// Replace a password; the person's sessions end
    SetPassword {
        /// The user name, or the `sub`
        user: String,
        /// Read the password from standard input instead of asking on the terminal
        #[arg(long)]
        password_stdin: bool,
    },
    /// Remove all passkeys of a person, whose devices are lost; the person's sessions end
    RemovePasskeys {
        /// The user name, or the `sub`
        user: String,
    },
}

/// What can be done with grants.
#[derive(Debug, Subcommand)]
pub enum GrantCommand {
    /// List what a person allowed clients
    List {
        /// The user name, or the `sub`
        user: String,
    },
    /// Revoke one grant: its refresh tokens work no more
    Revoke {
        /// The grant's id
        id: String,
    },
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// List the keys and their states
    List,
    /// Begin a rotation: the next key signs now, and another is made ready
    Rotate {
        /// Drop every key now and sign with new ones: every token and refresh token issued so far is worthless
        #[arg(long)]
        emergency: bool,
    },
}

/// What can be done for the site's own login.
#[derive(Debug, Subcommand)]
pub enum SiteCommand {
    /// Make the secret that the site signs logins with; it is shown once, and replaces an earlier one
    Connect,
}

/// What can be done for providers at which people may log in.
#[derive(Debug, Subcommand)]
pub enum ConnectionCommand {
    /// List the connections of the settings in force, and the redirect URI to register with each provider
    List,
    /// Keep the client secret that a provider gave you, sealed; it replaces an earlier one
    SetSecret {
        /// The connection's `id` in the settings
        id: String,
        /// Read the secret from standard input instead of asking on the terminal
        #[arg(long)]
        secret_stdin: bool,
    },
    /// Forget a provider's client secret
    RemoveSecret {
        /// The connection's `id`
        id: String,
    },
}
