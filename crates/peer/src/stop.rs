//! How every wait of a peer ends at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A bell: waits on it last their time, or until it is rung, and it is rung for good.
#[derive(Default)]
pub(crate) struct Stop {
    rung: Mutex<bool>,
    bell: Condvar,
}

impl Stop {
    pub(crate) fn ring(&self) {
        *lock(&self.rung) = true;
        self.bell.notify_all();
    }

    pub(crate) fn is_rung(&self) -> bool {
        *lock(&self.rung)
    }

    /// Waits for `pause`; says whether the bell rang before or meanwhile.
    pub(crate) fn wait(&self, pause: Duration) -> bool {
        let rung = lock(&self.rung);
        let (rung, _) = self
            .bell
            .wait_timeout_while(rung, pause, |rung| !*rung)
            .unwrap_or_else(PoisonError::into_inner);
        *rung
    }

    /// Waits until the bell rings.
    pub(crate) fn wait_for_ring(&self) {
        let rung = lock(&self.rung);
        drop(self.bell.wait_while(rung, |rung| !*rung).unwrap_or_else(PoisonError::into_inner));
    }
}

/// The data behind a lock, also after a thread panicked with it: peers keep only plain records
/// there, each written whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
