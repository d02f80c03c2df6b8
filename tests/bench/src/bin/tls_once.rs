//! One https probe, from the start of the process to its exit, against curl: `tls_once FOURSTEP
//! ROUNDS`.
//!
//! Both fetch the same small answer over TLS 1.3 from an origin of this program's own, one after
//! the other in each round, so that whatever the machine is doing meets both. Medians, and their
//! ratio. The origin's part of the handshake is the same for all, and in every number.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use fourstep_authority::{Mint, Signer};
use fourstep_bench::{response, tls};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;

fn main() {
    let mut words = std::env::args().skip(1);
    let ours = words.next().expect("usage: tls_once FOURSTEP ROUNDS");
    let rounds: usize = words.next().map_or(200, |rounds| rounds.parse().expect("a number"));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    let mint = Mint::at(now);
    let root = Signer::root(mint.ca("Root"), &mint);
    let middle = root.sign_ca(mint.ca("Middle"), &mint);
    let chain = middle.sign(mint.server(&["127.0.0.1"]), &mint).and(&[&middle]);
    let certificates = chain.certificates.iter().map(|der| der.clone().into()).collect();
    let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has suites for both")
        .with_no_client_auth()
        .with_single_cert(certificates, PrivateKeyDer::Pkcs8(chain.key.into()))
        .expect("a chain and its key");
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let url = format!("https://{}/", listener.local_addr().expect("it is bound"));
    std::thread::spawn(move || tls::serve(listener, Arc::new(server), response()));

    let folder = std::env::temp_dir().join(format!("fourstep-tls-once-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let (alone, among) = (folder.join("root.pem"), folder.join("bundle.pem"));
    fs::write(&alone, root.pem()).expect("a file");
    // What curl reads when it is told nothing: the system's roots. Ours are built in.
    let system = fs::read_to_string("/etc/ssl/certs/ca-certificates.crt").unwrap_or_default();
    fs::write(&among, system + &root.pem()).expect("a file");
    let (alone, among) = (alone.to_str().expect("ASCII"), among.to_str().expect("ASCII"));

    let contestants: [(&str, &[&str]); 6] = [
        ("fourstep --ca ROOT", &[&ours, "--ca", alone, &url]),
        ("fourstep --ca ROOT --json", &[&ours, "--ca", alone, "--json", &url]),
        ("fourstep -k", &[&ours, "-k", &url]),
        ("curl --cacert ROOT", &["curl", "-q", "-s", "-o", "/dev/null", "--cacert", alone, &url]),
        ("curl --cacert BUNDLE", &["curl", "-q", "-s", "-o", "/dev/null", "--cacert", among, &url]),
        ("curl -k", &["curl", "-q", "-s", "-o", "/dev/null", "-k", &url]),
    ];
    let mut times = vec![Vec::with_capacity(rounds); contestants.len()];
    for _ in 0..rounds {
        for ((_, words), times) in contestants.iter().zip(&mut times) {
            times.push(once(words));
        }
    }
    let medians: Vec<Duration> = times.into_iter().map(median).collect();
    for ((name, _), took) in contestants.iter().zip(&medians) {
        let ratio = took.as_secs_f64() / medians[0].as_secs_f64();
        println!("{name:26} {:8.3} ms  {ratio:5.2}", took.as_secs_f64() * 1e3);
    }
    fs::remove_dir_all(&folder).expect("it is ours");
}

fn once(words: &[&str]) -> Duration {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let status = command.status().unwrap_or_else(|error| panic!("{}: {error}", words[0]));
    let took = began.elapsed();
    // 503 is what the origin says: 1 for us, 0 for curl.
    assert!(matches!(status.code(), Some(0 | 1)), "{}: {status}", words[0]);
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
