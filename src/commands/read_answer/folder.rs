//! Stored answers: one file, or all that lie in a folder.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use ssbtek_domain::{Agency, Source, sections::skv::Part};

/// One stored answer.
pub(super) struct StoredAnswer {
    /// Its name, where there may be several.
    pub(super) name: Option<String>,
    /// Its bytes; `None` where there are more than allowed.
    pub(super) body: Option<Vec<u8>>,
}

/// The answers of `source` at `path`, in the order of their names; of each at most `limit_bytes`.
pub(super) fn answers(path: &Path, source: &Source, limit_bytes: usize) -> Result<Vec<StoredAnswer>> {
    if !path.is_dir() {
        return Ok(vec![StoredAnswer { name: None, body: bytes(path, limit_bytes)? }]);
    }
    if let Some(whole) = of_parts(path, source, limit_bytes)? {
        return Ok(vec![whole]);
    }
    let mut all = listed(path)?;
    let code = source.code().to_lowercase();
    let is_its = |path: &PathBuf| name(path).to_lowercase().starts_with(&code);
    if all.iter().any(is_its) {
        all.retain(is_its);
    }
    let mut found = vec![];
    for path in all {
        if path.is_dir() {
            found.extend(of_parts(&path, source, limit_bytes)?);
        } else {
            found.push(StoredAnswer { name: Some(name(&path)), body: bytes(&path, limit_bytes)? });
        }
    }
    if found.is_empty() {
        bail!("{}: no answer lies there", path.display());
    }
    Ok(found)
}

/// Skatteverket's documents in a folder, by the names of their parts, as one answer of v11's; `None` where there are none.
fn of_parts(folder: &Path, source: &Source, limit_bytes: usize) -> Result<Option<StoredAnswer>> {
    if *source != Source::Agency(Agency::Skv) {
        return Ok(None);
    }
    let mut parts = Map::new();
    for part in Part::ALL {
        let path = folder.join(format!("{}.json", part.name()));
        if path.is_file() {
            let Some(document) = bytes(&path, limit_bytes)? else {
                return Ok(Some(StoredAnswer { name: Some(name(folder)), body: None }));
            };
            parts.insert(part.name().to_owned(), json!({"data": STANDARD.encode(document)}));
        }
    }
    let body = Some(Value::Object(parts.clone()).to_string().into_bytes());
    Ok((!parts.is_empty()).then(|| StoredAnswer {
        name: Some(name(folder)),
        body: body.filter(|body| body.len() <= limit_bytes),
    }))
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut all = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    all.retain(|path| !name(path).starts_with('.'));
    all.sort();
    Ok(all)
}

fn bytes(path: &Path, limit_bytes: usize) -> Result<Option<Vec<u8>>> {
    let mut body = vec![];
    File::open(path)
        .and_then(|file| file.take(limit_bytes as u64 + 1).read_to_end(&mut body))
        .with_context(|| format!("{} cannot be read", path.display()))?;
    Ok((body.len() <= limit_bytes).then_some(body))
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT_BYTES: usize = 1 << 20;

    fn of(agency: Agency, folder: &str) -> Vec<(Option<String>, Option<Vec<u8>>)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings").join(folder);
        let found = answers(&folder, &Source::Agency(agency), LIMIT_BYTES).unwrap();
        found.into_iter().map(|answer| (answer.name, answer.body)).collect()
    }

    #[test]
    fn a_folder_of_recordings_holds_each_agencys_answers_in_both_versions() {
        for folder in ["", "newly-arrived", "parent"] {
            for agency in Agency::ALL {
                let found = of(agency, folder);
                assert!(!found.is_empty(), "{folder} {}", agency.code());
                for (name, body) in &found {
                    let name = name.as_deref().unwrap();
                    assert!(name.starts_with(&agency.code().to_lowercase()), "{folder} {name}");
                    assert!(body.as_ref().is_some_and(|body| !body.is_empty()), "{folder} {name}");
                }
            }
            let names: Vec<Option<String>> =
                of(Agency::Skv, folder).into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, [Some("skv-v10.xml".to_owned()), Some("skv-v11".to_owned())], "{folder}");
        }
        assert_eq!(of(Agency::Skv, "skv-v11").len(), 1, "the documents are one answer's");
        let whole: Value = serde_json::from_slice(of(Agency::Skv, "skv-v11")[0].1.as_ref().unwrap()).unwrap();
        assert_eq!(whole.as_object().unwrap().len(), 4);
    }

    #[test]
    fn a_file_is_itself_and_an_empty_folder_is_said_to_be() {
        assert_eq!(of(Agency::Af, "af.xml")[0].0, None);
        let nowhere = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/README.md");
        let source = Source::Agency(Agency::Af);
        assert!(answers(&nowhere, &source, 10).unwrap()[0].body.is_none(), "longer than allowed");
        assert!(answers(Path::new("/nowhere"), &source, 10).is_err());
    }
}
