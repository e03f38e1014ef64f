//! The pages' door: HTML over HTTP/1.1 for people of a board who have signed in.
//!
//! Asks by the same path as every other door ([`ssbtek_query::QueryPath`]), and shows what [`ssbtek_present`] makes of the contract's answer.
//! Must never decide who may ask, keep an answer, put a person's number, a name or a case in an address, need a script, or ask
//! anybody but the OpenID provider for anything.
//!
//! | module | holds |
//! |---|---|
//! | `door` | connections and their bounds |
//! | `rows` | the table of every page and form: who, what it spends, what it records |
//! | `site`, `act` | one request, by its row |
//! | `sessions`, `forms` | who has signed in; forms that can be sent once |
//! | `sign_in`, `openid` | signing in with OpenID Connect |
//! | `cases`, `questions`, `stream` | a case, a question in it, its answer as it comes |
//! | `pages`, `texts` | what it looks like, and every word in both languages |

mod act;
mod cases;
mod cookies;
mod door;
mod form;
mod forms;
mod openid;
mod pages;
mod questions;
mod receipt;
mod refused;
mod reply;
pub mod rows;
mod sessions;
mod sign_in;
mod site;
mod stream;
mod texts;

pub use door::{Door, DoorLimits};
pub use openid::{OpenIdProvider, OpenIdSettings};
pub use reply::Body;
pub use sessions::SessionLimits;
pub use site::{LogKeys, Site, SiteLimits, SiteParts};
