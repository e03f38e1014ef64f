//! What two operators do together: one proposes, another confirms by making the very same call. Nobody is both.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ssbtek_domain::{DateTime, OrganisationNumber, Utc};

/// What no operator does alone: what could lead to an answer, to a readable record, or to a loss that cannot be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Together {
    /// A board's first certificate, key and administrator.
    RegisterBoard,
    /// The same, from a file.
    ImportBoard,
    /// An agent's first certificate.
    RegisterAgent,
    /// A further certificate of an agent.
    AddAgentCertificate,
    /// The certificate of an agency's contact.
    RegisterAgencyContact,
    /// From a board's end the time runs within which everything is erased.
    EndBoard,
    /// How long a board's log is kept.
    SetLogRetention,
    /// A legal hold.
    PlaceLegalHold,
    /// Its end.
    LiftLegalHold,
    /// A further key that signs a board's log.
    RotateLogKey,
    /// The end of one.
    RetireLogKey,
    /// A purge by no clock but this machine's and their own.
    RunPurge,
}

impl Together {
    /// The name in the record of the proposal. What two have confirmed is recorded where it is done, by both.
    pub fn as_str(self) -> &'static str {
        match self {
            Together::RegisterBoard => "propose_register_board",
            Together::ImportBoard => "propose_import_board",
            Together::RegisterAgent => "propose_register_agent",
            Together::AddAgentCertificate => "propose_add_agent_certificate",
            Together::RegisterAgencyContact => "propose_register_agency_contact",
            Together::EndBoard => "propose_end_board",
            Together::SetLogRetention => "propose_set_log_retention",
            Together::PlaceLegalHold => "propose_place_legal_hold",
            Together::LiftLegalHold => "propose_lift_legal_hold",
            Together::RotateLogKey => "propose_rotate_log_key",
            Together::RetireLogKey => "propose_retire_log_key",
            Together::RunPurge => "propose_run_purge",
        }
    }
}

/// A call that one operator has made and another must make too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// What is to be done, by the name of the proposal's record.
    pub action: String,
    /// The board concerned, where it is registered.
    pub board: Option<OrganisationNumber>,
    /// SHA-256 of the whole call, hexadecimal: whoever confirms confirms exactly this.
    pub call_sha256: String,
    /// SHA-256 of what it would change, as it stood, hexadecimal: once that has changed, the proposal is void. Empty, and so
    /// void, of proposals from before there was one.
    #[serde(default)]
    pub basis_sha256: String,
    /// SHA-256 of the proposer's certificate, hexadecimal.
    pub by: String,
    /// When it lapses.
    pub until: DateTime<Utc>,
}

/// What a call by an operator came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposed {
    /// Nothing is done yet: another operator must make the same call before this moment.
    Waits {
        /// When the proposal lapses.
        until: DateTime<Utc>,
        /// Whether it is new; else it stands as it did.
        is_new: bool,
    },
    /// Another operator had proposed it: by whose certificate.
    Confirmed {
        /// SHA-256 of the proposer's certificate, hexadecimal.
        by: String,
    },
    /// The same operator has confirmed the same call lately: it is done, and not proposed anew.
    DoneAlready {
        /// Until when this operator cannot propose it; another can.
        until: DateTime<Utc>,
    },
}

impl Proposal {
    fn is_same_call(&self, other: &Proposal) -> bool {
        (&self.action, &self.board, &self.call_sha256) == (&other.action, &other.board, &other.call_sha256)
    }
}

/// Everything proposed and neither confirmed nor lapsed, and what was confirmed lately.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Proposals {
    pending: Vec<Proposal>,
    /// Calls that were confirmed, by whom, until the proposals would have lapsed.
    confirmed: Vec<Proposal>,
}

impl Proposals {
    /// Most proposals of one operator that wait at a time; a further one takes the place of that operator's oldest.
    pub const MAX_OF_ONE: usize = 32;
    /// Most confirmed calls that are remembered; a further one takes the place of the oldest.
    pub const MAX_CONFIRMED: usize = 256;

