//! The log's store in a PostgreSQL database (15 and later).
//!
//! Rows, transactions, migrations, and nothing of what rows mean: that is `log_store`. SQL types do not leave this room, nor do the
//! server's words: an error can quote a row. A commit is acknowledged only if the server said so in time and without a warning of any
//! kind; of any other the outcome is looked up on a new session, and until it is known nothing is acknowledged.
//!
//! | module | holds |
//! |---|---|
//! | `engine` | the sessions that read, the one that writes, and what becomes of a commit that was not heard of |
//! | `place` | the one process that writes, and its transactions' numbers |
//! | `rows` | rows: each a statement or two |
//! | `connection`, `wait` | one session: bound statements, waited for until a moment of our own |
//! | `connect`, `tls`, `demands` | how a server is reached, and what it must be |
//! | `schema`, `check` | tables by level; what the offline check asks |

mod check;
mod connect;
mod connection;
mod demands;
mod engine;
mod fault;
mod open;
mod place;
mod rows;
mod schema;
mod tls;
mod wait;

pub use check::check;
pub use open::{OpenError, PostgresOptions, engine, look, open};
