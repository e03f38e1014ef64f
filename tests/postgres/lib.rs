//! A PostgreSQL server of the tests' own: made from the distribution's binaries in a temporary directory, reached over a socket in it,
//! gone with the process that started it. Where PostgreSQL is missing a test says so by name and is passed over.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "for tests: says what went wrong by failing, what it passes over by printing"
)]

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

/// The user that owns databases: no superuser, with what the installation's runbook gives it.
const USER: &str = "ssbtek";

/// A running server.
pub struct Server {
    bin: PathBuf,
    directory: tempfile::TempDir,
    process: Option<Child>,
    log: Arc<Mutex<String>>,
    databases: AtomicU32,
    port: u16,
}

impl Server {
    /// Starts one that keeps its promises. `None`, and says so: there is no PostgreSQL here.
    pub fn start() -> Option<Self> {
        Self::with(&["--encoding=UTF8"], &[])
    }

    /// Starts one made and set otherwise.
    pub fn with(made: &[&str], set: &[&str]) -> Option<Self> {
        let Some(bin) = binaries() else {
            println!("passed over: PostgreSQL is not installed here (Debian: postgresql)");
            return None;
        };
        let directory = directory();
        let mut server = Self {
            bin,
            directory,
            process: None,
            log: Arc::default(),
            databases: AtomicU32::new(0),
            port: 5432,
        };
        let mut initdb = server.command("initdb");
        initdb
            .args(["--no-sync", "--wal-segsize=1", "--locale=C", "--username=postgres", "--auth=trust"])
            .args(made);
        run(initdb.arg("-D").arg(server.data()));
        server.run(set);
        server.sql("postgres", &format!(
            "CREATE ROLE {USER} LOGIN; GRANT SET ON PARAMETER log_min_error_statement, log_error_verbosity TO {USER}"
        ));
        Some(server)
    }

