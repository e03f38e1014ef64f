//! The product's programs stand beside each other.

use std::{ffi::OsString, os::unix::process::CommandExt, process::Command};

use anyhow::{Context, Error, Result};

/// Becomes the program of this name that stands beside this one, with these words. Comes back only if it cannot.
pub fn become_the_one_beside(name: &str, words: &[OsString]) -> Error {
    let replaced = || -> Result<Error> {
        let own = std::env::current_exe().context("where this program stands cannot be told")?;
        Ok(Command::new(own.with_file_name(name)).args(words).exec().into())
    };
    replaced()
        .unwrap_or_else(|error| error)
        .context(format!("{name}, which does this, is not beside this program"))
}
