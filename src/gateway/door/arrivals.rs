//! Connections whose certificate is not known to be good: so many of one address, and never one in a newcomer's way.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

/// Those who are arriving, oldest first. Where there is no room the oldest of whoever has most is sent away: an honest
/// handshake takes milliseconds, so that only those go that do not get on with it.
#[derive(Debug)]
pub(crate) struct Arrivals {
    max: usize,
    max_each: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    waiting: BTreeMap<u64, (IpAddr, oneshot::Sender<()>)>,
}

/// One that is arriving, until it is dropped.
pub(crate) struct Arrival {
    of: Arc<Arrivals>,
    number: u64,
    sent_away: oneshot::Receiver<()>,
}

impl Arrivals {
    pub(crate) fn new(max: usize, max_each: usize) -> Arc<Self> {
        Arc::new(Self { max: max.max(1), max_each: max_each.max(1), state: Mutex::default() })
    }

    /// Lets one in, and if need be sends another away.
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr) -> Arrival {
        let address = network(address);
        let mut state = self.state();
        if let Some(leaving) = self.in_the_way(&state, address) {
            // Dropping the sender tells it.
            state.waiting.remove(&leaving);
        }
        let number = state.next;
        state.next += 1;
        let (sender, sent_away) = oneshot::channel();
        state.waiting.insert(number, (address, sender));
        Arrival { of: self.clone(), number, sent_away }
    }

    /// Who must go so that one from `address` can come.
    fn in_the_way(&self, state: &State, address: IpAddr) -> Option<u64> {
        let oldest_of =
            |address| state.waiting.iter().find(|(_, (from, _))| *from == address).map(|(number, _)| *number);
        let own = state.waiting.values().filter(|(from, _)| *from == address).count();
        if own >= self.max_each {
            return oldest_of(address);
        }
        if state.waiting.len() < self.max {
            return None;
        }
        let mut each = HashMap::<IpAddr, usize>::new();
        state.waiting.values().for_each(|(from, _)| *each.entry(*from).or_default() += 1);
        let most = each.values().copied().max()?;
        state.waiting.iter().find(|(_, (from, _))| each.get(from) == Some(&most)).map(|(number, _)| *number)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Arrival {
    /// Resolves when it has to make room.
    pub(crate) async fn sent_away(&mut self) {
        // Nothing is ever sent: the sender is dropped.
        let _ = (&mut self.sent_away).await;
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        self.of.state().waiting.remove(&self.number);
    }
}

/// One caller's network: an IPv4 address, or the half of an IPv6 address that is not the caller's to choose.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    fn is_sent_away(arrival: &mut Arrival) -> bool {
        arrival.sent_away.try_recv() == Err(oneshot::error::TryRecvError::Closed)
    }

    #[test]
    fn the_oldest_of_an_address_that_has_its_share_makes_room_and_others_stay() {
        let arrivals = Arrivals::new(100, 2);
        let mut other = arrivals.enter(at(2));
        let mut held: Vec<_> = (0..5).map(|_| arrivals.enter(at(1))).collect();
        let away: Vec<_> = held.iter_mut().map(is_sent_away).collect();
        assert_eq!(away, [true, true, true, false, false]);
        assert!(!is_sent_away(&mut other));
    }

    #[test]
    fn when_all_places_are_taken_the_oldest_of_who_has_most_makes_room() {
        let arrivals = Arrivals::new(4, 3);
        let mut first = arrivals.enter(at(1));
        let mut many: Vec<_> = (0..3).map(|_| arrivals.enter(at(2))).collect();
        let mut newcomer = arrivals.enter(at(3));
        assert!(is_sent_away(&mut many[0]));
        assert!(![&mut first, &mut newcomer].into_iter().any(is_sent_away));
        drop(many);
        assert_eq!(arrivals.state().waiting.len(), 2);
    }

    #[test]
    fn one_network_counts_as_one_address() {
        let text = |text: &str| network(text.parse().unwrap());
        assert_eq!(text("2001:db8:1:2::1"), text("2001:db8:1:2:ffff::9"));
        assert_ne!(text("2001:db8:1:2::1"), text("2001:db8:1:3::1"));
        assert_eq!(text("::ffff:192.0.2.1"), text("192.0.2.1"));
    }
}
