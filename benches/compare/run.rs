//! The run: prepares a world, starts the processes, lets the gateways take turns, and judges.

mod ask;
mod broker;
mod check;
mod enable;
mod floor;
mod load;
mod mocks;
mod process;
mod register;
mod report;
mod world;

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::{Arguments, Role};
use process::{Child, Cores};
use report::{Round, Scenario};
use world::World;

/// Load before the first round, so that connections stand and caches are as warm as they get.
const WARM_UP: Duration = Duration::from_secs(1);

/// Plays one of the parts, until standard input ends.
pub(crate) fn play(role: Role, arguments: &Arguments) -> Result<()> {
    let world = World::at(&arguments.dir);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match role {
            Role::Mocks => mocks::play(&world, arguments.one_address).await,
            Role::Floor => floor::play(&world).await,
            Role::Broker => broker::play(&world).await,
            Role::Load => load::play(&world, arguments.in_flight).await,
        }
    })
}

/// Measures, checks, prints, writes.
pub(crate) fn compare(arguments: &Arguments) -> Result<()> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("compare-{}", std::process::id()));
    let world = World::prepare(&dir)?;
    let cores = if arguments.unpinned { Cores::free() } else { Cores::found() };
    let result = measure(arguments, &world, &cores);
    // What is left behind is only a throw-away database; failing to remove it costs nothing.
    let _ = std::fs::remove_dir_all(&dir);
    let scenarios = result?;
    let fsync_us = scenarios.1;
    report::print(&scenarios.0, fsync_us, &cores);
    if let Some(file) = &arguments.json {
        report::write(file, &scenarios.0, fsync_us, &cores)?;
    }
    Ok(())
}

fn measure(arguments: &Arguments, world: &World, cores: &Cores) -> Result<(Vec<Scenario>, f64)> {
    let fsync_us = world.fsync_us()?;
    let mut mocks_args = vec![];
    if arguments.one_address {
        mocks_args.push("--one-address".to_owned());
    }
    let mut mocks = Child::start(Role::Mocks, &world.dir, &mocks_args, &cores.load)?;
    world.write("mocks.json", &serde_json::to_string(mocks.ready())?)?;
    let mut scenarios = Vec::new();
    for sources in &arguments.sources {
        let world = world.scenario(*sources)?;
        scenarios
            .push(scenario(arguments, &world, cores, &mut mocks).context("the benchmark does not hold")?);
    }
    Ok((scenarios, fsync_us))
}

fn scenario(arguments: &Arguments, world: &World, cores: &Cores, mocks: &mut Child) -> Result<Scenario> {
    let sources = world.sources()?.len();
    let floor = Child::start(Role::Floor, &world.dir, &[], &cores.gateway)?;
    let broker = Child::start(Role::Broker, &world.dir, &[], &cores.gateway)?;
    world.write("gateways.json", &json!({ "floor": floor.ready(), "broker": broker.ready() }).to_string())?;
    let load_args = ["--in-flight".to_owned(), arguments.in_flight.to_string()];
    let mut load = Child::start(Role::Load, &world.dir, &load_args, &cores.load)?;

    let length = Duration::from_secs_f64(arguments.seconds);
    let mut asked_of_broker = 0;
    let mut turn = |which: &'static str, gateway: &Child, length: Duration| -> Result<Round> {
        let calls = count(mocks.tell("calls")?, "calls")?;
        let before = gateway.cpu()?;
        let said = load.tell(&format!("run {which} {}", length.as_millis()))?;
        let cpu = gateway.cpu()? - before;
        let questions = count(said.clone(), "questions")?;
        let calls = count(mocks.tell("calls")?, "calls")? - calls;
        ensure!(questions > 0, "no question was answered");
        ensure!(
            calls == questions * sources as u64,
            "{which}: {questions} questions to {sources} sources made {calls} calls"
        );
        if which == "broker" {
            asked_of_broker += questions;
        }
        let elapsed = Duration::from_micros(count(said, "elapsed_us")?);
        Ok(Round { questions, cpu, elapsed })
    };
    turn("floor", &floor, WARM_UP)?;
    turn("broker", &broker, WARM_UP)?;
    let mut rounds = Vec::new();
    for number in 0..arguments.rounds.max(1) {
        // Who goes first changes from round to round, so that a drift of the machine favours neither.
        rounds.push(if number % 2 == 0 {
            let floor = turn("floor", &floor, length)?;
            (floor, turn("broker", &broker, length)?)
        } else {
            let broker = turn("broker", &broker, length)?;
            (turn("floor", &floor, length)?, broker)
        });
    }
    let logged = load.tell("log")?;
    let (logged, known) = (count(logged.clone(), "released")?, count(logged, "same")?);
    ensure!(
        logged == asked_of_broker && known == logged,
        "{asked_of_broker} answers, {logged} released entries in the log, {known} of them the answers'"
    );
    floor.stop()?;
    broker.stop()?;
    load.stop()?;
    Ok(Scenario { sources, rounds })
}

fn count(said: serde_json::Value, key: &str) -> Result<u64> {
    said.get(key).and_then(serde_json::Value::as_u64).with_context(|| format!("no `{key}` was said"))
}
