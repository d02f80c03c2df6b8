//! https against real servers: nginx and `openssl s_server` with certificates made on the spot,
//! probed through the facade and through the built command.

mod conditions;
mod peers;
mod secrets;
mod services;
mod site;
mod waits;
mod ways;
