//! What commands say: results on standard output, everything else on standard error.

use std::{
    io::{self, ErrorKind, Write},
    path::Path,
};

/// Writes a result, and a line's end. One that cannot be written (a full disk) ends the program with status 1.
pub fn result(text: &str) {
    let mut out = Results(io::stdout());
    if let Err(error) = writeln!(out, "{text}").and_then(|()| out.flush()) {
        problem(&format!("the result cannot be written: {}", error.kind()));
        std::process::exit(1);
    }
}

/// Says why a command has failed, as a sentence that begins with the program's name.
pub fn problem(text: &str) {
    let path = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&path).file_name().unwrap_or_default().to_string_lossy();
    note(&format!("{name}: {text}"));
}

/// Says something beside the result. There is nobody to tell that it cannot be said.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Where results go. Whoever reads may have read enough (`| head`): then the rest is left out in silence, and the command goes
/// on with what it does.
#[derive(Debug)]
pub struct Results<W>(pub W);

impl<W: Write> Write for Results<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        unless_enough(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        unless_enough(self.0.flush(), ())
    }
}

fn unless_enough<T>(ended: io::Result<T>, enough: T) -> io::Result<T> {
    match ended {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(enough),
        ended => ended,
    }
}
