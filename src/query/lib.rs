//! The path of one query. Each value proves the step before it; skipping a step does not compile.
//!
//! Knows no wire format. Doors call [`QueryPath::ask`] and can encode only a [`Released`].

mod bounded;
mod path;
mod released;

pub use path::{QueryError, QueryPath};
pub use released::Released;
