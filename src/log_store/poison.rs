//! Whether the log can be trusted still. One for a process: its store sets it when a fault leaves open what is durable, somebody
//! outside who has proof that this is not the log's history sets it too, and from then on nothing is taken or acknowledged.

use tokio::sync::watch;

/// Set once, for good. Its clones are the same one.
#[derive(Debug, Clone)]
pub struct Poison(watch::Sender<bool>);

impl Default for Poison {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Poison {
    /// From now on the log takes nothing more, and this process should end.
    pub fn set(&self) {
        self.0.send_replace(true);
    }

    /// Whether it is set.
    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Resolves once it is set.
    pub async fn until_set(&self) {
        let mut set = self.0.subscribe();
        // It cannot be gone: this holds it.
        let _ = set.wait_for(|set| *set).await;
    }
}
