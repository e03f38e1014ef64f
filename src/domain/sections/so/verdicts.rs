//! The unemployment funds.

use crate::{
    sections::so::{Application, Fund, FundPayment, Section},
    verdict::verdicts,
};

verdicts! {
    TABLE of So;
    Section {
        person: nothing("the number that was asked about"),
        funds: inside(),
    }
    Fund {
        name: text("a fund of the known list is the same all over the country; another name is whatever SO wrote"),
        status: text("a text without a code list"),
        payments: inside(),
        suspensions: nothing("days"),
        application: inside(),
    }
    FundPayment {
        paid_on: nothing("a day"),
        net_after_tax: nothing("what is left after tax: the tax cannot be told without the amount before it, which SO does not give"),
        net_after_deductions: nothing("what is left after deductions too"),
        days: nothing("a number of days"),
        covers: nothing("days"),
    }
    Application {
        right_decided_on: nothing("a day"),
        right_not_told: nothing("whether it is told"),
        claim_submitted: nothing("yes or no"),
    }
}
