use super::*;

// The example of the Go implementation of signed notes (golang.org/x/mod/sumdb/note): Ed25519 is deterministic, so whoever
// implements the format produces these bytes.
const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const LINE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

fn name(text: &str) -> KeyName {
    KeyName::parse(text).unwrap()
}

fn published_note() -> SignedNote {
    SignedNote::parse(&format!("{TEXT}\n{LINE}")).unwrap()
}

#[test]
fn the_published_note_is_reproduced_and_verified_byte_for_byte() {
    use base64::Engine as _;
    let seed = base64::engine::general_purpose::STANDARD.decode(SEED).unwrap();
    let signer = NoteSigner::from_seed(name("PeterNeumann"), seed[1..].try_into().unwrap()).unwrap();
    assert_eq!(signer.verifier().vkey(), VKEY);
    let note = SignedNote::new(TEXT.to_owned(), vec![signer.sign(TEXT).unwrap()]).unwrap();
    assert_eq!(note.encode(), format!("{TEXT}\n{LINE}"));
    assert_eq!(note, published_note());
    let key = NoteVerifier::parse(VKEY).unwrap();
    assert_eq!(note.verify([&key]).unwrap().len(), 1);
}

#[test]
fn every_single_bit_flip_in_a_note_is_refused() {
    let key = NoteVerifier::parse(VKEY).unwrap();
    let bytes = published_note().encode().into_bytes();
    for place in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[place / 8] ^= 1 << (place % 8);
        let verified = std::str::from_utf8(&flipped)
            .ok()
            .and_then(|text| SignedNote::parse(text).ok())
            .and_then(|note| note.verify([&key]).map(|verified| verified.len()).ok());
        assert_eq!(verified, None, "bit {place}");
    }
}

#[test]
fn a_mangled_verifier_key_is_refused() {
    for start in 0..VKEY.len() {
        assert!(NoteVerifier::parse(&VKEY[start + 1..]).is_err());
        assert!(NoteVerifier::parse(&VKEY[..start]).is_err());
    }
    assert_eq!(NoteVerifier::parse(&VKEY.replace("c74f20a3", "C74F20A3")), Err(KeyError::Id));
    assert_eq!(NoteVerifier::parse(&VKEY.replace("+ARpc", "+Ahpc")), Err(KeyError::Type));
    assert_eq!(NoteVerifier::parse("a b+00000000+AA=="), Err(KeyError::Type));
    assert_eq!(KeyName::parse("a\u{a0}b"), Err(KeyError::Name));
    assert_eq!(KeyName::parse("a+b"), Err(KeyError::Name));
    assert_eq!(KeyName::parse(""), Err(KeyError::Name));
}

#[test]
fn lines_by_unknown_keys_are_ignored_and_a_false_line_by_a_known_key_refuses_the_note() {
    let ours = NoteSigner::from_seed(name("log.example"), &[1; 32]).unwrap();
    let next = NoteSigner::from_seed(name("log.example"), &[2; 32]).unwrap();
    let stranger = NoteSigner::from_seed(name("stranger.example"), &[3; 32]).unwrap();
    let text = "text\n".to_owned();
    let lines = vec![stranger.sign(&text).unwrap(), ours.sign(&text).unwrap(), next.sign(&text).unwrap()];
    let note = SignedNote::new(text.clone(), lines).unwrap();

    // Rotation: whoever knows either key believes the note; whoever knows both sees both.
    assert_eq!(note.verify([ours.verifier()]).unwrap().len(), 1);
    assert_eq!(note.verify([next.verifier()]).unwrap().len(), 1);
    assert_eq!(note.verify([ours.verifier(), next.verifier()]).unwrap().len(), 2);
    let unknown = NoteSigner::from_seed(name("unknown.example"), &[1; 32]).unwrap();
    assert_eq!(note.verify([unknown.verifier()]), Err(NoteError::Unknown));

    let mut false_line = stranger.sign(&text).unwrap();
    false_line.name = ours.verifier().name().clone();
    false_line.key_id = ours.verifier().id();
    let note = SignedNote::new(text, vec![false_line, next.sign("text\n").unwrap()]).unwrap();
    assert_eq!(note.verify([ours.verifier(), next.verifier()]), Err(NoteError::BadSignature));
}

#[test]
fn a_cosignature_holds_for_its_time_and_text_only() {
    let witness = CosignatureSigner::from_seed(name("witness.example/w1"), &[4; 32]).unwrap();
    let key = NoteVerifier::parse(&witness.verifier().vkey()).unwrap();
    assert_eq!(key.kind(), KeyKind::CosignatureV1);
    let text = "origin\n1\nAAAA\n";
    let line = witness.cosign(text, 1_679_315_147).unwrap();
    let note = SignedNote::new(text.to_owned(), vec![line.clone()]).unwrap();
    assert_eq!(note.verify([&key]).unwrap()[0].time, Some(1_679_315_147));
    let mut later = line.clone();
    later.signature[7] ^= 1;
    let note = SignedNote::new(text.to_owned(), vec![later]).unwrap();
    assert_eq!(note.verify([&key]), Err(NoteError::BadSignature));
    assert_eq!(witness.cosign(text, u64::MAX), Err(SignError::Time));
    let note = SignedNote::new("origin\n2\nAAAA\n".to_owned(), vec![line]).unwrap();
    assert_eq!(note.verify([&key]), Err(NoteError::BadSignature));
}

#[test]
fn what_is_not_a_note_is_refused() {
    let line = LINE.trim_end();
    let blob = line.rsplit(' ').next().unwrap();
    for text in [
        "".to_owned(),
        "text\n\n".to_owned(),
        format!("text\n{line}\n"),
        format!("text\n\n{line}"),
        format!("text\n\n{line}\n\n"),
        format!("text\n\n- PeterNeumann {blob}\n"),
        format!("text\n\n—  {blob}\n"),
        format!("text\n\n— Peter {blob} \n"),
        format!("te\txt\n\n{line}\n"),
        format!("text\r\n\n{line}\n"),
        "text\n\n— Peter AAAAAA==\n".to_owned(), // a key id and no signature
        format!("\n\n{}", format!("{line}\n").repeat(MAX_SIGNATURES + 1)),
    ] {
        assert!(SignedNote::parse(&text).is_err(), "{text:?}");
    }
    // The text may hold blank lines: the last one separates.
    assert_eq!(SignedNote::parse(&format!("a\n\nb\n\n{LINE}")).unwrap().text(), "a\n\nb\n");
}

#[test]
fn a_public_logs_checkpoint_and_its_witness_are_believed() {
    // As published by a Certificate Transparency staging log in 2026, with two of its signature lines.
    let log = NoteVerifier::parse(
        "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f",
    )
    .unwrap();
    let witness =
        NoteVerifier::parse("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2").unwrap();
    let note = "arche2025h1.staging.ct.transparency.dev\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\n\
        — arche2025h1.staging.ct.transparency.dev \
        ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n\
        — remora.n621.de \
        2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==\n";
    let verified = SignedNote::parse(note).unwrap();
    let times: Vec<_> =
        verified.verify([&log, &witness]).unwrap().into_iter().map(|signature| signature.time).collect();
    assert_eq!(times, [None, Some(0x6a12_2120)]);
}
