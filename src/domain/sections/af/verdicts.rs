//! Arbetsförmedlingen.

use crate::{
    sections::af::{ActivityReport, Decision, Registration, ReportMessage, Section},
    verdict::{Text, verdicts},
};

verdicts! {
    TABLE of Af;
    Section {
        person: nothing("the number that was asked about"),
        given_name: name("what the person is called, perhaps anew"),
        family_name: name("what the person is called, perhaps anew"),
        protected: nothing("the flag itself"),
        registration: inside(),
        decisions: inside(),
        fund_membership: text("AF's own wording; a fund of the known list is the same all over the country"),
        status_code: nothing("how AF's look-up went"),
        status_text: text("AF's own wording"),
    }
    Registration {
        jobseeker: nothing("whether registered"),
        category: text("AF's own wording; there is no code list"),
        registered_on: nothing("a day"),
        extent_percent: nothing("a share of full time"),
        deactivated_on: nothing("a day"),
        activity_report: inside(),
    }
    ActivityReport {
        message: text("a code; outside the known list whatever AF wrote"),
        latest_on: nothing("a day"),
    }
    Decision {
        kind: text("AF's own wording for the kind of compensation"),
        extent_percent: nothing("a share of full time"),
        from: nothing("a day"),
        to: nothing("a day"),
    }
}

impl Text for ReportMessage {
    fn keep(&mut self, known: fn(&str) -> bool) -> bool {
        match self {
            Self::Other(text) => text.keep(known),
            _ => false,
        }
    }
}
