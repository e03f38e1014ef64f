//! `ssbtek receipt verify`: offline, trusting nothing but the log's public key.

use std::{fs, io::Read, path::Path};

use ssbtek_transparency::{Checkpoint, Hash, NoteVerifier, Receipt, Trust, verify_receipt};

use crate::{
    ClientError, World, arguments::Shared, json, run::Done, settings::Settings, settings::SettingsError,
};

/// Largest file read, in bytes: an answer with its originals.
const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;
/// Longest proof taken, in hashes: a tree cannot be deeper.
const MAX_PROOF_HASHES: usize = 64;

pub(crate) fn verify(
    shared: &Shared,
    file: &Path,
    log_key: Option<&str>,
    world: &mut World<'_>,
) -> Result<Done, ClientError> {
    let receipt = read(file, world)?;
    let checkpoint = match log_key {
        Some(log_key) => holds(&receipt, log_key)?,
        None => holds(&receipt, key_of(&shared.settings(world)?)?)?,
    };
    writeln!(
        world.stdout,
        "the receipt holds: record {} stands in the log {} (checkpoint of {} records, root {})",
        receipt.leaf_index,
        checkpoint.origin,
        checkpoint.size,
        checkpoint.root.to_hex()
    )?;
    Ok(Done::Whole)
}

/// The checkpoint that the receipt leads to, or why it convinces nobody.
pub(crate) fn holds(receipt: &json::Receipt, log_key: &str) -> Result<Checkpoint, ClientError> {
    let invalid = |why| SettingsError::Invalid { key: "log_key", why };
    let key = NoteVerifier::parse(log_key).map_err(|_| invalid("is no verifier key (name+id+key)"))?;
    let origin = key.name().as_str().to_owned();
    let trust = Trust::new(origin, vec![key], vec![], 0).map_err(|_| invalid("is not the key of a log"))?;
    if receipt.inclusion.len() > MAX_PROOF_HASHES {
        return Err(ClientError::Receipt("the proof is too long".to_owned()));
    }
    let hash = |text: &String| {
        Hash::from_hex(text)
            .map_err(|_| ClientError::Receipt("a hash is not 64 hexadecimal digits".to_owned()))
    };
    let receipt = Receipt {
        leaf_hash: hash(&receipt.leaf_hash)?,
        index: receipt.leaf_index,
        proof: receipt.inclusion.iter().map(hash).collect::<Result<_, _>>()?,
        checkpoint: receipt.checkpoint.clone(),
    };
    verify_receipt(&receipt, &trust).map_err(|error| ClientError::Receipt(error.to_string()))
}

fn key_of(settings: &Settings) -> Result<&str, ClientError> {
    settings.log_key().ok_or(ClientError::Usage(
        "the log's public key is not known: give --log-key VKEY, or log_key in the settings",
    ))
}

fn read(file: &Path, world: &mut World<'_>) -> Result<json::Receipt, ClientError> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        (&mut *world.stdin).take(MAX_FILE_BYTES).read_to_string(&mut text)
    } else {
        fs::File::open(file).and_then(|file| file.take(MAX_FILE_BYTES).read_to_string(&mut text))
    };
    read.map_err(|_| ClientError::Usage("the receipt's file cannot be read"))?;
    json::Receipt::find(&text).ok_or(ClientError::Usage(
        "there is no receipt in the file: give what `ssbtek ask --json` printed, or its `receipt`",
    ))
}
