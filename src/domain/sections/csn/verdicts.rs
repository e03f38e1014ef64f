//! CSN. No school and no place of study stands in its answer.

use crate::{
    sections::csn::{
        AmountRow, AppliedTime, Case, CaseStatus, GrantedTime, Mark, PaidTime, PaymentStatus, PlanPayment,
        Section, SupportKinds,
    },
    verdict::{Text, verdicts},
};

verdicts! {
    TABLE of Csn;
    Section {
        person: nothing("the number that was asked about"),
        sekretess: text("the flag itself; outside the published forms whatever CSN wrote"),
        unknown_status: text("CSN's own wording"),
        support_kinds: inside(),
        studiemedel: inside(),
        studiehjalp: inside(),
        hemutrustningslan: inside(),
        studiestartsstod: inside(),
        omstallningsstudiestod: inside(),
    }
    SupportKinds {
        studiemedel: text("a text without published forms"),
        studiehjalp: text("a text without published forms"),
        hemutrustningslan: text("a text without published forms"),
        studiestartsstod: text("a text without published forms"),
        omstallningsstudiestod: text("a text without published forms"),
    }
    Case {
        number: text("a running number"),
        support: text("a published code; another is whatever CSN wrote"),
        label: text("the support in CSN's own words"),
        status: text("a published form; another is whatever CSN wrote"),
        related_case: text("a running number"),
        co_borrower: others("another person's number, never told; that there is one stays"),
        applied: inside(),
        granted: inside(),
        plan: inside(),
    }
    AppliedTime {
        from: nothing("a day"),
        to: nothing("a day"),
        extent: nothing("a share of full time"),
        loan: text("a mark; outside the published forms whatever CSN wrote"),
    }
    GrantedTime {
        span: nothing("weeks"),
        pace: nothing("a share of full time"),
        gr_takt: nothing("a number"),
        amounts: inside(),
        total: nothing("an amount that is not taxed"),
    }
    PlanPayment {
        date: nothing("a day"),
        status: text("a published form; another is whatever CSN wrote"),
        times: inside(),
        total: nothing("what is paid out; not taxed"),
    }
    PaidTime {
        span: nothing("weeks"),
        amounts: inside(),
        total: nothing("an amount that is not taxed"),
    }
    AmountRow {
        kind: text("a published code; another is whatever CSN wrote"),
        label: text("the kind in CSN's own words"),
        amount: nothing("an amount that is not taxed"),
        total: nothing("an amount that is not taxed"),
    }
}

impl Text for Mark {
    fn keep(&mut self, known: fn(&str) -> bool) -> bool {
        match self {
            Self::Unknown(text) => text.keep(known),
            Self::Absent | Self::Blank | Self::Yes => false,
        }
    }
}

impl Text for CaseStatus {
    fn keep(&mut self, known: fn(&str) -> bool) -> bool {
        match self {
            Self::Unknown(text) => text.keep(known),
            Self::Unstated | Self::Initiated | Self::Decided | Self::Closed => false,
        }
    }
}

impl Text for PaymentStatus {
    fn keep(&mut self, known: fn(&str) -> bool) -> bool {
        match self {
            Self::Unknown(text) => text.keep(known),
            Self::Planned | Self::Paid => false,
        }
    }
}
