//! How many probes may be under way: as many as were allowed, or fewer while this machine lacks
//! something.

/// Halves when a probe ends for want of descriptors, ports or memory, and grows back as probes go
/// well: additive increase, multiplicative decrease, as TCP finds its share (RFC 5681 §3.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    most: usize,
    now: usize,
    /// How many went well since it last grew.
    well: usize,
    /// Probes that began before this one belong to the want that it was halved for.
    halved_at: u64,
}

impl Window {
    /// At most so many, and at least 1.
    pub(crate) fn new(most: usize) -> Window {
        let most = most.max(1);
        Window { most, now: most, well: 0, halved_at: 0 }
    }

    /// How many there may be.
    pub(crate) fn size(&self) -> usize {
        self.now
    }

    /// Probe number `began` ended for want of something, with `under_way` others still going
    /// and `begun` begun so far. One want fails many at once: it counts once.
    pub(crate) fn lacked(&mut self, began: u64, under_way: usize, begun: u64) {
        if began < self.halved_at {
            return;
        }
        // What was under way was too much, which may be less than what was allowed.
        self.now = (self.now.min(under_way + 1) / 2).max(1);
        self.halved_at = begun;
        self.well = 0;
    }

    /// A probe ended otherwise.
    pub(crate) fn went_well(&mut self) {
        if self.now == self.most {
            return;
        }
        self.well += 1;
        if self.well >= self.now {
            self.well = 0;
            self.now = self.most.min(self.now + (self.most / 32).max(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_want_halves_once_and_going_well_grows_back() {
        let mut window = Window::new(256);
        // 256 under way; 100 of them meet the same want.
        for began in 0..100 {
            window.lacked(began, 255, 256);
        }
        assert_eq!(window.size(), 128);
        // One that began after that: a want of its own.
        window.lacked(256, 100, 300);
        assert_eq!(window.size(), 50);
        (0..49).for_each(|_| window.went_well());
        assert_eq!(window.size(), 50);
        window.went_well();
        assert_eq!(window.size(), 58);
        (0..10_000).for_each(|_| window.went_well());
        assert_eq!(window.size(), 256);
    }

    #[test]
    fn it_never_closes() {
        let mut window = Window::new(0);
        assert_eq!(window.size(), 1);
        for began in 0..10 {
            window.lacked(began, 0, began + 1);
            assert_eq!(window.size(), 1);
        }
        let mut window = Window::new(4);
        window.lacked(0, 0, 1);
        assert_eq!(window.size(), 1, "a want with one under way");
        (0..10).for_each(|_| window.went_well());
        assert_eq!(window.size(), 4);
    }
}
