//! 10,000 questions through the doors on a file system of their own: at no time is a person, a name or an address that an
//! answer held readable anywhere in it, free blocks, journal and temporary files included. tests/erasure/image.sh runs it.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
};

use canary::Canaries;
use futures::{StreamExt, stream};
use mock_agencies::TestPerson;
use ssbtek_domain::{Clock, Role};
use ssbtek_proto::broker::v1::{
    AskRequest, AskResponse, EndBoardAgreementRequest, person_query_service_client::PersonQueryServiceClient,
};

use crate::harness::{BOARD, Wires, World, role};

const HOUSEHOLDS: usize = 250;
/// Questions at once.
const AT_ONCE: usize = 8;
/// How often the image is looked at while questions are asked.
const LOOKS: usize = 20;

/// The image that the data directory lies in.
struct Image {
    mount: PathBuf,
    image: PathBuf,
    copy: bool,
}

impl Image {
    fn of_environment() -> Self {
        let path = |name: &str| PathBuf::from(std::env::var_os(name).expect(name));
        Self {
            mount: path("CANARY_MOUNT"),
            image: path("CANARY_IMAGE"),
            copy: std::env::var_os("CANARY_COPY").is_some(),
        }
    }

    /// Everything that is in it now.
    fn bytes(&self) -> Vec<u8> {
        let mut write = if self.copy { Command::new("mke2fs") } else { Command::new("sync") };
        if self.copy {
            write.args(["-q", "-F", "-t", "ext4", "-d"]).arg(&self.mount).arg(&self.image);
        } else {
            write.arg("-f").arg(&self.mount);
        }
        // A file that goes while the copy is made fails it: it is made again.
        let written = (0..5).any(|_| write.status().unwrap().success());
        assert!(written, "the image cannot be brought up to date");
        std::fs::read(&self.image).unwrap()
    }

    fn must_hold_none(&self, canaries: &Canaries, when: &str) {
        let bytes = self.bytes();
        let mut witness = Canaries::new();
        witness.bytes(format!("log.{BOARD}.2026-11").as_bytes());
        assert!(!witness.find(&bytes, 1).is_empty(), "{when}: the image does hold the data directory");
        assert_eq!(canaries.find(&bytes, 1), [], "{when}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "slow; needs a file-system image: tests/erasure/image.sh"]
async fn ten_thousand_questions_leave_no_canary_in_the_file_system_image() {
    let image = Image::of_environment();
    let questions: usize = std::env::var("CANARY_QUESTIONS").map_or(10_000, |count| count.parse().unwrap());
    let world = World::start_among(Wires::Grpc, HOUSEHOLDS).await;
    assert!(world.data_dir().starts_with(&image.mount), "TMPDIR leads into the image");
    let households: Vec<Vec<TestPerson>> =
        world.agencies.population().households().map(<[_]>::to_vec).collect();
    for (n, household) in households.iter().enumerate() {
        world.register_case_of(household, &format!("CANARY-{n}"), &["anna"]).await;
    }
    let canaries = canaries(&households);
    let persons: Vec<(String, &TestPerson)> = households
        .iter()
        .enumerate()
        .flat_map(|(n, household)| household.iter().map(move |person| (format!("CANARY-{n}"), person)))
        .collect();

    let mut told = BTreeSet::new();
    for part in 0..LOOKS {
        // A connection for each part: the door closes them when they grow old.
        let client = PersonQueryServiceClient::new(world.connect(&world.board.identity))
            .max_decoding_message_size(64 << 20);
        let these = (0..questions).skip(part).step_by(LOOKS);
        let answers: Vec<_> = stream::iter(these)
            .map(|n| {
                let (case, person) = &persons[n % persons.len()];
                let request = world.assertion("anna").on(question(&world, case, person));
                let mut client = client.clone();
                async move { (n, client.ask(request).await.unwrap().into_inner()) }
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        assert_eq!(answers.len(), questions / LOOKS);
        told.extend(answers.iter().flat_map(|(_, answer)| seen(&canaries, answer)));
        image.must_hold_none(&canaries, &format!("while asking, {part}"));
    }
    assert!(told.len() > persons.len(), "the answers did hold {} of the canaries", told.len());

    let end = EndBoardAgreementRequest {
        organisation_number: BOARD.into(),
        last_day: "2026-11-30".into(),
        document_sha256: "9".repeat(64),
    };
    world.end_agreement(end).await.unwrap();
    world.clock.set("2026-12-29T23:00:00Z".parse().unwrap());
    let purged = AtomicBool::new(false);
    let purge = async {
        let ran = world.purge_by_word(world.clock.now()).await;
        purged.store(true, Ordering::Relaxed);
        ran
    };
    let looks = async {
        while !purged.load(Ordering::Relaxed) {
            tokio::task::block_in_place(|| image.must_hold_none(&canaries, "while purging"));
            tokio::task::yield_now().await;
        }
    };
    let (ran, ()) = tokio::join!(purge, looks);
    assert!(ran.done[0].records as usize > 2 * questions, "{} records", ran.done[0].records);
    image.must_hold_none(&canaries, "after the purge");
}

fn question(world: &World, case: &str, person: &TestPerson) -> AskRequest {
    AskRequest {
        case_id: case.to_owned(),
        role: role(person.role).into(),
        person_number: (person.role == Role::Child).then(|| person.number.expose().to_owned()),
        include_originals: true,
        ..world.question()
    }
}

/// Number, name, street and postal address of everybody.
fn canaries(households: &[Vec<TestPerson>]) -> Canaries {
    let (mut canaries, mut texts) = (Canaries::new(), BTreeSet::new());
    for person in households.iter().flatten() {
        canaries.number(person.number.expose());
        texts.insert(format!("{} {}", person.given_name, person.family_name));
        texts.extend([person.street.clone(), person.postal.clone()]);
    }
    for text in texts.iter().filter(|text| text.chars().count() >= 8) {
        canaries.text(text);
    }
    canaries
}

/// Which canaries an answer holds.
fn seen(canaries: &Canaries, answer: &AskResponse) -> Vec<usize> {
    let bytes = prost::Message::encode_to_vec(answer);
    canaries.find(&bytes, usize::MAX).iter().map(|found| found.whose).collect()
}
