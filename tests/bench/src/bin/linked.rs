//! fourstep's loop without records; and, but for `scan`, without list reader and limits.
//!
//!     linked probes IN_FLIGHT LIST              each line's target, once
//!     linked scan IN_FLIGHT LIST                the same, with list reader, limits and tally
//!     linked names IN_FLIGHT COUNT IP PORT      h0 … hCOUNT-1.bench.test, A records, none dialled
//!
//! Names are looked up by probes whose addresses are excluded, so that each ends when it is to be
//! dialled: there is no other way to ask the loop for a name, and none is needed.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use fourstep_driver::{Driver, Excluded, Finished, Job, Settings};
use fourstep_probe::{Keep, Parting, Plan, Report};
use fourstep_resolve::{Config, Families};
use fourstep_scan::{Given, Limits, Malformed, Place, Scan, Scope, Sink, Sources};
use fourstep_terms::{Code, Time};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["probes", in_flight, list] => probes(in_flight.parse()?, list),
        ["scan", in_flight, list] => scan(in_flight.parse()?, list),
        ["names", in_flight, count, ip, port] => {
            let server = SocketAddr::new(ip.parse()?, port.parse()?);
            names(in_flight.parse()?, count.parse()?, server)
        }
        _ => Err("usage: linked probes|scan IN_FLIGHT LIST | names IN_FLIGHT COUNT IP PORT".into()),
    }
}

/// As `fourstep scan` has it: closed by a reset, nothing kept of a body.
fn plan() -> Arc<Plan> {
    Arc::new(Plan {
        families: Families::V4,
        keep: Keep { body_octets: 0, ..Keep::default() },
        parting: Parting::Reset,
        ..Plan::default()
    })
}

fn probes(in_flight: usize, list: &str) -> Result {
    let plan = plan();
    let list = std::fs::read_to_string(list)?;
    let mut driver = Driver::new(Settings { in_flight, ..Settings::default() })?;
    let jobs = list.lines().zip(1..).filter_map(|(line, number)| {
        let target = Arc::new(line.parse().ok()?);
        Some(Job { number, target, plan: Arc::clone(&plan) })
    });
    let (mut all, mut answered) = (0, 0);
    let ran = driver.run(jobs, |done, _| {
        all += 1;
        answered += usize::from(done.report.failure.is_none());
    })?;
    assert_eq!(ran, fourstep_driver::Ran::All);
    println!("{all} probes, {answered} answered");
    Ok(())
}

/// Writes no report.
#[derive(Default)]
struct Nowhere(Option<Box<Report>>);

impl Sink for Nowhere {
    fn report(&mut self, _: Time, _: Place, _: u32, done: Finished, _: &str) {
        self.0 = Some(done.report);
    }

    fn spare(&mut self) -> Option<Box<Report>> {
        self.0.take()
    }

    fn malformed(&mut self, _: Time, _: Place, _: Malformed) {}

    fn broken(&mut self, _: Time, _: u32, _: io::Error) {}

    fn has_room(&self) -> bool {
        true
    }
}

fn scan(in_flight: usize, list: &str) -> Result {
    let list = Given::octets(std::fs::read(list)?);
    let sources = Sources::new(vec![Box::new(list)], Scope::default());
    let limits = Limits { in_flight, per_host: 0, ..Limits::default() };
    let mut driver = Driver::new(Settings { in_flight, ..Settings::default() })?;
    let mut scan = Scan::new(sources, limits, plan(), Nowhere::default());
    let ran = driver.work(&mut scan)?;
    assert_eq!(ran, fourstep_driver::Ran::All);
    println!("{} probes, {} answered", scan.tally().entries(), scan.tally().answered());
    Ok(())
}

fn names(in_flight: usize, count: u64, server: SocketAddr) -> Result {
    let plan = plan();
    let names = Config { servers: vec![server], ..Config::default() };
    let excluded = Arc::new(Excluded::parse("127.0.0.0/8")?);
    let mut driver = Driver::new(Settings { in_flight, names, excluded, ..Settings::default() })?;
    let jobs = (0..count).filter_map(|number| {
        let target = Arc::new(format!("http://h{number}.bench.test/").parse().ok()?);
        Some(Job { number, target, plan: Arc::clone(&plan) })
    });
    let mut answered = 0;
    let ran = driver.run(jobs, |done, _| {
        let code = done.report.failure.map(|failure| failure.code());
        answered += usize::from(code == Some(Code::ConnectDenied));
    })?;
    assert_eq!(ran, fourstep_driver::Ran::All);
    println!("{count} lookups, {answered} answered");
    Ok(())
}
