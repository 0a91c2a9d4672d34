//! The `grantlet` program, run as people run it: arguments, an empty environment, standard streams.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a program may take for what it should do at once.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The JSON on standard output of a command that succeeded.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        serde_json::from_str(&self.stdout).expect("standard output is one JSON value")
    }

    /// The one sentence of a command that failed as it should: exit code 1, nothing printed, no backtrace.
    pub(crate) fn sentence(&self) -> &str {
        assert_eq!((self.code, self.stdout.as_str()), (Some(1), ""), "{self:?}");
        let sentence = self.stderr.strip_prefix("error: ").expect("the sentence begins with its kind").trim_end();
        assert!(sentence.ends_with('.') && !sentence.contains('\n') && !sentence.contains("panicked"), "{sentence}");
        sentence
    }
}

/// The program with `arguments`, in an environment that has nothing of ours in it.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantlet"));
    command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Ended {
    end(command(arguments).spawn().expect("the program starts"))
}

/// Runs the program to its end with `input` on its standard input.
pub(crate) fn run_with_input(arguments: &[&str], input: &str) -> Ended {
    let mut child = command(arguments).stdin(Stdio::piped()).spawn().expect("the program starts");
    child.stdin.take().expect("it is piped").write_all(input.as_bytes()).expect("it reads its input");
    end(child)
}

fn end(child: Child) -> Ended {
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints UTF-8");
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A path as an argument.
pub(crate) fn argument(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

/// A running `grantlet dev`. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Dev {
    child: Child,
    printed: Arc<Mutex<String>>,
    lines: Mutex<Receiver<()>>,
}

impl Dev {
    /// Starts `grantlet dev` with `arguments` and waits until it has printed `sign`.
    pub(crate) fn start(arguments: &[&str], sign: &str) -> Self {
        Self::start_in(&[], arguments, sign)
    }

    fn start_in(env: &[(&str, &str)], arguments: &[&str], sign: &str) -> Self {
        let mut child = command(&[&["dev"], arguments].concat()).envs(env.iter().copied()).spawn().expect("the program starts");
        let printed = Arc::new(Mutex::new(String::new()));
        let (sender, lines) = channel();
        let (stdout, stderr) = (child.stdout.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
        for stream in [Box::new(stdout) as Box<dyn Read + Send>, Box::new(stderr)] {
            let (printed, sender) = (printed.clone(), sender.clone());
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    printed.lock().unwrap().extend([line.as_str(), "\n"]);
                    let _ = sender.send(());
                }
            });
        }
        let mut dev = Self { child, printed, lines: Mutex::new(lines) };
        dev.wait_for(sign);
        dev
    }

    /// Starts it on any free port, and waits until it is ready.
    pub(crate) fn serve(arguments: &[&str]) -> Self {
        Self::start(&[&["--port", "0"], arguments].concat(), "Ctrl-C stops it")
    }

    /// The same, with further settings in its environment.
    pub(crate) fn serve_with(arguments: &[&str], env: &[(&str, &str)]) -> Self {
        Self::start_in(env, &[&["--port", "0"], arguments].concat(), "Ctrl-C stops it")
    }

    /// Waits until `text` was printed.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.printed().contains(text) {
            let left = deadline.saturating_duration_since(Instant::now());
            let arrived = self.lines.lock().unwrap().recv_timeout(left);
            assert!(arrived.is_ok(), "{text:?} was not printed, but:\n{}", self.printed());
        }
    }

    /// Everything that it printed so far, on either stream.
    pub(crate) fn printed(&self) -> String {
        self.printed.lock().unwrap().clone()
    }

    /// The word that follows `label` in what it printed.
    pub(crate) fn printed_word(&self, label: &str) -> String {
        let printed = self.printed();
        let rest = printed.split_once(label).unwrap_or_else(|| panic!("{label:?} was not printed, but:\n{printed}")).1;
        rest.split_whitespace().next().expect("something follows").to_owned()
    }

    /// The issuer that it printed.
    pub(crate) fn issuer(&self) -> String {
        self.printed_word("  issuer ")
    }

    /// Where it really listens, whatever its issuer is.
    pub(crate) fn url(port: u16, path: &str) -> String {
        format!("http://127.0.0.1:{port}{path}")
    }

    /// Ends it by SIGTERM, as a system would, and waits for it.
    pub(crate) fn stop(mut self) -> ExitStatus {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill runs");
        assert!(told.success());
        self.child.wait().expect("it ends")
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
