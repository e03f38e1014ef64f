//! The pages: who is let in, what a form does once, what is shown, and what the log says of it.

mod asked;
mod forms;
mod signed_in;
