//! One nginx with many certificates, each at a port of its own, and how to probe it.

use crate::real::{Seen, chain, client};
use crate::servers::{Folder, Running, nginx};
use fourstep::Client;
use fourstep::machine::Rewrite;
use fourstep::target::Host;
use fourstep::tls::{Options, Roots};
use fourstep_authority::{Chain, Mint, Signer};
use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;
use std::time::SystemTime;

/// The port of the first certificate. The address is this server's alone, and so are its ports.
const FIRST_PORT: u16 = 30_443;

/// What certificates say, today.
pub(super) fn mint() -> &'static Mint {
    static MINT: LazyLock<Mint> = LazyLock::new(|| {
        Mint::at(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap())
    });
    &MINT
}

/// A root of this name.
pub(super) fn root(name: &str) -> Signer {
    Signer::root(mint().ca(name), mint())
}

/// A certificate for this name by it.
pub(super) fn for_name(root: &Signer, name: &str) -> Chain {
    root.sign(mint().server(&[name]), mint())
}

/// What a server shows: its certificates, and further directives.
pub(super) struct Shown<'a> {
    pub(super) chain: Chain,
    pub(super) directives: &'a str,
}

impl<'a> Shown<'a> {
    pub(super) fn new(chain: Chain) -> Shown<'a> {
        Shown { chain, directives: "" }
    }

    pub(super) fn with(self, directives: &'a str) -> Shown<'a> {
        Shown { directives, ..self }
    }
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
            let (chain, key) = (one.chain.pem(), one.chain.key_pem());
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

pub(super) fn trusting(root: &Signer) -> Options {
    Options { roots: Roots::Given(vec![root.der().to_vec()]), ..Options::default() }
}

/// A folder with these files, for what a flag names; and their paths.
pub(super) fn files<const N: usize>(of: [(&str, &[u8]); N]) -> (Folder, [String; N]) {
    let folder = Folder::new("tls").unwrap();
    let paths = of.map(|(name, octets)| {
        folder.write(name, octets).unwrap().into_os_string().into_string().unwrap()
    });
    (folder, paths)
}
