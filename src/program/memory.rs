//! What must not outlive the process: its memory.

use anyhow::{Context, Result};

/// Turns off core dumps, and lets no other process of the same user read this one's memory. For good, also in what it starts.
#[cfg(target_os = "linux")]
pub fn keep_to_itself() -> Result<()> {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).context("core dumps cannot be turned off")?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).context("the process cannot be made undumpable")
}

/// Elsewhere that is the operator's task: see docs/DATA-RETENTION.md.
#[cfg(not(target_os = "linux"))]
pub fn keep_to_itself() -> Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    #[test]
    fn the_process_leaves_no_core_dump_and_its_memory_is_closed_to_others() {
        super::keep_to_itself().unwrap();
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }
}
