//! https against real servers: nginx and `openssl s_server` with certificates made on the spot,
//! probed through the facade and through the built command.

#[path = "../../crates/tls/tests/handshake/authority.rs"]
#[expect(dead_code, reason = "shared with the tests of the step alone, which set the clock")]
mod authority;

mod conditions;
mod peers;
mod secrets;
mod site;
mod ways;
