//! The broker's clock where the TLS library wants one.

use std::{sync::Arc, time::Duration};

use rustls::{pki_types::UnixTime, time_provider::TimeProvider};
use ssbtek_domain::{Clock, DateTime, Utc};

/// Lets the TLS library ask the broker's clock.
#[derive(Debug)]
pub(crate) struct ClockForTls(pub(crate) Arc<dyn Clock>);

impl TimeProvider for ClockForTls {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix_time(self.0.now()))
    }
}

/// Whole seconds; times before 1970 count as 1970.
pub(crate) fn unix_time(moment: DateTime<Utc>) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(moment.timestamp()).unwrap_or(0)))
}

/// Seconds since 1970 as a moment; what lies outside the calendar becomes its end.
pub(crate) fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or(if seconds < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}
