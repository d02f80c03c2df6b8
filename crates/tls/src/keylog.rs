//! The secrets of a session, a line each, for whoever wants to read a capture of it.

use std::fmt;
use std::sync::Arc;

use crate::certificate::hex;

/// Takes a line of the NSS key log format, without its line end.
pub type KeyLogSink = Arc<dyn Fn(&str) + Send + Sync>;

/// Writes each secret that rustls derives as a line: label, client random, secret.
pub(crate) struct KeyLog(pub(crate) KeyLogSink);

impl rustls::KeyLog for KeyLog {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        (self.0)(&format!("{label} {} {}", hex(client_random), hex(secret)));
    }
}

impl fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyLog")
    }
}
