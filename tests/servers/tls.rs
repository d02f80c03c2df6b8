//! A server that speaks TLS in every way that nginx does not.

use super::running::{Recipe, Running};
use fourstep_authority::{Chain, pem};

/// `openssl s_server`, one connection at a time, answering every request with a page about the
/// session; it shows this chain, and `arguments` say what it speaks.
pub fn s_server(chain: &Chain, arguments: &[&str], files: &[(&str, &str)]) -> Running {
    let frame = ["s_server", "-quiet", "-www", "-accept", "{addr}"];
    let own = ["-cert", "{dir}/own.pem", "-key", "{dir}/own.key"];
    let more = ["-cert_chain", "{dir}/more.pem"];
    let has_more = chain.certificates.len() > 1;
    let arguments = &[&frame[..], &own, if has_more { &more } else { &[] }, arguments].concat();
    let text = |der: &[Vec<u8>]| der.iter().map(|der| pem("CERTIFICATE", der)).collect::<String>();
    let (own, more) = chain.certificates.split_at(1);
    let (own, more, key) = (text(own), text(more), chain.key_pem());
    let shown = [("own.pem", &*own), ("more.pem", &*more), ("own.key", &*key)];
    let files = &[&shown, files].concat();
    Running::start(&Recipe { program: "openssl", package: "openssl", files, arguments })
}
