use super::*;
use crate::note::{KeyName, NoteSigner};
use crate::tree::{Frontier, TileStore, Tiles, consistency_proof};

struct Leaves(Vec<Hash>);

impl TileStore for Leaves {
    type Error = std::convert::Infallible;

    fn hashes(&self, _: u32, range: std::ops::Range<u64>) -> Result<Vec<Hash>, Self::Error> {
        Ok(self.0[range.start as usize..range.end as usize].to_vec())
    }
}

fn signer(seed: u8) -> NoteSigner {
    NoteSigner::from_seed(KeyName::parse("log.example").unwrap(), &[seed; 32]).unwrap()
}

fn root(size: u64) -> Hash {
    let mut frontier = Frontier::new();
    (0..size).for_each(|n| drop(frontier.append(Hash::leaf(&n.to_be_bytes()))));
    frontier.root()
}

fn request(old_size: u64, size: u64) -> AddCheckpoint {
    let leaves = Leaves((0..size).map(|n| Hash::leaf(&n.to_be_bytes())).collect());
    let proof = consistency_proof(&Tiles::new(&leaves, size), old_size.min(size), size).unwrap();
    let checkpoint = Checkpoint::new("log.example", size, root(size)).sign([&signer(1)]).unwrap();
    AddCheckpoint { old_size, proof, checkpoint }
}

fn decide(request: &AddCheckpoint, last: Option<Seen>) -> Result<Admitted, Refusal> {
    let log = KnownLog { origin: "log.example".to_owned(), keys: vec![signer(1).verifier().clone()] };
    admit(request, &[log], |_| last)
}

fn seen(size: u64) -> Option<Seen> {
    Some(Seen { size, root: root(size) })
}

#[test]
fn the_published_request_is_read_and_written_back() {
    let body = "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
        /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\nexample.com/behind-the-sofa\n20852163\n\
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/behind-the-sofa \
        Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    let request = AddCheckpoint::parse(body.as_bytes()).unwrap();
    assert_eq!((request.old_size, request.proof.len()), (20_852_014, 4));
    assert_eq!(request.encode(), body);
    let first = AddCheckpoint { old_size: 0, proof: vec![], ..request };
    assert_eq!(AddCheckpoint::parse(first.encode().as_bytes()), Ok(first));
}

#[test]
fn what_is_not_a_request_is_malformed() {
    let good = request(3, 7).encode();
    let many = good.replacen("\n\n", &format!("\n{}\n", format!("{}\n", root(1).to_base64()).repeat(64)), 1);
    for body in [
        String::new(),
        good.replace("old 3", "old 03"),
        good.replace("old 3", "old +3"),
        good.replace("old 3", "size 3"),
        good.replace("\n\n", "\n"),
        good.replacen("=\n", "\n", 1),
        many,
    ] {
        assert_eq!(AddCheckpoint::parse(body.as_bytes()), Err(Refusal::Malformed), "{body}");
    }
    assert_eq!(AddCheckpoint::parse(&[0xff]), Err(Refusal::Malformed));
}

#[test]
fn a_log_that_only_grows_is_admitted() {
    assert_eq!(decide(&request(0, 5), None).unwrap().seen, seen(5).unwrap());
    assert_eq!(decide(&request(5, 9), seen(5)).unwrap().seen, seen(9).unwrap());
    assert_eq!(decide(&request(9, 9), seen(9)).unwrap().seen, seen(9).unwrap());
    assert_eq!(decide(&request(0, 0), None).unwrap().seen, Seen::nothing());
}

#[test]
fn a_log_that_forks_shrinks_or_guesses_wrong_is_refused_with_the_specified_status() {
    let refused = |request, last| decide(&request, last).unwrap_err();
    assert_eq!(refused(request(5, 9), None), Refusal::Conflict(0));
    assert_eq!(refused(request(3, 9), seen(5)), Refusal::Conflict(5));
    assert_eq!(refused(request(5, 5), seen(9)), Refusal::Conflict(9));
    let other = Some(Seen { size: 9, root: root(8) });
    assert_eq!(refused(request(9, 9), other), Refusal::Conflict(9), "same size, another root");
    assert_eq!(refused(request(9, 12), other), Refusal::Inconsistent, "a fork");
    assert_eq!(refused(request(9, 5), seen(9)), Refusal::Malformed);
    let mut padded = request(0, 5);
    padded.proof.push(root(1));
    assert_eq!(refused(padded, None), Refusal::Inconsistent);
    let mut strange = request(0, 0);
    strange.checkpoint = Checkpoint::new("log.example", 0, root(1)).sign([&signer(1)]).unwrap();
    assert_eq!(refused(strange, None), Refusal::Inconsistent);
}

#[test]
fn a_checkpoint_of_an_unknown_log_or_by_an_unknown_key_is_refused() {
    let mut unsigned = request(0, 5);
    unsigned.checkpoint = Checkpoint::new("log.example", 5, root(5)).sign([&signer(2)]).unwrap();
    assert_eq!(decide(&unsigned, None), Err(Refusal::NotSigned));
    let mut unknown = request(0, 5);
    unknown.checkpoint = Checkpoint::new("other.example", 5, root(5)).sign([&signer(1)]).unwrap();
    assert_eq!(decide(&unknown, None), Err(Refusal::UnknownLog));
    let statuses = [
        Refusal::Malformed,
        Refusal::NotSigned,
        Refusal::UnknownLog,
        Refusal::Conflict(1),
        Refusal::Inconsistent,
    ];
    assert_eq!(statuses.map(Refusal::status), [400, 403, 404, 409, 422]);
}
