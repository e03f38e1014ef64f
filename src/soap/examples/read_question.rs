//! Reads questions as the door would and says what is wrong with them: `read_question FILE…`. For checking what a client
//! sends; nothing of the content is printed.

#![expect(clippy::print_stdout, reason = "a tool")]

use std::{env, fs, process::ExitCode};

use ssbtek_domain::{Clock, SystemClock, stockholm_date};
use ssbtek_soap::{LIMITS, SoapQuestion, parse};

fn main() -> ExitCode {
    let today = stockholm_date(SystemClock.now());
    let mut refused = 0;
    for file in env::args().skip(1) {
        let read = fs::read(&file).map(|bytes| parse(&bytes, Some("text/xml"), &LIMITS, today));
        match read {
            Ok(Ok(SoapQuestion::Information(question))) => {
                println!(
                    "{file}: a question in version {}, {} agencies",
                    question.version.number(),
                    question.agencies.len()
                );
            }
            Ok(Ok(SoapQuestion::Test(version))) => {
                println!("{file}: a trial question in version {}", version.number())
            }
            Ok(Err(fault)) => {
                refused += 1;
                println!("{file}: {} {}", fault.code.as_str(), fault.messages().join("; "));
            }
            Err(_) => {
                refused += 1;
                println!("{file}: cannot be opened");
            }
        }
    }
    if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
