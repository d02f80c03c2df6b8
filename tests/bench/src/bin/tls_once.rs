//! One https probe, from the start of the process to its exit, against curl: `tls_once FOURSTEP
//! ROUNDS`.
//!
//! Both fetch the same small answer over TLS 1.3 from an origin of this program's own, one after
//! the other in each round, so that whatever the machine is doing meets both. Medians, and their
//! ratio: of the time on the wall, in which the origin's part of the handshake is the same for all,
//! and of the processor's time, which a busy machine moves less.

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
    let mut times = vec![[Vec::new(), Vec::new()]; contestants.len()];
    for _ in 0..rounds {
        for ((_, words), times) in contestants.iter().zip(&mut times) {
            times.iter_mut().zip(once(words)).for_each(|(times, took)| times.push(took));
        }
    }
    let medians: Vec<[Duration; 2]> = times.into_iter().map(|times| times.map(median)).collect();
    println!("{:26} {:>11}  ratio   processor  ratio", "", "wall");
    for ((name, _), took) in contestants.iter().zip(&medians) {
        let ms = took.map(|took| took.as_secs_f64() * 1e3);
        let first = medians[0].map(|took| took.as_secs_f64() * 1e3);
        let [wall, cpu] = [ms[0] / first[0], ms[1] / first[1]];
        println!("{name:26} {:8.3} ms  {wall:5.2} {:8.3} ms  {cpu:5.2}", ms[0], ms[1]);
    }
    fs::remove_dir_all(&folder).expect("it is ours");
}

/// How long a process took, on the wall and of the processor.
fn once(words: &[&str]) -> [Duration; 2] {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let (began, used) = (Instant::now(), children());
    let status = command.status().unwrap_or_else(|error| panic!("{}: {error}", words[0]));
    let took = [began.elapsed(), children() - used];
    // 503 is what the origin says: 1 for us, 0 for curl.
    assert!(matches!(status.code(), Some(0 | 1)), "{}: {status}", words[0]);
    took
}

/// Processor time of all children that were waited for.
fn children() -> Duration {
    // SAFETY: it is plain numbers, for which zero is a value, and the call writes all of it.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        assert_eq!(libc::getrusage(libc::RUSAGE_CHILDREN, &mut usage), 0);
        usage
    };
    let time = |time: libc::timeval| {
        let whole = u64::try_from(time.tv_sec).expect("no time is negative");
        Duration::from_secs(whole)
            + Duration::from_micros(u64::try_from(time.tv_usec).expect("no time is negative"))
    };
    time(usage.ru_utime) + time(usage.ru_stime)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