    /// A call by an operator. It confirms the same call by another, if what it would change is as it was; else it is, or stays,
    /// a proposal for `life_h` hours. Who has confirmed a call does not propose it within that time: a call that was merely
    /// sent twice would wait for one other operator to repeat, alone, what two have done.
    pub fn call(&mut self, call: Proposal, now: DateTime<Utc>, life_h: u16) -> Proposed {
        let same = |known: &Proposal| known.is_same_call(&call);
        let is_void = |known: &Proposal| same(known) && known.basis_sha256 != call.basis_sha256;
        self.pending.retain(|known| now < known.until && !is_void(known));
        self.confirmed.retain(|known| now < known.until);
        let until = now + TimeDelta::hours(life_h.into());
        if let Some(at) = self.pending.iter().position(|known| same(known) && known.by != call.by) {
            let by = self.pending.remove(at).by;
            // What others have proposed besides, and this operator, was the same thing: it is done.
            self.pending.retain(|known| !same(known));
            self.confirmed.retain(|known| !(same(known) && known.by == call.by));
            if self.confirmed.len() >= Self::MAX_CONFIRMED {
                self.confirmed.remove(0);
            }
            self.confirmed.push(Proposal { until, ..call });
            return Proposed::Confirmed { by };
        }
        if let Some(done) = self.confirmed.iter().find(|known| same(known) && known.by == call.by) {
            return Proposed::DoneAlready { until: done.until };
        }
        if let Some(known) = self.pending.iter().find(|known| same(known)) {
            return Proposed::Waits { until: known.until, is_new: false };
        }
        if self.pending.iter().filter(|known| known.by == call.by).count() >= Self::MAX_OF_ONE {
            let oldest = self.pending.iter().position(|known| known.by == call.by);
            oldest.map(|at| self.pending.remove(at));
        }
        self.pending.push(Proposal { until, ..call });
        Proposed::Waits { until, is_new: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(what: &str, by: &str) -> Proposal {
        Proposal {
            action: "propose_rotate_log_key".into(),
            board: None,
            call_sha256: what.into(),
            basis_sha256: "as it was".into(),
            by: by.into(),
            until: now(),
        }
    }

    fn now() -> DateTime<Utc> {
        "2026-11-22T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn nobody_confirms_a_proposal_of_ones_own_and_nobody_another_call() {
        let mut known = Proposals::default();
        for (what, by) in [("x", "a"), ("x", "a"), ("y", "b"), ("y", "b")] {
            assert!(matches!(known.call(call(what, by), now(), 24), Proposed::Waits { .. }), "{what} {by}");
        }
        assert_eq!(known.call(call("x", "b"), now(), 24), Proposed::Confirmed { by: "a".into() });
        let until = now() + TimeDelta::hours(24);
        assert_eq!(known.call(call("x", "b"), now(), 24), Proposed::DoneAlready { until }, "once");
        assert!(matches!(known.call(call("x", "c"), now(), 24), Proposed::Waits { is_new: true, .. }));
        assert_eq!(known.call(call("x", "b"), now(), 24), Proposed::Confirmed { by: "c".into() });
        assert!(matches!(known.call(call("x", "b"), until, 24), Proposed::Waits { is_new: true, .. }));
    }

    #[test]
    fn a_proposal_is_void_once_what_it_would_change_is_another() {
        let mut known = Proposals::default();
        known.call(call("x", "a"), now(), 24);
        let changed = |by| Proposal { basis_sha256: "as it is now".into(), ..call("x", by) };
        assert!(matches!(known.call(changed("b"), now(), 24), Proposed::Waits { is_new: true, .. }));
        assert_eq!(known.pending.len(), 1, "the void one is gone");
        assert_eq!(known.call(changed("a"), now(), 24), Proposed::Confirmed { by: "b".into() });
        // From before there was a basis.
        let old = r#"{"pending":[{"action":"propose_rotate_log_key","board":null,"call_sha256":"x","by":"a",
            "until":"2026-11-23T10:00:00Z"}]}"#;
        let mut old: Proposals = serde_json::from_str(old).unwrap();
        assert!(matches!(old.call(call("x", "b"), now(), 24), Proposed::Waits { is_new: true, .. }));
    }

    #[test]
    fn a_proposal_lapses_and_one_operator_cannot_crowd_out_another() {
        let mut known = Proposals::default();
        known.call(call("x", "a"), now(), 24);
        for at in 0..100 {
            known.call(call(&at.to_string(), "b"), now(), 24);
        }
        let mut later = known.clone();
        assert!(matches!(known.call(call("x", "c"), now(), 24), Proposed::Confirmed { .. }));
        let tomorrow = now() + TimeDelta::hours(24);
        assert!(matches!(later.call(call("x", "c"), tomorrow, 24), Proposed::Waits { .. }));
        assert_eq!(later.pending.len(), 1);
    }
}