    /// Starts one that is also reached over TCP on this host, with this certificate.
    pub fn over_tls(certificate: &str, key: &str) -> Option<Self> {
        let mut server = Self::start()?;
        server.kill();
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let path = server.data().join(name);
            fs::write(&path, text).unwrap();
            run(Command::new("chmod").arg("600").arg(&path));
            if is_root() {
                run(Command::new("chown").arg(unprivileged()).arg(&path));
            }
        }
        // A port that was free just now.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        server.port = port;
        server.run(&["listen_addresses=localhost", "ssl=on"]);
        Some(server)
    }

    /// A database's address over TCP.
    pub fn tcp_address(&self, host: &str, database: &str) -> String {
        format!("postgres://{USER}@{host}:{}/{database}", self.port)
    }

    /// A server that follows this one.
    pub fn replica(&self) -> Self {
        let directory = directory();
        let mut replica = Self {
            bin: self.bin.clone(),
            directory,
            process: None,
            log: Arc::default(),
            databases: AtomicU32::new(0),
            port: 5432,
        };
        let mut copied = replica.command("pg_basebackup");
        copied.args(["-R", "--no-sync", "-c", "fast", "-U", "postgres", "-h"]).arg(self.directory.path());
        run(copied.arg("-D").arg(replica.data()));
        replica.run(&["hot_standby=on"]);
        replica
    }

    /// A new, empty database; its address.
    pub fn database(&self) -> String {
        let name = format!("log{}", self.databases.fetch_add(1, Ordering::SeqCst));
        self.sql("postgres", &format!("CREATE DATABASE {name} OWNER {USER}"));
        self.address(&name)
    }

    /// The address of a database by name.
    pub fn address(&self, database: &str) -> String {
        let socket = self.directory.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://{USER}@{socket}:{}/{database}", self.port)
    }

    /// The name in an address.
    pub fn name_in(address: &str) -> &str {
        address.rsplit('/').next().unwrap()
    }

    /// Runs SQL as the server's superuser; what it answers, without its form.
    pub fn sql(&self, database: &str, text: &str) -> String {
        let mut psql = self.command("psql");
        psql.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-h"]);
        psql.arg(self.directory.path())
            .args(["-p", &self.port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut psql = psql.spawn().unwrap();
        psql.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let done = psql.wait_with_output().unwrap();
        assert!(done.status.success(), "{text}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    /// Asks until the answer is as it should be: within this many answers, each a process.
    pub fn until(&self, database: &str, text: &str, answer: &str) {
        let found = (0..2_000).any(|_| self.sql(database, text) == answer);
        assert!(found, "{text} never became {answer}");
    }

    /// Changes a setting, also for sessions that there are.
    pub fn set(&self, setting: &str, value: &str) {
        self.sql("postgres", &format!("ALTER SYSTEM SET {setting} = '{value}'"));
        self.sql("postgres", "SELECT pg_reload_conf()");
        self.until("postgres", &format!("SHOW {setting}"), value);
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Where everything of it lies.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Ends it as a power cut does, for as long as it is not started again.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let pid = process.id().to_string();
            run(Command::new("kill").args(["-QUIT", &pid]));
            process.wait().unwrap();
        }
    }

    /// Starts it, with settings of its own.
    pub fn run(&mut self, set: &[&str]) {
        let mut postgres = Command::new("setpriv");
        postgres.args(["--pdeathsig", "QUIT"]).args(as_unprivileged());
        postgres.arg(self.bin.join("postgres")).arg("-D").arg(self.data());
        let port = format!("port={}", self.port);
        let socket = format!("unix_socket_directories={}", self.directory.path().display());
        let quiet = [
            "listen_addresses=",
            "shared_buffers=16MB",
            "max_wal_size=32MB",
            "max_connections=40",
            "lc_messages=C",
            &socket,
            &port,
        ];
        for setting in quiet.iter().chain(set) {
            postgres.args(["-c", setting]);
        }
        let mut process = postgres.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut began = Vec::new();
        let is_ready = lines.by_ref().any(|line| {
            let ready = line.contains("ready to accept");
            began.push(line);
            ready
        });
        assert!(is_ready, "the server did not start: {began:?}");
        let log = self.log.clone();
        log.lock().unwrap().push_str(&began.join("\n"));
        thread::spawn(move || lines.for_each(|line| *log.lock().unwrap() += &format!("\n{line}")));
        self.process = Some(process);
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "QUIT"]).args(as_unprivileged()).arg(self.bin.join(name));
        command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// In memory where there is room: what is tried here is not the disk, and a new database syncs a thousand files.
fn directory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let free = Command::new("df").args(["--output=avail", "-m"]).arg(memory).output();
    let free =
        free.ok().and_then(|df| String::from_utf8(df.stdout).ok()?.lines().last()?.trim().parse().ok());
    let directory = match free {
        Some(1024_u64..) => tempfile::tempdir_in(memory),
        _ => tempfile::tempdir(),
    };
    let directory = directory.unwrap();
    if is_root() {
        run(Command::new("chown").args(["-R", unprivileged()]).arg(directory.path()));
    }
    directory
}

fn run(command: &mut Command) {
    let done = command.output().unwrap();
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// The newest that is installed, from 15 on.
fn binaries() -> Option<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions: BTreeSet<u32> =
        installed.filter_map(|version| version.file_name().to_str()?.parse().ok()).collect();
    let newest = versions.into_iter().rev().filter(|version| *version >= 15);
    let places = newest.map(|version| format!("/usr/lib/postgresql/{version}/bin").into());
    let path = std::env::var_os("PATH").unwrap_or_default();
    places
        .chain(std::env::split_paths(&path))
        .find(|place: &PathBuf| place.join("initdb").exists() && place.join("postgres").exists())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n")
}

/// PostgreSQL refuses to run as root: a user that has nothing to do with it.
fn unprivileged() -> &'static str {
    let has = |user| Command::new("id").arg(user).output().is_ok_and(|id| id.status.success());
    if has("postgres") { "postgres" } else { "nobody" }
}

fn as_unprivileged() -> Vec<&'static str> {
    if is_root() { vec!["--reuid", unprivileged(), "--clear-groups"] } else { vec![] }
}
