//! A PostgreSQL server in place of the SQLite file.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The database of the logs, where it is PostgreSQL's.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `postgres://USER@HOST/DATABASE`, or a socket's folder as `postgres://USER@%2Frun%2Fpostgresql/DATABASE`. Without a password.
    pub url: String,
    /// A file whose first line is the password, if the server asks for one. Without one, the environment's
    /// `SSBTEK_DATABASE_PASSWORD` is taken.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// The authority that the server's certificate chains to, PEM. Needed where the address leads to another host.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// Longest wait for a connection, in milliseconds.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// Longest wait for an answer of the server, in milliseconds. A commit that takes longer is looked up.
    #[serde(default = "answer_timeout_ms")]
    pub answer_timeout_ms: u64,
    /// Longest time in which it is looked up, in milliseconds; then this process ends.
    #[serde(default = "outcome_timeout_ms")]
    pub outcome_timeout_ms: u64,
}

impl DatabaseConfig {
    /// A database with the usual bounds.
    pub fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            password_file: None,
            ca: None,
            connect_timeout_ms: connect_timeout_ms(),
            answer_timeout_ms: answer_timeout_ms(),
            outcome_timeout_ms: outcome_timeout_ms(),
        }
    }

    /// What is wrong with it, by key.
    pub(crate) fn wrong(&self) -> Option<(&'static str, &'static str)> {
        let times = [
            ("database.connect_timeout_ms", self.connect_timeout_ms),
            ("database.answer_timeout_ms", self.answer_timeout_ms),
            ("database.outcome_timeout_ms", self.outcome_timeout_ms),
        ];
        let user =
            self.url.split_once("://").and_then(|(_, rest)| rest.split_once('@')).map(|(user, _)| user);
        if user.is_some_and(|user| user.contains(':')) || self.url.contains("password=") {
            Some((
                "database.url",
                "must hold no password: put it into the file that database.password_file names",
            ))
        } else {
            let too_long = times.into_iter().find(|(_, time)| !(1..=600_000).contains(time));
            too_long.map(|(key, _)| (key, "must be 1 to 600000"))
        }
    }
}

fn connect_timeout_ms() -> u64 {
    2_000
}

fn answer_timeout_ms() -> u64 {
    5_000
}

fn outcome_timeout_ms() -> u64 {
    30_000
}

#[cfg(test)]
mod tests {
    use crate::Config;

    /// The example with these lines in place of its database file.
    fn with(lines: &str) -> Result<Config, String> {
        let example = include_str!("../../deploy/broker.toml");
        let file = "database = \"/var/lib/ssbtek-broker/broker.db\"\n";
        assert!(example.contains(file));
        let config: Config = toml::from_str(&format!("{}\n{lines}", example.replacen(file, "", 1))).unwrap();
        config.check().map_err(|error| error.to_string()).map(|()| config)
    }

    #[test]
    fn the_log_has_one_database_and_no_password_stands_in_its_address() {
        assert!(with("").unwrap_err().contains("store.database"));
        let config = with("[database]\nurl = \"postgres://ssbtek@localhost/log\"").unwrap();
        assert!(!toml::to_string(&config.store).unwrap().contains("database"), "as it was written");
        for address in
            ["postgres://ssbtek:secret@localhost/log", "postgres://ssbtek@localhost/log?password=secret"]
        {
            let refused = with(&format!("[database]\nurl = \"{address}\"")).unwrap_err();
            assert!(refused.contains("database.url") && !refused.contains("secret"), "{refused}");
        }
        let endless = with("[database]\nurl = \"postgres://ssbtek@localhost/log\"\noutcome_timeout_ms = 0");
        assert!(endless.unwrap_err().contains("database.outcome_timeout_ms"));
        let mut both = with("[database]\nurl = \"postgres://ssbtek@localhost/log\"").unwrap();
        both.store.database = "broker.db".into();
        assert!(both.check().unwrap_err().to_string().contains("must be left out"));
    }
}
