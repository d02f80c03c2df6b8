//! A little more than was asked for, so that those who were sent away together do not come back
//! together.

use std::time::Duration;

/// The most that a pause is longer than it must be: a tenth of it, 5 s at most.
///
/// Never less than it must be: that would be earlier than the server asked for (RFC 9110 §10.2.3),
/// which "full jitter" and its kin allow themselves.
pub fn jitter_of(pause: Duration) -> Duration {
    (pause / 10).min(Duration::from_secs(5))
}

/// Chance from a seed: SplitMix64 (Steele, Lea and Flood, 2014), which is plenty for this.
#[derive(Clone, Debug)]
pub(crate) struct Jitter(pub(crate) u64);

impl Jitter {
    /// This pause and up to [`jitter_of`] it.
    pub(crate) fn stretch(&mut self, pause: Duration) -> Duration {
        let most = u64::try_from(jitter_of(pause).as_nanos()).unwrap_or_default();
        // The remainder favours small numbers by less than one in a billion.
        let more = self.draw() % (most + 1);
        pause.saturating_add(Duration::from_nanos(more))
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_grows_by_a_tenth_at_most_and_never_shrinks() {
        let ms = Duration::from_millis;
        let rows = [
            // pause, the most that is added
            (Duration::ZERO, Duration::ZERO),
            (ms(1_000), ms(100)),
            (ms(30_000), ms(3_000)),
            (ms(120_000), ms(5_000)),
            (Duration::MAX, ms(5_000)),
        ];
        for (pause, most) in rows {
            assert_eq!(jitter_of(pause), most, "{pause:?}");
            let mut jitter = Jitter(1);
            let more: Vec<Duration> = (0..200).map(|_| jitter.stretch(pause) - pause).collect();
            assert!(more.iter().all(|more| *more <= most), "{pause:?}");
            if !most.is_zero() && pause < Duration::MAX {
                // They are spread over all of it.
                assert!(more.iter().min() < Some(&(most / 10)), "{pause:?}");
                assert!(more.iter().max() > Some(&(most * 9 / 10)), "{pause:?}");
            }
        }
    }
}
