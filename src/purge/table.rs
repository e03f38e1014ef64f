//! The retention table. `docs/DATA-RETENTION.md` is written from it, and a test holds the two together.

use crate::Policy;

/// One kind of data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// What it is.
    pub what: &'static str,
    /// Where it lies, and in what form.
    pub place: &'static str,
    /// Why it is kept.
    pub why: &'static str,
    /// How long.
    pub how_long: String,
    /// From when that is counted.
    pub from_when: &'static str,
    /// Who may lengthen or shorten it.
    pub who_may_change: &'static str,
    /// How it is erased.
    pub how_erased: &'static str,
}

/// Every kind of data the broker holds, by a policy.
pub fn kinds(policy: &Policy) -> Vec<Kind> {
    let end = "the agreement's last day";
    vec![
        Kind {
            what: "Answers, originals and questions in flight",
            place: "memory only; never written",
            why: "to be answered",
            how_long: "until the answer has left, at most the query's deadline; of `AskStream`, `AskHousehold` and the pages 60 seconds longer, for who was cut off (`query.resume_within_ms`, adr/0073)".to_owned(),
            from_when: "the question's arrival",
            who_may_change: "nobody",
            how_erased: "released with the question and overwritten as it is freed; no core dumps; the limit stands below",
        },
        Kind {
            what: "Sessions of people who have signed in: account, case numbers and persons of the cases that were opened",
            place: "memory only; never written",
            why: "so that no address holds a case or a person (adr/0085)",
            how_long: "until the session ends: 20 minutes without a request, 8 hours at most (`web.session_idle_s`, `web.session_life_s`)".to_owned(),
            from_when: "signing in",
            who_may_change: "the operator, for the whole deployment",
            how_erased: "overwritten as it is freed, within half a minute of the session's end",
        },
        Kind {
            what: "Log payloads: who asked about whom, in which case, why, on what basis, with what outcome",
            place: "database, sealed under the key of the board and month; look-up terms blinded (HMAC) under it too",
            why: "processing history, audit, the person's right to know who asked",
            how_long: format!(
                "{} whole calendar months (each board may choose, from {} up)",
                policy.log_months, policy.min_log_months
            ),
            from_when: "the end of the calendar month in which the record was made",
            who_may_change: "the board, through the operator; a legal hold by two operators lengthens it, never past \
                             the end of the agreement + one calendar month",
            how_erased: "the month's key is destroyed, sealed bytes and look-up terms deleted, pages zeroed, write-ahead log emptied; header, \
                         commitment and tree stay",
        },
        Kind {
            what: "Cases: household, case workers, state",
            place: "database, sealed under a key of the case's own",
            why: "the case decides who may be asked about",
            how_long: format!("{} days", policy.case_days),
            from_when: "the closing of the case",
            who_may_change: "the operator, for the whole deployment; a legal hold as above",
            how_erased: "the case's key is destroyed, all versions deleted",
        },
        Kind {
            what: "Restrictions: that nobody may ask about a person while a dispute is open",
            place: "database, sealed under a key of its own; named by a keyed term",
            why: "the person's right (GDPR art. 18)",
            how_long: format!("{} days", policy.case_days),
            from_when: "the day it is lifted",
            who_may_change: "the board's administrator places and lifts it",
            how_erased: "as a case; it erases nothing else and holds nothing back: for that a legal hold is placed",
        },
        Kind {
            what: "What answers said of a person's protected identity, and when the person was last found not to be protected",
            place: "database, sealed under the key of the board and month of the record that it was written with; named by a keyed \
                    term",
            why: "who was once said to be protected stays so (adr/0042)",
            how_long: format!("{} whole calendar months, as the log's payloads", policy.log_months),
            from_when: "the end of the calendar month of the newest record that it rests on",
            who_may_change: "as the log's payloads; the board's administrator lifts it",
            how_erased: "with that record",
        },
        Kind {
            what: "Whom the answers about a person name by number, protected or not",
            place: "database, sealed under the key of the board and month of the record that it was written with; named by a keyed \
                    term",
            why: "who is said to be protected, then or later, may live with them (adr/0042, adr/0070)",
            how_long: format!("{} whole calendar months, as the log's payloads", policy.log_months),
            from_when: "the end of the calendar month of that record",
            who_may_change: "as the log's payloads",
            how_erased: "with that record",
        },
        Kind {
            what: "In which cases a person shares a household with somebody protected",
            place: "database, sealed under a key of its own; named by a keyed term",
            why: "a mark in one case holds in the others (adr/0042)",
            how_long: format!("{} days", policy.case_days),
            from_when: "the closing of the last of the cases",
            who_may_change: "as the cases; the board's administrator lifts it",
            how_erased: "as a case; one of several cases takes its own part with it",
        },
        Kind {
            what: "Which cases a person shares with others",
            place: "database, sealed under the case's key; named by a keyed term",
            why: "what is said of one of a household in one case holds for the others in theirs (adr/0042)",
            how_long: format!("{} days", policy.case_days),
            from_when: "the closing of that case",
            who_may_change: "as the cases",
            how_erased: "with that case",
        },
        Kind {
            what: "The board's record, accounts of case workers",
            place: "database, sealed under the board's registry key",
            why: "the agreement; who may ask",
            how_long: "one calendar month at most (31 January → 28 or 29 February)".to_owned(),
            from_when: end,
            who_may_change: "nobody",
            how_erased: "the registry key is destroyed, all versions deleted",
        },
        Kind {
            what: "Everything else of a board: remaining log payloads, cases, look-up keys, certificates' registration",
            place: "as above",
            why: "until the board has taken its log with it",
            how_long: "one calendar month at most; invisible and purged from the start of its last day"
                .to_owned(),
            from_when: end,
            who_may_change: "nobody; not a legal hold either: what is held, the board takes with it",
            how_erased: "every key of the board but two is destroyed: the one that signs checkpoints and the one that \
                         seals receipts of purges; neither opens anything about a person",
        },
        Kind {
            what: "Trees, headers, commitments, checkpoints",
            place: "database, in the clear; no personal data",
            why: "so that receipts and proofs verify for ever, and so that nothing can be removed unseen",
            how_long: "for good".to_owned(),
            from_when: "the record",
            who_may_change: "nobody",
            how_erased: "not erased: a commitment with 256 bits of salt destroyed tells nothing",
        },
        Kind {
            what: "Receipts of purges and the purge ledger",
            place: "the board's log, and a file beside the vault; no personal data of anybody asked about; a legal hold's \
                    two operators",
            why: "proof of erasure; a restored backup is purged again",
            how_long: "for good".to_owned(),
            from_when: "the purge",
            who_may_change: "nobody",
            how_erased: "not erased",
        },
        Kind {
            what: "Assertions that were used (a digest each)",
            place: "database",
            why: "so that each is used once",
            how_long: "until it would be refused anyway, at most 6 minutes".to_owned(),
            from_when: "its issue",
            who_may_change: "nobody",
            how_erased: "deleted with the next commits",
        },
        Kind {
            what: "Event log, metrics, traces",
            place: "wherever the operator sends them; no personal data",
            why: "operation",
            how_long: "the operator's own rule".to_owned(),
            from_when: "the event",
            who_may_change: "the operator",
            how_erased: "by the operator",
        },
    ]
}

