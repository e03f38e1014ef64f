//! Where the broker is and who we are: a demo's `demo.json`, or a TOML file with the same keys.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use ssbtek_domain::OrganisationNumber;
use ssbtek_pki::{Identity, Roots};

use crate::{assertion::AssertionSigner, broker::Connection};

/// Every key a settings file may have.
const KEYS: [&str; 21] = [
    "grpc",
    "soap",
    "web",
    "ops",
    "ca",
    "client_cert",
    "client_key",
    "assertion_key",
    "assertion_kid",
    "audience",
    "board",
    "board_name",
    "case_worker",
    "case",
    "auditor",
    "case_system",
    "administrator",
    "disclosure",
    "log_key",
    "witness_keys",
    "persons",
];
/// The audience of a broker whose deployment names no other.
const DEFAULT_AUDIENCE: &str = "ssbtek-broker";

/// What is wrong with the settings. Names files and keys, never their content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// No file was named and there is no home folder to look in.
    #[error("no settings: name a demo's folder with --demo, or a file with --config")]
    Nowhere,
    /// The settings file cannot be read.
    #[error("{0} cannot be read; name a demo's folder with --demo, or a file with --config")]
    NoFile(PathBuf),
    /// The settings file has the wrong form at about this line.
    #[error("{file}, line {line}: is no settings file of the right form")]
    Form {
        /// The file.
        file: PathBuf,
        /// The line, from 1; 0 if not known.
        line: usize,
    },
    /// There is no such key.
    #[error("{file}: no setting is named `{key}`")]
    UnknownKey {
        /// The file.
        file: PathBuf,
        /// The key.
        key: String,
    },
    /// These keys are needed and not there.
    #[error("{file}: missing {}", keys.join(", "))]
    Missing {
        /// The file.
        file: PathBuf,
        /// The keys.
        keys: Vec<&'static str>,
    },
    /// A file that a key names cannot be read.
    #[error("{key}: {file} cannot be read")]
    Unreadable {
        /// The key.
        key: &'static str,
        /// The file it names.
        file: PathBuf,
    },
    /// A key's value does not do.
    #[error("{key}: {why}")]
    Invalid {
        /// The key.
        key: &'static str,
        /// Why, a fixed text.
        why: &'static str,
    },
}

#[derive(Deserialize)]
struct Keys {
    grpc: Option<String>,
    ca: Option<PathBuf>,
    client_cert: Option<PathBuf>,
    client_key: Option<PathBuf>,
    assertion_key: Option<PathBuf>,
    assertion_kid: Option<String>,
    audience: Option<String>,
    board: Option<String>,
    case_worker: Option<String>,
    case: Option<String>,
    auditor: Option<String>,
    case_system: Option<String>,
    administrator: Option<String>,
    disclosure: Option<String>,
    log_key: Option<String>,
    #[serde(default)]
    witness_keys: Vec<String>,
    #[serde(default)]
    persons: Vec<Person>,
}

#[derive(Deserialize)]
struct Person {
    role: String,
    person_number: String,
}

/// The accounts that commands use when none is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// Asks.
    CaseWorker,
    /// Reads the log.
    Auditor,
    /// Keeps cases.
    CaseSystem,
    /// Keeps accounts.
    Administrator,
    /// Decides when persons are told.
    DelaysDisclosure,
}

/// Settings as read, not yet found complete: each command demands only what it needs.
pub struct Settings {
    file: PathBuf,
    keys: Keys,
}

impl Settings {
    /// Reads `DIR/demo.json`. Keys that this client does not know are passed over.
    pub fn of_demo(dir: &Path) -> Result<Self, SettingsError> {
        let file = dir.join("demo.json");
        let text = fs::read_to_string(&file).map_err(|_| SettingsError::NoFile(file.clone()))?;
        match serde_json::from_str(&text) {
            Ok(keys) => Ok(Self { file, keys }),
            Err(error) => Err(SettingsError::Form { file, line: error.line() }),
        }
    }

