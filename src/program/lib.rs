//! What the product's programs do alike: results and errors are told one way, memory is kept to the process, a request to end is
//! waited for, and one program finds another that stands beside it.
//!
//! Must never know what a program is for.

use std::{pin::Pin, process::ExitCode};

mod beside;
mod ended;
pub mod memory;
pub mod output;

pub use beside::become_the_one_beside;
pub use ended::terminated;

/// All that a program does. In a box, because the runtime has several ways to run a future and each of them would be a copy of the
/// whole program to build.
pub type Work = Pin<Box<dyn Future<Output = ExitCode>>>;
