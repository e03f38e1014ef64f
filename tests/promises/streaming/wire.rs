//! `ssbtek ask` over a wire that is cut again and again: one question, one answer.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use ssbtek_domain::{Agency, SystemEntropy};
use ssbtek_proto::broker::v1::EntryState;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::{Notify, mpsc},
};

use super::{held, let_go};
use crate::{
    commands::settings,
    harness::{Wires, source_count},
};

/// A wire to a door: where it begins, and what cuts every connection that goes through it.
async fn wire(to: SocketAddr) -> (SocketAddr, Arc<Notify>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (from, cut) = (listener.local_addr().unwrap(), Arc::new(Notify::new()));
    let cuts = cut.clone();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let cut = cuts.clone();
            tokio::spawn(async move {
                let mut far = TcpStream::connect(to).await.unwrap();
                tokio::select! {
                    () = cut.notified() => {}
                    _ = copy_bidirectional(&mut near, &mut far) => {}
                }
            });
        }
    });
    (from, cut)
}

/// Tells what is written to it.
struct Told(mpsc::UnboundedSender<String>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_command_whose_connection_is_cut_after_every_section_ends_with_the_one_answer() {
    let world = held(Wires::Grpc).await;
    let (door, cut) = wire(world.broker().ports.grpc).await;
    let settings = settings(&world, door);
    let line = ["ssbtek", "--config", settings.to_str().unwrap(), "ask", "--case", "EB-1"];
    let (tell, mut told) = mpsc::unbounded_channel();
    let (mut out, mut complaint) = (Vec::new(), Told(tell));
    let mut around = ssbtek_client::World {
        stdout: &mut out,
        stderr: &mut complaint,
        stdin: &mut io::empty(),
        screen: ssbtek_client::Screen { width: 120, colour: false, progress: false },
        home: None,
        clock: world.clock.clone(),
        entropy: Arc::new(SystemEntropy),
        language: Default::default(),
    };
    let cutting = async {
        let mut lines = Vec::new();
        for agency in Agency::ALL {
            let_go(&world, agency);
            lines.push(told.recv().await.unwrap());
            cut.notify_waiters();
        }
        lines
    };
    let line = line.into_iter().map(Into::into);
    let (status, lines) = tokio::join!(ssbtek_client::run(line, &mut around), cutting);
    let out = String::from_utf8(out).unwrap();
    assert_eq!(status, 0, "{lines:?}");
    for (line, agency) in lines.iter().zip(Agency::ALL) {
        assert!(line.trim_start().starts_with(agency.code()), "{line}");
    }
    assert!(told.try_recv().is_err(), "every agency is told of once");
    assert_eq!(world.agencies.control().total_calls(), source_count(), "nobody is asked twice");
    let log = world.log().await;
    let questions: Vec<_> = log.iter().filter(|logged| !logged.sources.is_empty()).collect();
    assert_eq!(questions.len(), 1);
    assert_eq!(questions[0].state(), EntryState::Released);
    assert!(out.contains(&questions[0].entry_id), "{out}");
    let resumed = log.iter().filter(|logged| logged.action.starts_with("resume")).count();
    // The last cut may come when the whole answer is through.
    assert!((6..=7).contains(&resumed), "{resumed}");
}
