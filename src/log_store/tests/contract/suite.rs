//! The contract, whatever the engine: what the engine itself promises, and what a store over it promises behind its ports.
//! docs/STORES.md lists these promises; a new engine runs this list.

mod engine;
mod faults;
mod promises;
mod world;

use std::{path::PathBuf, sync::Arc};

use chrono::TimeDelta;
use ssbtek_domain::OrganisationNumber;
use ssbtek_log_store::engine::Engine;

/// Where an engine keeps its rows.
pub(crate) trait Place {
    /// Opens it, again if it was open before: by then nobody has it any more.
    fn open(&self) -> Arc<dyn Engine>;

    /// The directory of the keys that belong to them.
    fn keys(&self) -> PathBuf;

    /// Time passes for leases, where they run by a clock of the engine's own.
    fn pass(&self, _time: TimeDelta) {}
}

pub(crate) type Promise = fn(&dyn Place);

/// What an engine promises, tried over its port alone.
pub(crate) const OF_ENGINES: &[(&str, Promise)] = &[
    ("What was committed is there when it is opened again.", engine::committed),
    (
        "What did not end well is not there at all: neither what `change` gave up, nor what the engine refused.",
        engine::rolled_back,
    ),
    ("A read is of one moment, whatever is committed meanwhile.", engine::one_moment),
    ("A board's tree is begun once, and trees keep their order.", engine::trees),
    ("Leaves and nodes come in order, of their tree and range alone.", engine::leaves),
    ("A term leads from new to old, before an index, and once.", engine::terms_lead),
    ("Terms of a month go in bounded turns, and no others.", engine::terms_go),
    (
        "What a key seals is counted, and destroyed in bounded turns; the rest of a leaf stays.",
        engine::sealed,
    ),
    ("An entry is open until it is ended.", engine::open_entries),
    ("A version of a document is never replaced.", engine::documents_once),
    ("Documents come by key, name and number, and go one by one or all.", engine::documents_in_order),
    ("Spent tokens come in order and are forgotten from the oldest on.", engine::tokens),
    ("What has a name has one value, the last.", engine::values),
    ("Where times run backwards comes by tree and leaf, and is confirmed all at once.", engine::steps_back),
];

/// What a store over it promises behind its ports.
pub(crate) const OF_STORES: &[(&str, Promise)] = &[
    (
        "What was answered is there after a start, in its order, under a receipt that verifies.",
        promises::answered_is_there,
    ),
    ("Of appends that become durable together each is judged alone.", promises::judged_alone),
    (
        "Of records that are made together all are there, next to each other, or none is.",
        promises::all_or_none,
    ),
    (
        "What one board's key keeps from being signed is that board's alone, also at a start.",
        promises::signed_alone,
    ),
    (
        "Of two changes of one version, of what was rested on or of terms, one is made.",
        promises::one_of_two_changes,
    ),
    ("What must still hold is looked at in the transaction.", promises::rechecked),
    ("A token is spent once, also over a start.", promises::spent_once),
    ("An entry is open until it ends, also over a start, and ends once.", promises::ended_once),
    ("What has expired by its date is shown to nobody, erased or not.", promises::visible_by_date),
    (
        "With its key destroyed nothing opens; its rows are counted and go in bounded batches; trees and proofs stay.",
        promises::erased,
    ),
    ("A purge begins by the terms that it was planned by, with no question under way.", promises::settled),
    ("Every size has its root, every leaf its proof, every two sizes theirs.", promises::proven),
    ("Keys change: two sign, then the later one, and all stay listed.", promises::keys_change),
    ("Cosigned checkpoints are kept, bounded, the newest always.", promises::kept_checkpoints),
    ("A mark never goes back, also over a start.", promises::marks),
    ("A lease has one holder at a time, ends by the clock, and its fence only goes up.", promises::leases),
    ("What is done under a lease is refused once another has taken it.", promises::fenced),
    ("A start ends leases of who is gone, and no fence begins anew.", promises::leases_after_a_start),
    (
        "An engine that is busy or full is refused for now, and nothing of it is there.",
        faults::refuses_for_now,
    ),
    ("After any other fault of a change nothing more is taken, until the next process.", faults::stops),
    ("A read that fails says what it is, and fails alone.", faults::reads_fail_alone),
    ("Somebody outside can end it, with proof.", faults::stops_when_told),
];

/// Tries all of them, each in a place of its own.
pub(crate) fn keep<P: Place>(new: impl Fn() -> P) {
    let all = OF_ENGINES.iter().chain(OF_STORES);
    let broken = all.filter(|(_, promise)| {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| promise(&new()))).is_err()
    });
    assert_eq!(broken.map(|(name, _)| *name).collect::<Vec<_>>(), Vec::<&str>::new());
}

pub(crate) fn board(n: usize) -> OrganisationNumber {
    OrganisationNumber::parse(["162120009994", "162120008988", "162120000142"][n]).unwrap()
}
