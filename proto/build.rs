//! Compiles the contracts with protox, so that no protoc is needed on the machine.

use std::{env, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let mut files = Vec::new();
    for package in ["ssbtek/agency/v1", "ssbtek/broker/v1"] {
        println!("cargo:rerun-if-changed={}", root.join(package).display());
        for entry in fs::read_dir(root.join(package))? {
            files.push(entry?.path());
        }
    }
    files.sort();
    let descriptors = protox::compile(&files, [&root])?;
    let out = PathBuf::from(env::var("OUT_DIR")?).join("descriptors.bin");
    fs::write(out, prost::Message::encode_to_vec(&descriptors))?;
    tonic_prost_build::configure().bytes(".ssbtek.agency.v1.Original").compile_fds(descriptors)?;
    Ok(())
}