/// The document, in Markdown.
pub fn markdown(policy: &Policy) -> String {
    let mut text = String::from(HEAD);
    for kind in kinds(policy) {
        let rows = [
            ("Where", kind.place),
            ("Why kept", kind.why),
            ("How long", kind.how_long.as_str()),
            ("From when", kind.from_when),
            ("Who may change it", kind.who_may_change),
            ("How erased", kind.how_erased),
        ];
        text += &format!("### {}\n\n| | |\n|---|---|\n", kind.what);
        for (name, value) in rows {
            text += &format!("| {name} | {value} |\n");
        }
        text.push('\n');
    }
    text + TAIL
}

const HEAD: &str = "# Data retention\n\n\
Written from `src/purge/table.rs`; a test fails when the two differ (`UPDATE_DOCS=1 cargo test -p ssbtek-purge \
table` writes it anew). Figures are those of the default configuration, `[retention]`.\n\n\
What has expired is invisible at once, by the query itself. Erasure follows with the next sweep, in small transactions, \
and ends with a receipt in the board's own log. Months are calendar months in Europe/Stockholm.\n\n\
## What is kept, and how long\n\n";

const TAIL: &str = "## How a purge runs\n\n\
1. Two clocks must agree: this machine's, and every other that can be asked — the `Date` of a configured HTTP(S) service, \
the time in witnesses' cosignatures, the time as two operators state it. If one differs, ahead or behind, nothing is purged \
and `purge_clocks` is raised.\n\
2. For a whole board: its log takes no more records; with questions under way the purge waits.\n\
3. The purge ledger, a file outside the database, names the keys: all that something stored rests on, whether their files are there or not, and all \
that lie there. From here there is no way back: a file that comes back later is dead (adr/0077).\n\
4. From here on nobody gets the keys; they are overwritten and removed; rows are erased 200 at a time between groups of log entries; free pages are given \
back; the write-ahead log is truncated, and only a checkpoint that no reader blocked counts.\n\
5. What is left under these keys is counted: with a row left nothing is certified. The tree is computed anew from what is stored, in one pass, and \
compared with the one before.\n\
6. The receipt is logged and signed; the ledger keeps a copy that verifies by itself.\n\n\
A purge that is ended anywhere goes on from there at the next start or sweep, and has one receipt. One \
board's fault is told, tried again with every sweep, and ends no other board's purge and no start. At every start the \
ledger is replayed before any door opens: keys that a restored backup brought back are destroyed again before the database is \
opened, rows before a witness is asked whether it is the newest, and a receipt is written only then.\n\n\
## What this does not reach\n\n\
* **Backups of the vault.** A key that was copied elsewhere is not destroyed by destroying it here. Keep the vault out of \
the database's backups, and its own copies no longer than the ledger says.\n\
* **The disk below the file.** A key file is overwritten in place before it is removed. Journals of data, copy-on-write \
file systems and flash translation may keep the old block: put the vault on an encrypted volume of its own.\n\
* **Memory.** Whatever the server frees is overwritten, also by the TLS, HTTP and XML libraries; of a destroyed key nothing is \
left. Two things remain, and a test looks for them in a running server (`tests/promises/memory.rs`): connections that are open \
keep their last messages in their buffers until they are used again or closed, and stacks of threads keep person numbers that \
functions of the last questions had in hand until others overwrite them — numbers only, and no more than a few hundred copies. \
Core dumps and tracing by other processes are turned off at start; swap is the machine's: turn it off or encrypt it.\n\
* **Temporary files.** None: SQLite keeps its own in memory, the database is compacted in place, and nothing else writes \
any.\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_says_what_the_code_does() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/DATA-RETENTION.md");
        let expected = markdown(&Policy::default());
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &expected).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), expected, "write it anew with UPDATE_DOCS=1");
    }
}
