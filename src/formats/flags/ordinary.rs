//! Generated ordinary answers of every agency: nothing in them is taken for a flag but what the facts hold.

use mock_agencies::own_format::{self, Request, Response, World};
use ssbtek_domain::sections::so::StatusTexts;

use super::{in_bytes, unread};
use crate::{
    Codec, af, csn,
    fk::{ActorId, Actors, InformationTypes, Lefi},
    miv, skv, so,
    test_world::{self, Mock, http},
    tns,
};

type Answers = fn(&Request<'_>, &dyn World) -> Response;

fn agencies() -> Vec<(&'static str, Box<dyn Codec>, Answers)> {
    let actors = Actors::Same(ActorId::parse("test").unwrap());
    vec![
        ("AF", Box::new(af::Codec::default()), own_format::af::answer),
        ("CSN", Box::new(csn::Csn), own_format::csn::answer),
        ("FK", Box::new(Lefi::new(actors, InformationTypes::default())), own_format::fk::answer),
        ("SKV v10", Box::new(skv::Skv::v10()), own_format::skv::answer),
        ("SKV v11", Box::new(skv::Skv::v11()), own_format::skv::answer),
        ("SO", Box::new(so::Codec::all_funds(StatusTexts::default())), own_format::so::answer),
        ("TNS", Box::new(tns::Codec::default()), own_format::tns::answer),
        ("MIV", Box::new(miv::Codec::default()), own_format::miv::answer),
    ]
}

#[test]
fn nothing_in_generated_ordinary_answers_is_taken_for_a_flag_but_what_the_facts_hold() {
    let (mut answers, mut flags) = (0, 0);
    for seed in 0..4 {
        let world = Mock::new(seed);
        for person in world.population.persons() {
            let question = test_world::question(person);
            for (agency, codec, mock) in agencies() {
                let Ok(asked) = codec.question(&question) else { continue };
                let told = mock(&Request { path: &asked.path, body: &asked.body }, &world);
                let found = in_bytes(&told.body);
                let Ok(answer) = codec.answer(&question, http(told.status, told.body)) else { continue };
                assert!(!unread(found, answer.section.as_ref()), "{agency}, seed {seed}");
                (answers, flags) = (answers + 1, flags + found);
            }
        }
    }
    assert!(answers > 600 && flags > 10, "{answers} answers with {flags} flags");
}
