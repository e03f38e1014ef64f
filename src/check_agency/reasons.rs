//! Why the connector refused an answer: it says so in an event, by a fixed text, and nowhere else.

use std::sync::{Arc, Mutex, PoisonError};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::layer::{Context, Layer};

/// A layer that collects the reasons of `answer refused` events. Set it up as part of the subscriber before the kit runs;
/// without it a report says only that an answer was refused.
#[derive(Debug, Clone, Default)]
pub struct Reasons(Arc<Mutex<Vec<String>>>);

impl Reasons {
    /// The reasons since the last call, in order.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Default)]
struct Seen {
    refused: bool,
    reason: Option<String>,
}

impl Visit for Seen {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "alarm" => self.refused = value == "answer_refused",
            // `rule`: why a question was not sent.
            "reason" | "rule" => self.reason = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

impl<S: Subscriber> Layer<S> for Reasons {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut seen = Seen::default();
        event.record(&mut seen);
        if let Seen { refused: true, reason: Some(reason) } = seen {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(reason);
        }
    }
}
