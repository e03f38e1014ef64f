//! Who has signed in. In memory: a session ends with the process, and so does what it was about to show.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ssbtek_authorize::{AccountKind, Caller, CertificateCheck, TokenUse};
use ssbtek_domain::{CaseWorkerId, DateTime, Entropy, OrganisationNumber, Utc};
use tokio::sync::Semaphore;

use crate::{cases::OpenCase, forms::Forms, questions::Asked};

/// How many, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct SessionLimits {
    /// How long one lives without a request, in seconds.
    pub idle_s: u32,
    /// How long it lives at all, in seconds.
    pub life_s: u32,
    /// At once.
    pub max: usize,
    /// Of one account; beyond it the oldest ends.
    pub max_per_account: usize,
    /// Questions under way in one.
    pub max_questions: usize,
}

/// Most cases and most answers that one session holds names for; of more, the oldest is forgotten.
const MAX_HELD: usize = 32;

/// An account that has signed in.
pub(crate) struct Session {
    pub(crate) board: OrganisationNumber,
    pub(crate) account: CaseWorkerId,
    /// The sign-in that led to it, as the account has it.
    sign_in: [u8; 32],
    begun: DateTime<Utc>,
    seen: AtomicI64,
    over: AtomicBool,
    limits: SessionLimits,
    pub(crate) forms: Forms,
    pub(crate) questions: Arc<Semaphore>,
    held: Mutex<Held>,
}

/// What addresses of one session mean.
#[derive(Default)]
struct Held {
    cases: VecDeque<(String, Arc<OpenCase>)>,
    answers: VecDeque<(String, Arc<Asked>)>,
}

impl Session {
    /// Who calls, with what is spent by the call.
    pub(crate) fn caller(&self, token: TokenUse) -> Caller {
        Caller {
            board: self.board,
            case_worker: self.account.clone(),
            kind: AccountKind::Person,
            certificate: self.sign_in,
            signed_in: true,
            agent: None,
            processors: Vec::new(),
            token,
            signed_with: None,
        }
    }

    /// Looks whether the session is alive whenever asked: it may end while a question is under way.
    pub(crate) fn check(self: &Arc<Self>) -> CertificateCheck {
        let session = self.clone();
        CertificateCheck::new(move |now| session.is_alive(now))
    }

    /// Nothing is shown in it any more, and what is under way is held back.
    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    /// By the wall clock, which may have been set: the sooner end counts.
    pub(crate) fn is_alive(&self, now: DateTime<Utc>) -> bool {
        let within = |since: i64, most: u32| (now.timestamp() - since).unsigned_abs() < u64::from(most);
        !self.over.load(Ordering::SeqCst)
            && within(self.begun.timestamp(), self.limits.life_s)
            && within(self.seen.load(Ordering::SeqCst), self.limits.idle_s)
    }

    fn touch(&self, now: DateTime<Utc>) {
        self.seen.store(now.timestamp(), Ordering::SeqCst);
    }

    /// Gives a case a name that means something in this session only.
    pub(crate) fn hold_case(&self, case: OpenCase, entropy: &dyn Entropy) -> String {
        let name = drawn(entropy);
        put(&mut self.held().cases, name.clone(), Arc::new(case));
        name
    }

    pub(crate) fn case(&self, name: &str) -> Option<Arc<OpenCase>> {
        found(&self.held().cases, name)
    }

    /// Every case that this session holds, newest first.
    pub(crate) fn cases(&self) -> Vec<(String, Arc<OpenCase>)> {
        self.held().cases.iter().rev().cloned().collect()
    }

    /// Gives an answer a name.
    pub(crate) fn hold_answer(&self, asked: Asked, entropy: &dyn Entropy) -> String {
        let name = drawn(entropy);
        put(&mut self.held().answers, name.clone(), Arc::new(asked));
        name
    }

