//! Whoever is not there may be named in any call: nothing is kept of that.

use prost::Message;
use prost_reflect::{ReflectMessage, Value};
use tonic::Request;

use super::{
    attack::Attack,
    moves::{INVENTED, MOVES, messages},
};
use crate::{
    harness::{Wires, World},
    refusals::keys,
};

/// Calls that found what they name.
const FOUNDS: [&str; 4] = ["RegisterBoard", "RegisterAgent", "RegisterPortal", "ImportBoard"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_of_an_operator_makes_a_key_for_a_party_that_is_not_there() {
    let world = World::start(Wires::Grpc).await;
    let attack = Attack::prepared(&world).await;
    let (before, mut named) = (keys(&world), 0);
    for call in MOVES.iter().filter(|call| !FOUNDS.contains(&call.method)) {
        let path = format!("{}/{}", call.service, call.method);
        for mut message in messages(call, &attack) {
            for field in ["organisation_number", "board", "agent"] {
                let is_there = message.descriptor().get_field_by_name(field).is_some();
                if !is_there {
                    continue;
                }
                message.set_field_by_name(field, Value::String(INVENTED.into()));
                named += 1;
                for operator in [&world.operator, &world.second_operator] {
                    let request = Request::new(message.encode_to_vec());
                    let came_to = world.call(operator, &path, request).await;
                    assert!(came_to.is_err(), "{}: there is no such party", call.method);
                }
            }
        }
    }
    assert!(named > 30, "{named}");
    let made: Vec<_> = keys(&world).difference(&before).cloned().collect();
    assert!(made.is_empty(), "{made:?}");
}
