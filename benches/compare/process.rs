//! The other processes: started, spoken to in lines, and their CPU time read.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::sync::mpsc;

use super::Role;

/// Clock ticks per second in `/proc`; Linux tells user space 100 on every machine we know.
const TICKS_PER_S: u64 = 100;

/// Which cores who runs on: `taskset` lists, empty where not bound.
pub(crate) struct Cores {
    pub(crate) gateway: String,
    pub(crate) load: String,
}

impl Cores {
    /// Nobody is bound.
    pub(crate) fn free() -> Self {
        Self { gateway: String::new(), load: String::new() }
    }

    /// The last core for the gateways, the others for mocks and load, where there are others and `taskset`.
    pub(crate) fn found() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let taskset = Command::new("taskset").arg("--version").output().is_ok_and(|out| out.status.success());
        if cores < 2 || !taskset {
            return Self::free();
        }
        Self { gateway: (cores - 1).to_string(), load: format!("0-{}", cores - 2) }
    }
}

/// A process that plays a part.
pub(crate) struct Child {
    process: std::process::Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    ready: Value,
}

impl Child {
    /// Starts one and waits until it says that it is ready.
    pub(crate) fn start(role: Role, dir: &Path, more: &[String], cores: &str) -> Result<Self> {
        let own = std::env::current_exe()?;
        let mut command = if cores.is_empty() {
            Command::new(own)
        } else {
            let mut command = Command::new("taskset");
            command.args(["-c", cores]).arg(own);
            command
        };
        let role = format!("{role:?}").to_lowercase();
        command.args(["--role", &role, "--dir"]).arg(dir).args(more);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = process.stdin.take();
        let stdout = BufReader::new(process.stdout.take().context("no standard output")?);
        let mut child = Self { process, stdin, stdout, ready: Value::Null };
        child.ready = child.line().with_context(|| format!("{role} did not start"))?;
        Ok(child)
    }

    /// What it said when it was ready.
    pub(crate) fn ready(&self) -> &Value {
        &self.ready
    }

    /// Gives an order and waits for the answer.
    pub(crate) fn tell(&mut self, order: &str) -> Result<Value> {
        let stdin = self.stdin.as_mut().context("the process was stopped")?;
        writeln!(stdin, "{order}")?;
        self.line().with_context(|| format!("`{order}` was not done"))
    }

    fn line(&mut self) -> Result<Value> {
        let mut line = String::new();
        if self.stdout.read_line(&mut line)? == 0 {
            bail!("a process ended; see above");
        }
        Ok(serde_json::from_str(&line)?)
    }

    /// User and system time so far, all its threads.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The name, in parentheses, may hold spaces; utime and stime are the 12th and 13th after it.
        let (_, fields) = stat.rsplit_once(')').context("/proc/…/stat has another form")?;
        let mut fields = fields.split_ascii_whitespace().skip(11).map(str::parse::<u64>);
        let (Some(Ok(user)), Some(Ok(system))) = (fields.next(), fields.next()) else {
            bail!("/proc/…/stat has another form");
        };
        Ok(Duration::from_millis((user + system) * 1000 / TICKS_PER_S))
    }

    /// Ends it.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.stdin.take();
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Reached on failure only; the end of its standard input ends it, this makes sure.
        if matches!(self.process.try_wait(), Ok(None)) {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

/// Orders from the process that started this one; ends when that one does.
pub(crate) fn orders() -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Answers the process that started this one.
#[expect(clippy::print_stdout, reason = "standard output is how these processes speak")]
pub(crate) fn say(value: &Value) {
    println!("{value}");
}
