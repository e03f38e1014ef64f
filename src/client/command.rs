//! One file per command: arguments in, calls made, output written.

pub(crate) mod agreement;
pub(crate) mod ask;
pub(crate) mod case;
pub(crate) mod case_worker;
pub(crate) mod log_delay;
pub(crate) mod log_export;
pub(crate) mod log_list;
pub(crate) mod log_report;
pub(crate) mod log_review;
pub(crate) mod log_show;
pub(crate) mod log_verify;
pub(crate) mod portals;
pub(crate) mod receipt;