    pub(crate) fn answer(&self, name: &str) -> Option<Arc<Asked>> {
        found(&self.held().answers, name)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn put<T>(held: &mut VecDeque<(String, T)>, name: String, value: T) {
    if held.len() == MAX_HELD {
        held.pop_front();
    }
    held.push_back((name, value));
}

fn found<T: Clone>(held: &VecDeque<(String, T)>, name: &str) -> Option<T> {
    held.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
}

/// 128 random bits, in letters and digits.
pub(crate) fn drawn(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All of them, by the hash of their secrets.
pub(crate) struct Sessions {
    limits: SessionLimits,
    all: Mutex<HashMap<[u8; 32], Arc<Session>>>,
}

/// Nobody more can sign in now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Sessions {
    pub(crate) fn new(limits: SessionLimits) -> Self {
        Self { limits, all: Mutex::default() }
    }

    /// Begins a session, and returns its secret, which is kept nowhere.
    pub(crate) fn begin(
        &self,
        (board, account, sign_in): (OrganisationNumber, CaseWorkerId, [u8; 32]),
        entropy: &dyn Entropy,
        now: DateTime<Utc>,
    ) -> Result<String, Full> {
        let mut secret = zeroize::Zeroizing::new([0; 32]);
        entropy.fill(&mut *secret);
        let secret = URL_SAFE_NO_PAD.encode(*secret);
        let session = Session {
            board,
            account,
            sign_in,
            begun: now,
            seen: AtomicI64::new(now.timestamp()),
            over: AtomicBool::new(false),
            limits: self.limits,
            forms: Forms::new(entropy),
            questions: Arc::new(Semaphore::new(self.limits.max_questions)),
            held: Mutex::default(),
        };
        let mut all = self.all();
        all.retain(|_, session| session.is_alive(now));
        loop {
            let own =
                all.iter().filter(|(_, one)| (one.board, &one.account) == (session.board, &session.account));
            if own.clone().count() < self.limits.max_per_account {
                break;
            }
            let Some(oldest) = own.min_by_key(|(_, one)| one.begun).map(|(hash, _)| *hash) else { break };
            if let Some(oldest) = all.remove(&oldest) {
                oldest.end();
            }
        }
        if all.len() >= self.limits.max {
            return Err(Full);
        }
        all.insert(hash(&secret), Arc::new(session));
        Ok(secret)
    }

    /// The living session with this secret. That it was asked for keeps it alive.
    pub(crate) fn of(&self, secret: &str, now: DateTime<Utc>) -> Option<Arc<Session>> {
        let hash = hash(secret);
        let mut all = self.all();
        let session = all.get(&hash)?.clone();
        if !session.is_alive(now) {
            all.remove(&hash);
            return None;
        }
        session.touch(now);
        Some(session)
    }

    /// Lets go of those that have ended.
    pub(crate) fn sweep(&self, now: DateTime<Utc>) {
        self.all().retain(|_, session| session.is_alive(now));
    }

    /// Ends the session with this secret.
    pub(crate) fn end(&self, secret: &str) {
        if let Some(session) = self.all().remove(&hash(secret)) {
            session.end();
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<[u8; 32], Arc<Session>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(secret: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, secret.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use ssbtek_domain::SystemEntropy;

    use super::*;

    const LIMITS: SessionLimits =
        SessionLimits { idle_s: 600, life_s: 3_600, max: 3, max_per_account: 2, max_questions: 2 };

    fn who(account: &str) -> (OrganisationNumber, CaseWorkerId, [u8; 32]) {
        (OrganisationNumber::parse("162120009994").unwrap(), CaseWorkerId::parse(account).unwrap(), [7; 32])
    }

    fn start() -> DateTime<Utc> {
        "2026-11-22T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_session_ends_when_idle_when_old_when_ended_and_when_the_clock_is_set_back() {
        let sessions = Sessions::new(LIMITS);
        let at = |minutes| start() + TimeDelta::minutes(minutes);
        let begin = || sessions.begin(who("anna"), &SystemEntropy, start()).unwrap();
        let idle = begin();
        assert!(sessions.of(&idle, at(9)).is_some());
        assert!(sessions.of(&idle, at(18)).is_some(), "a request keeps it alive");
        assert!(sessions.of(&idle, at(28)).is_none(), "ten minutes without one");
        let old = begin();
        assert!((1..=6).all(|n| sessions.of(&old, at(n * 9)).is_some()));
        assert!(sessions.of(&old, at(60)).is_none(), "an hour old");
        let ended = begin();
        let session = sessions.of(&ended, at(1)).unwrap();
        sessions.end(&ended);
        assert!(sessions.of(&ended, at(1)).is_none() && !session.is_alive(at(1)));
        let back = begin();
        assert!(sessions.of(&back, at(-10)).is_none(), "the clock was set back");
        begin();
        assert_eq!(sessions.all().len(), 1);
        sessions.sweep(at(60));
        assert!(sessions.all().is_empty(), "nothing is held of what is over");
    }

    #[test]
    fn sessions_are_bounded_and_an_accounts_own_oldest_makes_room() {
        let sessions = Sessions::new(LIMITS);
        let begin = |account: &str, s: i64| {
            sessions.begin(who(account), &SystemEntropy, start() + TimeDelta::seconds(s))
        };
        let (first, second) = (begin("anna", 0).unwrap(), begin("anna", 1).unwrap());
        let third = begin("anna", 2).unwrap();
        let now = start() + TimeDelta::seconds(3);
        assert!(sessions.of(&first, now).is_none() && sessions.of(&second, now).is_some());
        assert!(sessions.of(&third, now).is_some());
        begin("berit", 3).unwrap();
        assert_eq!(begin("cecilia", 4), Err(Full), "nobody else's makes room");
        assert!(begin("anna", 5).is_ok(), "one's own does");
    }

    #[test]
    fn what_a_name_means_is_one_sessions_own_and_the_oldest_are_forgotten() {
        let sessions = Sessions::new(LIMITS);
        let secret = sessions.begin(who("anna"), &SystemEntropy, start()).unwrap();
        let session = sessions.of(&secret, start()).unwrap();
        let case = || OpenCase::new(ssbtek_domain::CaseId::parse("EB-1").unwrap());
        let first = session.hold_case(case(), &SystemEntropy);
        assert!(session.case(&first).is_some());
        for _ in 0..MAX_HELD {
            session.hold_case(case(), &SystemEntropy);
        }
        assert!(session.case(&first).is_none());
        let other = sessions.begin(who("berit"), &SystemEntropy, start()).unwrap();
        let other = sessions.of(&other, start()).unwrap();
        let newest = session.cases().remove(0).0;
        assert!(session.case(&newest).is_some() && other.case(&newest).is_none());
    }
}
