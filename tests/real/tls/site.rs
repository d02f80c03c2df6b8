//! One nginx with many certificates, each at a port of its own, and how to probe it.

use super::authority::Leaf;
use crate::real::{Seen, chain, client};
use crate::servers::{Folder, Running, nginx};
use fourstep::Client;
use fourstep::machine::Rewrite;
use fourstep::target::Host;
use fourstep::tls::{Options, Roots};
use std::net::{IpAddr, SocketAddr};

/// The port of the first certificate. The address is this server's alone, and so are its ports.
const FIRST_PORT: u16 = 20_000;

/// What a server shows: its own certificate, what is sent beside it, and further directives.
pub(super) struct Shown<'a> {
    pub(super) leaf: Leaf,
    pub(super) more: Vec<&'a [u8]>,
    pub(super) directives: &'a str,
}

impl<'a> Shown<'a> {
    pub(super) fn new(leaf: Leaf, more: &[&'a [u8]]) -> Shown<'a> {
        Shown { leaf, more: more.to_vec(), directives: "" }
    }

    pub(super) fn with(self, directives: &'a str) -> Shown<'a> {
        Shown { directives, ..self }
    }

    /// As PEM: the chain, and the key.
    pub(super) fn pem(&self) -> (String, String) {
        let chain = std::iter::once(&self.leaf.der[..]).chain(self.more.iter().copied());
        let chain = chain.map(|der| pem("CERTIFICATE", der)).collect();
        (chain, pem("PRIVATE KEY", &plain(&self.leaf.key)))
    }
}

/// A key as OpenSSL 3.0 reads it. It knows PKCS #8 (RFC 5958 §2) of version 1 alone, without the
/// public key that ring adds to one of Ed25519 (RFC 8410 §7).
fn plain(key: &[u8]) -> Vec<u8> {
    const ED25519: &[u8] = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
    match key {
        [0x30, _, 2, 1, 1, rest @ ..] if rest.starts_with(&ED25519[5..]) => {
            [ED25519, &rest[ED25519.len() - 5..][..32]].concat()
        }
        _ => key.to_vec(),
    }
}

/// RFC 7468 §3.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let base64 = data_encoding::BASE64.encode(der);
    let lines = base64.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap());
    let body: String = lines.map(|line| format!("{line}\n")).collect();
    format!("-----BEGIN {label}-----\n{body}-----END {label}-----\n")
}

/// Certificates at work.
pub(super) struct Site {
    pub(super) nginx: Running,
}

impl Site {
    /// Serves each at a port of its own; a request is answered with what the handshake came to.
    pub(super) fn of(shown: &[Shown<'_>]) -> Site {
        Site::with(shown, &[])
    }

    /// The same, with further files below `{dir}`.
    pub(super) fn with(shown: &[Shown<'_>], further: &[(&str, &str)]) -> Site {
        let mut config = String::new();
        let mut files: Vec<(String, String)> = Vec::new();
        for (at, one) in shown.iter().enumerate() {
            let (port, directives) = (port(at), one.directives);
            config += &format!(
                "server {{
                    listen {{ip}}:{port} ssl;
                    ssl_certificate {{dir}}/{at}.pem;
                    ssl_certificate_key {{dir}}/{at}.key;
                    {directives}
                    return 200 '$ssl_server_name|$ssl_protocol|$ssl_alpn_protocol|$ssl_client_s_dn';
                }}\n"
            );
            let (chain, key) = one.pem();
            files.extend([(format!("{at}.pem"), chain), (format!("{at}.key"), key)]);
        }
        // Last: when it listens here, it listens everywhere.
        config += "server { listen {addr}; return 204; }";
        config += " ssl_protocols TLSv1.2 TLSv1.3;";
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .chain(further.iter().copied())
            .collect();
        Site { nginx: nginx(&config, &files) }
    }

    /// The URL of the certificate at this place, for a host of any name.
    pub(super) fn url(&self, at: usize, host: &str) -> String {
        let host = match host.parse() {
            Ok(IpAddr::V6(ip)) => format!("[{ip}]"),
            _ => host.to_owned(),
        };
        format!("https://{host}:{}/", port(at))
    }

    pub(super) fn address(&self, at: usize) -> SocketAddr {
        (self.nginx.addr.ip(), port(at)).into()
    }
}

fn port(at: usize) -> u16 {
    FIRST_PORT + u16::try_from(at).unwrap()
}

/// The flag that leads every host to this server, at the port of the URL.
pub(super) fn lead(server: &Running) -> String {
    format!("::{}:", server.addr.ip())
}

/// A client that is led so, too, and speaks TLS by these options.
pub(super) fn led(server: &Running, options: &Options) -> Client {
    let mut client = client();
    let IpAddr::V4(ip) = server.addr.ip() else { panic!("{}", server.addr) };
    let to_host = Some(Host::V4(ip));
    client.plan.route.rewrites = vec![Rewrite { host: None, port: None, to_host, to_port: None }];
    client.speak_tls(options).unwrap();
    client
}

/// Probes one URL so.
pub(super) fn probe(server: &Running, options: &Options, url: &str) -> Seen {
    chain(&led(server, options), url).pop().unwrap()
}

pub(super) fn trusting(root: &[u8]) -> Options {
    Options { roots: Roots::Given(vec![root.to_vec()]), ..Options::default() }
}

/// A folder with these files, for what a flag names; and their paths.
pub(super) fn files<const N: usize>(of: [(&str, &[u8]); N]) -> (Folder, [String; N]) {
    let folder = Folder::new("tls").unwrap();
    let paths = of.map(|(name, octets)| {
        folder.write(name, octets).unwrap().into_os_string().into_string().unwrap()
    });
    (folder, paths)
}
