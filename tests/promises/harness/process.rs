//! The broker as a process of its own, on a world's data: so that it can be killed, traced and given a broken disk.

use std::{
    ffi::OsString,
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};

use super::World;

/// A broker process. Dropping it kills it.
pub(crate) struct Process(Child);

impl World {
    /// Starts `ssbtek-broker serve` on this world's data; the world's own broker must be stopped.
    pub(crate) fn serve(&self) -> Process {
        self.serve_under(&[])
    }

    /// The same, started by another program: `under` is that program with its arguments.
    pub(crate) fn serve_under(&self, under: &[OsString]) -> Process {
        let config = self.write_config();
        let broker =
            [env!("CARGO_BIN_EXE_ssbtek-broker").into(), "serve".into(), "--config".into(), config.into()];
        let words: Vec<OsString> = under.iter().cloned().chain(broker).collect();
        let events = File::options().create(true).append(true).open(self.events()).unwrap();
        let child = Command::new(&words[0]).args(&words[1..]).stdout(Stdio::null()).stderr(events).spawn();
        Process(child.unwrap())
    }

    /// Where the process writes its events.
    pub(crate) fn events(&self) -> PathBuf {
        self.data_dir().join("events")
    }

    /// The configuration as a file in the data directory.
    pub(crate) fn write_config(&self) -> PathBuf {
        let path = self.data_dir().join("broker.toml");
        std::fs::write(&path, toml::to_string(&self.config).unwrap()).unwrap();
        path
    }
}

impl Process {
    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Ends it in order.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.0.wait().unwrap()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().unwrap()
    }

    /// Waits until it has ended by itself.
    pub(crate) fn wait(mut self) -> ExitStatus {
        self.0.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether `strace` can trace and change what a process asks of the system here; says so if not.
pub(crate) fn can_trace() -> bool {
    let tried =
        Command::new("strace").args(["-f", "-e", "trace=none", "true"]).stderr(Stdio::null()).status();
    let can = tried.is_ok_and(|status| status.success()) && is_root();
    if !can {
        println!("SKIPPED: needs strace and root (apt-get install strace)");
    }
    can
}

/// Whether this process is root's.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// `strace` with these arguments, as a process beside the broker: the broker stays this process's own child.
pub(crate) fn strace(arguments: &[&str], to: &Path) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["strace".into(), "-D".into(), "-f".into(), "-o".into(), to.into()];
    words.extend(arguments.iter().map(Into::into));
    words
}
