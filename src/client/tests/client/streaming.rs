//! What is told while agencies answer.

use ssbtek_domain::Agency;
use ssbtek_proto::agency::v1::Outcome;
use tonic::Status;

use crate::{canned, double::Double};

#[tokio::test]
async fn a_line_is_added_for_each_agency_that_has_answered_where_there_is_no_terminal() {
    let broker = Double::start().await;
    let mut answer = canned::empty_answer();
    answer.sources[2] = canned::source("FK", Outcome::TimedOut);
    broker.answers(Ok(answer));
    let ended = broker.ssbtek(&["ask"]).await;
    let lines: Vec<&str> = ended.err.lines().collect();
    // The double lets the last one answer first.
    let codes: Vec<&str> = lines.iter().map(|line| line.split_whitespace().next().unwrap()).collect();
    let order: Vec<&str> = Agency::ALL.into_iter().rev().map(Agency::code).collect();
    assert_eq!(codes, order);
    let fk = "  FK   Försäkringskassan           could not be checked: timed out, after 12 ms";
    assert!(lines.contains(&fk), "{lines:?}");
    assert!(!ended.err.contains('\x1b') && ended.out.contains("Logged as entry"));
}

#[tokio::test]
async fn lines_fill_in_on_a_terminal_and_make_room_for_the_answer() {
    let broker = Double::start().await;
    broker.answers(Ok(canned::empty_answer()));
    let ended = broker.on_a_terminal(&["ask"]).await;
    let screen = Terminal::show(&ended.err);
    assert_eq!(screen.most, Agency::ALL.len(), "a line for each agency, once");
    assert!(screen.lines.iter().all(String::is_empty), "wiped at the end: {:?}", screen.lines);
    assert!(ended.out.contains("Logged as entry"));
}

#[tokio::test]
async fn what_was_told_stays_where_the_answer_was_cut_and_the_error_says_so() {
    let broker = Double::start().await;
    broker.answers(Ok(canned::empty_answer()));
    broker.cuts(3, None);
    let ended = broker.on_a_terminal(&["ask"]).await;
    assert_eq!((ended.status, ended.out.as_str()), (5, ""));
    let screen = Terminal::show(&ended.err);
    assert!(screen.lines[5].contains("TNS") && screen.lines[5].contains("answered"), "{:?}", screen.lines);
    assert!(screen.lines[0].contains('…'), "{:?}", screen.lines);
    assert!(screen.lines[7].starts_with("ssbtek: failed: the answer was cut before its end"));

    broker.cuts(4, Some(Status::permission_denied("case: is closed")));
    let ended = broker.ssbtek(&["ask"]).await;
    assert_eq!((ended.status, ended.out.as_str()), (4, ""));
    assert!(ended.err.lines().last().unwrap().contains("case: is closed"), "{}", ended.err);
}

#[tokio::test]
async fn an_answer_that_is_cut_is_taken_up_and_every_line_stands_once() {
    let broker = Double::start().await;
    let answer = canned::empty_answer();
    let entry = answer.entry_id.clone();
    broker.answers(Ok(answer));
    broker.cuts(3, None);
    broker.resumes([Ok(Some(5)), Ok(Some(1)), Ok(None)]);
    let ended = broker.ssbtek(&["ask"]).await;
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(ended.out.contains("Logged as entry"));
    assert_eq!(ended.err.lines().count(), Agency::ALL.len(), "{}", ended.err);
    {
        let seen = broker.seen();
        assert_eq!((seen.streamed.len(), seen.resumed.as_slice()), (1, vec![entry; 3].as_slice()));
    }

    broker.resumes([Ok(None)]);
    let ended = broker.on_a_terminal(&["ask"]).await;
    let screen = Terminal::show(&ended.err);
    assert_eq!((ended.status, screen.most), (0, Agency::ALL.len()), "a line for each agency, once");
    assert!(screen.lines.iter().all(String::is_empty), "wiped at the end: {:?}", screen.lines);
}

#[tokio::test]
async fn an_answer_that_is_held_back_meanwhile_is_refused_and_one_that_is_over_was_cut() {
    let broker = Double::start().await;
    broker.answers(Ok(canned::empty_answer()));
    broker.cuts(3, None);
    broker.resumes([Err(Status::permission_denied("case_id: the case is closed"))]);
    let ended = broker.ssbtek(&["ask"]).await;
    assert_eq!((ended.status, ended.out.as_str()), (4, ""));
    assert!(ended.err.ends_with("ssbtek: refused: case_id: the case is closed\n"), "{}", ended.err);
    // Nothing is kept any more: no second question is put.
    let ended = broker.ssbtek(&["ask"]).await;
    assert_eq!((ended.status, ended.out.as_str()), (5, ""));
    assert!(ended.err.contains("the answer was cut before its end"), "{}", ended.err);
    // Before its beginning there is nothing to take up.
    broker.cuts(0, None);
    broker.resumes([Ok(None)]);
    assert_eq!(broker.ssbtek(&["ask"]).await.status, 5);
    let seen = broker.seen();
    assert_eq!((seen.streamed.len(), seen.resumed.len()), (3, 2));
}

#[tokio::test]
async fn nothing_is_told_before_the_whole_where_nobody_wants_it() {
    let broker = Double::start().await;
    broker.answers(Ok(canned::empty_answer()));
    for arguments in [&["ask", "--no-stream"][..], &["ask", "--json"]] {
        let ended = broker.ssbtek(arguments).await;
        assert_eq!((ended.status, ended.err.as_str()), (0, ""));
    }
    let seen = broker.seen();
    assert_eq!((seen.asked.len(), seen.streamed.len()), (2, 0));
}

/// As much of a terminal as is needed to see what stands on it.
#[derive(Default)]
pub(crate) struct Terminal {
    pub(crate) lines: Vec<String>,
    /// Most lines with something on them.
    pub(crate) most: usize,
}

impl Terminal {
    pub(crate) fn show(text: &str) -> Self {
        let (mut terminal, mut row, mut column) = (Self::default(), 0, 0);
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            if terminal.lines.len() <= row {
                terminal.lines.resize(row + 1, String::new());
            }
            match c {
                '\n' => (row, column) = (row + 1, 0),
                '\r' => column = 0,
                '\x1b' => {
                    assert_eq!(rest.next(), Some('['));
                    let mut count = String::new();
                    while rest.peek().is_some_and(char::is_ascii_digit) {
                        count.extend(rest.next());
                    }
                    let count = count.parse().unwrap_or(0);
                    match rest.next() {
                        Some('A') => row -= count,
                        Some('B') => row += count,
                        Some('K') => terminal.lines[row] = terminal.lines[row].chars().take(column).collect(),
                        Some('J') => terminal.lines[row..].iter_mut().for_each(String::clear),
                        other => panic!("{other:?}"),
                    }
                }
                c => {
                    let mut line: Vec<char> = terminal.lines[row].chars().collect();
                    line.resize(line.len().max(column + 1), ' ');
                    line[column] = c;
                    terminal.lines[row] = line.into_iter().collect();
                    column += 1;
                }
            }
            let with_something = terminal.lines.iter().filter(|line| !line.is_empty()).count();
            terminal.most = terminal.most.max(with_something);
        }
        terminal
    }
}
