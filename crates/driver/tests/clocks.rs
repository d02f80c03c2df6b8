//! Whose clock tells when octets came in, on loopback.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use fourstep_driver::{Driver, Finished, Interrupter, Job, Ran, Settings, Supply, Work};
use fourstep_peer::{Held, LOOPBACK, Origin, Script};
use fourstep_probe::{Mark, Plan, Report, Route};
use fourstep_terms::{Clock, Time};

/// Longer than anything on loopback takes.
const LIMIT: Duration = Duration::from_secs(20);

fn driver(clock: Clock) -> Driver {
    Driver::new(Settings { clock, ..Settings::default() }).unwrap()
}

fn job(url: &str, plan: Plan) -> Job {
    Job { number: 0, target: Arc::new(url.parse().unwrap()), plan: Arc::new(plan) }
}

fn probe(driver: &mut Driver, url: &str) -> Report {
    let mut reports = Vec::new();
    let ran = driver.run([job(url, Plan::default())], |done, _| reports.push(done.report)).unwrap();
    assert_eq!((ran, reports.len()), (Ran::All, 1));
    *reports.remove(0)
}

/// A loop for which the kernel stamps: it begins to a moment after the first loop asks.
fn stamping() -> Driver {
    let origin = Origin::start(LOOPBACK, Script::new().read().write(ANSWER)).unwrap();
    let mut driver = driver(Clock::Kernel);
    let stamped = (0..1000).any(|_| {
        let report = probe(&mut driver, &origin.url("/"));
        assert_eq!(report.status(), Some(204));
        report.timeline.clock() == Some(Clock::Kernel)
    });
    assert!(stamped, "a thousand responses, and no stamp");
    driver
}

const ANSWER: &str = "HTTP/1.1 204 No Content\r\n\r\n";

#[test]
fn what_the_server_took_is_told_from_what_the_path_took() {
    const DELAY: Duration = Duration::from_millis(50);
    let slow = Script::new().read().wait(DELAY).write(ANSWER);
    let origin = Origin::start(LOOPBACK, slow).unwrap();
    let report = probe(&mut stamping(), &origin.url("/"));

    let at = |mark| report.timeline.at(mark).unwrap();
    assert_eq!(report.timeline.clock(), Some(Clock::Kernel));
    assert!(at(Mark::Offered) <= at(Mark::Sent) && at(Mark::Sent) + DELAY <= at(Mark::FirstOctet));
    assert_eq!(at(Mark::LastOctet), at(Mark::Done));

    let tcp = *report.tcp.as_deref().unwrap();
    assert!(tcp.connected.rtt_us.is_some() && tcp.connected.mss > 0, "{tcp:?}");
    assert_eq!((tcp.connected.retransmits, tcp.ended.retransmits), (0, 0));
    let waited = report.waited().unwrap();
    assert_eq!(Some(waited.network + waited.server), report.timeline.timings().wait);
    // The path of loopback takes next to nothing; of what it might on a busy machine half is left.
    assert!(waited.server >= DELAY / 2, "{waited:?}");
}

#[test]
fn without_the_kernel_our_own_clock_tells() {
    let origin = Origin::start(LOOPBACK, Script::new().read().write(ANSWER)).unwrap();
    let report = probe(&mut driver(Clock::User), &origin.url("/"));
    assert_eq!((report.status(), report.timeline.clock()), (Some(204), Some(Clock::User)));
    assert_eq!((report.tcp.as_ref(), report.waited()), (None, None));

    let path = std::env::temp_dir().join(format!("fourstep-clocks-{}", std::process::id()));
    let unix = Origin::<PathBuf>::start(path.clone(), Script::new().read().write(ANSWER)).unwrap();
    let route = Route { unix: Some(path.into()), ..Route::default() };
    let plan = Plan { route, ..Plan::default() };
    let mut reports = Vec::new();
    let each = |done: Finished, _: &str| reports.push(done.report);
    let _ = stamping().run([job("http://a.test/", plan)], each).unwrap();
    let timeline = &reports[0].timeline;
    assert_eq!((reports[0].status(), timeline.clock()), (Some(204), Some(Clock::User)));
    assert_eq!(reports[0].tcp, None);
    drop(unix);
}

/// Work that keeps the loop from its sockets: when the server has the first job's request, no
/// socket is looked at until the response has been sent, and a second job was begun.
struct Busy {
    jobs: Vec<Job>,
    /// The server has a request.
    asked: Arc<AtomicBool>,
    answer: Sender<()>,
    answered: Receiver<()>,
    /// A moment after the response was sent, before the loop read it.
    between: Option<Time>,
    report: Option<Box<Report>>,
}

impl Work for Busy {
    fn next(&mut self, now: Time) -> Supply {
        match self.jobs.len() {
            2 => Supply::Job(self.jobs.remove(0)),
            1 if self.asked.load(Ordering::Acquire) => {
                self.answer.send(()).unwrap();
                self.answered.recv_timeout(LIMIT).unwrap();
                Supply::Job(self.jobs.remove(0))
            }
            1 => Supply::Wait(Time::NEVER),
            _ => {
                self.between.get_or_insert(now);
                Supply::End
            }
        }
    }

    fn done(&mut self, _: Time, done: Finished, _: &str) {
        self.report = self.report.take().or(Some(done.report).filter(|report| report.answered()));
    }
}

/// A server for one request, which it answers when it is told to; it says when it has it, and when
/// it has answered.
fn serve(
    listener: &TcpListener,
    asked: &AtomicBool,
    wake: &Interrupter,
    (answer, answered): (Receiver<()>, Sender<()>),
) {
    let (mut peer, _) = listener.accept().unwrap();
    assert!(peer.read(&mut [0; 1024]).unwrap() > 0);
    asked.store(true, Ordering::Release);
    wake.wake();
    answer.recv_timeout(LIMIT).unwrap();
    peer.write_all(ANSWER.as_bytes()).unwrap();
    answered.send(()).unwrap();
}

#[test]
fn a_busy_loop_is_no_part_of_the_wait() {
    for clock in [Clock::Kernel, Clock::User] {
        let mut driver = if clock == Clock::Kernel { stamping() } else { driver(clock) };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let nothing = Held::refused(LOOPBACK).unwrap();
        let (asked, wake) = (Arc::new(AtomicBool::new(false)), driver.interrupter());
        let (answer, is_to_answer) = channel();
        let (has_answered, answered) = channel();
        let server = thread::spawn({
            let asked = Arc::clone(&asked);
            move || serve(&listener, &asked, &wake, (is_to_answer, has_answered))
        });
        let jobs = vec![job(&url, Plan::default()), job(&nothing.url("/"), Plan::default())];
        let mut busy = Busy { jobs, asked, answer, answered, between: None, report: None };
        assert_eq!(driver.work(&mut busy).unwrap(), Ran::All);
        server.join().unwrap();

        let timeline = busy.report.unwrap().timeline;
        let (first, between) = (timeline.at(Mark::FirstOctet).unwrap(), busy.between.unwrap());
        assert_eq!(timeline.clock(), Some(clock));
        assert!(timeline.at(Mark::Sent).unwrap() <= first);
        match clock {
            Clock::Kernel => assert!(first <= between, "{first:?} {between:?}"),
            Clock::User => assert!(first > between, "{first:?} {between:?}"),
        }
    }
}
