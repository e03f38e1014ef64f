//! What promises rest on that only the configuration can give, and what is said at the start where it is missing.

use ssbtek_config::{Config, WithoutList};

/// Something that a promise rests on, and that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Missing {
    /// The key that gives it.
    key: &'static str,
    /// What does not hold without it.
    without: &'static str,
}

/// Raises an alarm for everything that is missing.
pub(crate) fn tell(config: &Config) {
    for Missing { key, without } in missing(config) {
        tracing::error!(alarm = "foundation_missing", key, "{without}");
    }
}

/// Everything that is missing, a line each.
pub(crate) fn missing_lines(config: &Config) -> Vec<String> {
    missing(config).iter().map(|Missing { key, without }| format!("MISSING {key}: {without}")).collect()
}

fn missing(config: &Config) -> Vec<Missing> {
    let (store, witnessing) = (&config.store, &config.witnessing);
    let beside = store
        .database
        .parent()
        .is_some_and(|folder| !folder.as_os_str().is_empty() && store.keys.starts_with(folder));
    let second_clock = !config.witness.is_empty() || config.retention.time_url.is_some();
    let their_lists = config.agency_tls.revocation_lists.is_none() && config.tls.revocation_lists.is_none();
    let all = [
        (
            config.witness.is_empty(),
            "witness",
            "no witness: an older or another history of the logs is not found, least of all after a restore",
        ),
        (
            !config.witness.is_empty() && !witnessing.required_at_start,
            "witnessing.required_at_start",
            "false: while the witnesses cannot be reached a restored older database serves answers",
        ),
        (
            !config.witness.is_empty() && witnessing.max_lag_s == 0,
            "witnessing.max_lag_s",
            "0: the broker goes on for ever with logs that no witness has seen",
        ),
        (
            !second_clock,
            "retention.time_url",
            "no second clock: nothing is ever erased by itself, and a clock that was set back is not found to be right again",
        ),
        (
            config.tls.revocation_lists.is_none(),
            "tls.revocation_lists",
            "no revocation lists: a certificate that its issuer has revoked is accepted",
        ),
        (
            their_lists && config.agency_tls.without_revocation_list == WithoutList::Refuse,
            "agency_tls.revocation_lists",
            "no revocation lists: no agency is asked over https, since it cannot be told whose certificate was revoked",
        ),
        (
            config.agency_tls.without_revocation_list == WithoutList::Ask,
            "agency_tls.without_revocation_list",
            "ask: an agency is asked, although it cannot be told whether its certificate was revoked",
        ),
        (
            beside,
            "store.keys",
            "beside the database: a backup of one is a backup of both, and brings back what was erased",
        ),
        (
            config.operators.len() < 2,
            "operators",
            "fewer than two operators: what takes two of them, such as declaring a gap in a log, cannot be done",
        ),
    ];
    all.into_iter().filter(|(is, ..)| *is).map(|(_, key, without)| Missing { key, without }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Config {
        Config::load(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/broker.toml")))
            .unwrap()
    }

    #[test]
    fn the_example_configuration_has_everything_that_a_promise_rests_on() {
        assert_eq!(missing(&example()), []);
    }

    #[test]
    fn whatever_is_taken_away_is_missed() {
        type Change = fn(&mut Config);
        let changes: [(&str, Change); 7] = [
            ("witness", |config| config.witness.clear()),
            ("witnessing.required_at_start", |config| config.witnessing.required_at_start = false),
            ("witnessing.max_lag_s", |config| config.witnessing.max_lag_s = 0),
            ("tls.revocation_lists", |config| config.tls.revocation_lists = None),
            ("agency_tls.without_revocation_list", |config| {
                config.agency_tls.without_revocation_list = WithoutList::Ask;
            }),
            ("store.keys", |config| config.store.keys = config.store.database.with_file_name("keys")),
            ("operators", |config| config.operators.truncate(1)),
        ];
        for (key, change) in changes {
            let mut config = example();
            change(&mut config);
            assert_eq!(missing(&config).iter().map(|missing| missing.key).collect::<Vec<_>>(), [key]);
        }
        let mut config = example();
        (config.retention.time_url, config.witness) = (None, Vec::new());
        assert!(missing(&config).iter().any(|missing| missing.key == "retention.time_url"));
    }
}
