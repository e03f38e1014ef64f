//! Faults of the disk, and the order of what is written and what is sent.

mod broken_disk;
mod full_disk;
mod order;
mod trace;
