//! The path of one query. Each value proves the step before it; skipping a step does not compile.
//!
//! Knows no wire format. Doors call [`QueryPath::ask`] or [`QueryPath::ask_as_it_comes`], the same path told in one piece or as the
//! agencies answer, or [`QueryPath::ask_household`], the same about everybody in a household; [`QueryPath::take_up`] tells the latter
//! two again. They can encode only what is [`Released`].

mod bounded;
mod first;
mod kept;
mod leaving;
mod parts;
mod path;
mod put;

pub use kept::{KeepLimits, Write};
pub use leaving::{Again, Answer, HouseholdAnswer, PartsAgain, Released, TakingUp};
pub use parts::{Begun, HouseholdBegun, Part, Parts};
pub use path::{Asking, QueryError, QueryPath};
