//! A server that speaks TLS in every way that nginx does not.

use super::running::{Recipe, Running};

/// `openssl s_server`, one connection at a time, answering every request with a page about the
/// session; `arguments` say what it speaks. Its certificate is `leaf.pem`, its key `leaf.key`.
pub fn s_server(arguments: &[&str], files: &[(&str, &str)]) -> Running {
    let frame = ["s_server", "-quiet", "-www", "-accept", "{addr}"];
    let shown = ["-cert", "{dir}/leaf.pem", "-cert_chain", "{dir}/leaf.pem"];
    let key = ["-key", "{dir}/leaf.key"];
    let arguments = &[&frame[..], &shown, &key, arguments].concat();
    Running::start(&Recipe { program: "openssl", package: "openssl", files, arguments })
}
