//! Points between steps at which a test can end the purge as a power cut would.

/// A step that has just become durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The board takes no more records.
    Closed,
    /// The ledger names what is to be destroyed: from here on there is no way back.
    Begun,
    /// One key is destroyed.
    KeyDestroyed,
    /// One batch of rows is erased.
    BatchErased,
    /// The database is compacted and its write-ahead log is empty.
    Compacted,
    /// The receipt is in the log.
    Certified,
    /// The ledger says that the purge is complete.
    Done,
}

/// The process ended here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Killed;

/// Told of every step.
pub trait FaultPoint: Send + Sync {
    /// A step has become durable; an error ends the run on the spot.
    fn reached(&self, step: Step) -> Result<(), Killed>;
}

/// Nothing goes wrong.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFaults;

impl FaultPoint for NoFaults {
    fn reached(&self, _step: Step) -> Result<(), Killed> {
        Ok(())
    }
}
