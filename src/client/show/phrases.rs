//! Small pieces of text.

pub(super) use ssbtek_present::writing::{moment, period};

/// `1 fund`, `24 funds`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
