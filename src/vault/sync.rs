//! Locks, and the places where threads may meet. In this room's own tests both are a model checker's, which runs the threads
//! in one order after another.

#[cfg(test)]
pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard, RwLock};
#[cfg(not(test))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, RwLock};

/// Comes before every operation on a file: there another thread may run, whatever locks do.
pub(crate) fn step() {
    #[cfg(test)]
    shuttle::thread::yield_now();
}
