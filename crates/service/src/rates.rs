use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The window in which requests are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// How many callers are told apart; beyond that, those whose window is over are forgotten, and new ones share one count.
const MOST: usize = 100_000;

/// How many requests each caller may make in a minute.
pub struct RateLimit<K> {
    per_minute: u32,
    counts: Mutex<Counts<K>>,
}

struct Counts<K> {
    callers: HashMap<K, (Instant, u32)>,
    others: (Instant, u32),
}

impl<K: Eq + Hash> RateLimit<K> {
    /// At most this many requests in a minute from each caller.
    pub fn new(per_minute: u32) -> Self {
        let counts = Counts { callers: HashMap::new(), others: (Instant::now(), 0) };
        Self { per_minute, counts: Mutex::new(counts) }
    }

    /// Counts a request; whether it may be served.
    pub fn allows(&self, caller: K, now: Instant) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let Counts { callers, others } = &mut *counts;
        if callers.len() >= MOST && !callers.contains_key(&caller) {
            callers.retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
        }
        let full = callers.len() >= MOST && !callers.contains_key(&caller);
        let (since, count) = if full { others } else { callers.entry(caller).or_insert((now, 0)) };
        if now.duration_since(*since) >= WINDOW {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= self.per_minute
    }
}

impl<K> fmt::Debug for RateLimit<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimit").field("per_minute", &self.per_minute).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_a_count_of_its_own_for_a_minute() {
        let (limit, start) = (RateLimit::new(2), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(limit.allows("a", at(0)) && limit.allows("a", at(1)));
        assert!(!limit.allows("a", at(2)) && !limit.allows("a", at(59)));
        assert!(limit.allows("b", at(3)));
        assert!(limit.allows("a", at(60)) && limit.allows("a", at(61)) && !limit.allows("a", at(62)));
        assert!(!RateLimit::new(0).allows("a", at(0)));
    }

    #[test]
    fn strangers_without_number_share_one_count() {
        let (limit, now) = (RateLimit::new(1), Instant::now());
        for caller in 0..MOST {
            assert!(limit.allows(caller, now));
        }
        assert!(limit.allows(MOST, now));
        assert!(!limit.allows(MOST + 1, now) && !limit.allows(MOST + 2, now));
        // Who is known keeps its own count, and a minute later there is room again.
        assert!(!limit.allows(7, now));
        assert!(limit.allows(MOST + 3, now + WINDOW) && limit.allows(MOST + 4, now + WINDOW));
    }
}
