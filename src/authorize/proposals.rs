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
}

impl Together {
    /// All of them.
    pub const ALL: [Together; 10] = [
        Together::RegisterBoard,
        Together::ImportBoard,
        Together::RegisterAgent,
        Together::AddAgentCertificate,
        Together::EndBoard,
        Together::SetLogRetention,
        Together::PlaceLegalHold,
        Together::LiftLegalHold,
        Together::RotateLogKey,
        Together::RetireLogKey,
    ];

    /// The name in the record of the proposal, and in that of its confirmation.
    pub fn as_str(self) -> (&'static str, &'static str) {
        match self {
            Together::RegisterBoard => ("propose_register_board", "confirm_register_board"),
            Together::ImportBoard => ("propose_import_board", "confirm_import_board"),
            Together::RegisterAgent => ("propose_register_agent", "confirm_register_agent"),
            Together::AddAgentCertificate => {
                ("propose_add_agent_certificate", "confirm_add_agent_certificate")
            }
            Together::EndBoard => ("propose_end_board", "confirm_end_board"),
            Together::SetLogRetention => ("propose_set_log_retention", "confirm_set_log_retention"),
            Together::PlaceLegalHold => ("propose_place_legal_hold", "confirm_place_legal_hold"),
            Together::LiftLegalHold => ("propose_lift_legal_hold", "confirm_lift_legal_hold"),
            Together::RotateLogKey => ("propose_rotate_log_key", "confirm_rotate_log_key"),
            Together::RetireLogKey => ("propose_retire_log_key", "confirm_retire_log_key"),
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
}

/// Everything proposed and neither confirmed nor lapsed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Proposals {
    pending: Vec<Proposal>,
}

impl Proposals {
    /// Most proposals of one operator that wait at a time; a further one takes the place of that operator's oldest.
    pub const MAX_OF_ONE: usize = 32;

    /// A call by an operator. It confirms the same call by another; else it is, or stays, a proposal for `life_h` hours.
    pub fn call(&mut self, call: Proposal, now: DateTime<Utc>, life_h: u16) -> Proposed {
        self.pending.retain(|known| now < known.until);
        let same = |known: &Proposal| {
            (&known.action, &known.board, &known.call_sha256)
                == (&call.action, &call.board, &call.call_sha256)
        };
        if let Some(at) = self.pending.iter().position(|known| same(known) && known.by != call.by) {
            return Proposed::Confirmed { by: self.pending.remove(at).by };
        }
        if let Some(known) = self.pending.iter().find(|known| same(known)) {
            return Proposed::Waits { until: known.until, is_new: false };
        }
        if self.pending.iter().filter(|known| known.by == call.by).count() >= Self::MAX_OF_ONE {
            let oldest = self.pending.iter().position(|known| known.by == call.by);
            oldest.map(|at| self.pending.remove(at));
        }
        let until = now + TimeDelta::hours(life_h.into());
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
        assert!(
            matches!(known.call(call("x", "b"), now(), 24), Proposed::Waits { is_new: true, .. }),
            "once"
        );
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