    /// Reads a TOML file; by default `~/.config/ssbtek/client.toml`. A key that does not exist is refused.
    pub fn of_file(file: Option<&Path>, home: Option<&Path>) -> Result<Self, SettingsError> {
        let usual = || home.map(|home| home.join(".config/ssbtek/client.toml"));
        let file = file.map(Path::to_owned).or_else(usual).ok_or(SettingsError::Nowhere)?;
        let text = fs::read_to_string(&file).map_err(|_| SettingsError::NoFile(file.clone()))?;
        let form = |error: toml::de::Error| {
            let read = error.span().and_then(|span| text.get(..span.start));
            SettingsError::Form {
                file: file.clone(),
                line: read.map_or(0, |text| text.lines().count().max(1)),
            }
        };
        let table: toml::Table = toml::from_str(&text).map_err(form)?;
        if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(SettingsError::UnknownKey { file, key: key.clone() });
        }
        let keys = toml::from_str(&text).map_err(form)?;
        Ok(Self { file, keys })
    }

    /// Everything a connection needs, or an error that names all keys that are missing.
    pub fn connection(&self) -> Result<Connection, SettingsError> {
        let keys = &self.keys;
        self.all_there(&[
            ("grpc", keys.grpc.is_some()),
            ("ca", keys.ca.is_some()),
            ("client_cert", keys.client_cert.is_some()),
            ("client_key", keys.client_key.is_some()),
            ("assertion_key", keys.assertion_key.is_some()),
            ("assertion_kid", keys.assertion_kid.is_some()),
            ("board", keys.board.is_some()),
        ])?;
        let url = keys.grpc.clone().unwrap_or_default();
        if !url.starts_with("https://") {
            return Err(SettingsError::Invalid { key: "grpc", why: "must begin with https://" });
        }
        let board = OrganisationNumber::parse(keys.board.as_deref().unwrap_or_default()).map_err(|_| {
            SettingsError::Invalid { key: "board", why: "is no organisation number of 12 digits" }
        })?;
        let roots = Roots::from_pem(&self.pem("ca", &keys.ca)?)
            .map_err(|_| SettingsError::Invalid { key: "ca", why: "holds no usable certificate, PEM" })?;
        let (chain, key) =
            (self.pem("client_cert", &keys.client_cert)?, self.pem("client_key", &keys.client_key)?);
        let identity = Identity::from_pem(&chain, &key).map_err(|_| SettingsError::Invalid {
            key: "client_cert",
            why: "is no certificate, PEM, that client_key belongs to",
        })?;
        let signer = AssertionSigner::new(
            &self.pem("assertion_key", &keys.assertion_key)?,
            keys.assertion_kid.as_deref().unwrap_or_default(),
            board,
            keys.audience.as_deref().unwrap_or(DEFAULT_AUDIENCE),
            &identity.fingerprint(),
        )?;
        Ok(Connection { url, roots, identity, signer })
    }

    /// The account for a command: the one named on the command line, else the settings'.
    pub fn account<'a>(&'a self, named: Option<&'a str>, which: Account) -> Result<&'a str, SettingsError> {
        let (key, value) = match which {
            Account::CaseWorker => ("case_worker (or --as)", &self.keys.case_worker),
            Account::Auditor => ("auditor (or --as)", &self.keys.auditor),
            Account::CaseSystem => ("case_system (or --as)", &self.keys.case_system),
            Account::Administrator => ("administrator (or --as)", &self.keys.administrator),
            Account::DelaysDisclosure => ("disclosure (or --as)", &self.keys.disclosure),
        };
        named.or(value.as_deref()).ok_or_else(|| self.missing(vec![key]))
    }

    /// The case for a question: the one named, else the settings'.
    pub fn case<'a>(&'a self, named: Option<&'a str>) -> Result<&'a str, SettingsError> {
        named.or(self.keys.case.as_deref()).ok_or_else(|| self.missing(vec!["case (or --case)"]))
    }

    /// The role that the demo gives a person.
    pub fn role_of(&self, person_number: &str) -> Option<&str> {
        let person = self.keys.persons.iter().find(|person| person.person_number == person_number)?;
        Some(&person.role)
    }

    /// The log's public key (C2SP vkey), where it is known.
    pub fn log_key(&self) -> Option<&str> {
        self.keys.log_key.as_deref()
    }

    /// The public keys (C2SP vkey) of the log's witnesses, where they are known.
    pub fn witness_keys(&self) -> &[String] {
        &self.keys.witness_keys
    }

    /// A file beside the settings.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(name)
    }

    fn pem(&self, key: &'static str, path: &Option<PathBuf>) -> Result<Vec<u8>, SettingsError> {
        let beside = self.file.parent().unwrap_or(Path::new(""));
        let file = beside.join(path.as_deref().unwrap_or(Path::new("")));
        fs::read(&file).map_err(|_| SettingsError::Unreadable { key, file })
    }

    fn all_there(&self, keys: &[(&'static str, bool)]) -> Result<(), SettingsError> {
        let missing: Vec<_> = keys.iter().filter(|(_, there)| !there).map(|(key, _)| *key).collect();
        if missing.is_empty() { Ok(()) } else { Err(self.missing(missing)) }
    }

    fn missing(&self, keys: Vec<&'static str>) -> SettingsError {
        SettingsError::Missing { file: self.file.clone(), keys }
    }
}
