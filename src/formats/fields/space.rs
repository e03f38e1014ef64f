//! Namespaces of whatever version.

/// A namespace of whatever version: `*` stands for a version (`2`, `4.0`), a second one at the end for anything.
#[derive(Clone, Copy)]
pub(crate) struct Space(pub(crate) &'static str);

impl Space {
    /// Any.
    pub(crate) const ANY: Space = Space("*");

    /// Whether `namespace` is one of these.
    pub(crate) fn holds(self, namespace: Option<&str>) -> bool {
        if self.0 == Self::ANY.0 {
            return true;
        }
        let namespace = namespace.unwrap_or_default();
        let Some((head, tail)) = self.0.split_once('*') else { return namespace == self.0 };
        let Some(rest) = namespace.strip_prefix(head) else { return false };
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '_'));
        after.len() < rest.len()
            && match tail.strip_suffix('*') {
                Some(before) => after.starts_with(before),
                None => after == tail,
            }
    }
}
