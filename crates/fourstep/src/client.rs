//! A client: settings once, probes as many as wanted.

use std::sync::{Arc, OnceLock};

use fourstep_driver::{Driver, Finished, Job, Ran, Settings};
use fourstep_probe::{Plan, Report};
use fourstep_resolve::Config;
use fourstep_target::{Scheme, Target};
use fourstep_tls as tls;

use crate::error::Error;
use crate::system;

/// Settings, and the probes made with them.
///
/// ```no_run
/// use std::time::Duration;
/// # fn main() -> Result<(), fourstep::Error> {
/// let mut client = fourstep::Client::new()?;
/// client.plan.deadlines.total = Duration::from_secs(5);
/// client.plan.follow = 3;
/// for hop in client.probe_chain("http://example.com/")? {
///     println!("{} {:?}", hop.report.target.shown(), hop.report.status());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    /// What each probe may do and keep.
    pub plan: Plan,
    /// How its loop is set: sockets, names, how many at once.
    pub settings: Settings,
}

impl Client {
    /// The defaults, and names as this machine looks them up. An error is a file of the system's
    /// that cannot be read; lines of it that are not understood are passed over, as glibc does.
    pub fn new() -> Result<Client, Error> {
        let (names, _) = system::names().map_err(Error::System)?;
        Ok(Client::with_names(names))
    }

    /// The defaults, and names looked up as told.
    pub fn with_names(names: Config) -> Client {
        Client { plan: Plan::default(), settings: Settings { names, ..Settings::default() } }
    }

    /// Reads what a person typed as a target that can be probed.
    pub fn target(typed: &[u8]) -> Result<Target, Error> {
        Target::parse(typed).map_err(Error::Target)
    }

    /// Sets how TLS is spoken. Without this it is by the defaults: the bundled roots, TLS 1.2 and
    /// 1.3. An error says which of what was handed in cannot be used.
    pub fn speak_tls(&mut self, options: &tls::Options) -> Result<(), Error> {
        self.plan.tls = Some(tls::Config::new(options).map_err(Error::Tls)?);
        Ok(())
    }

    /// A job for [`Client::run`], with the number its reports will carry.
    pub fn job(&self, number: u64, target: Target) -> Result<Job, Error> {
        Ok(Job { number, plan: Arc::new(self.plan_for(&target)?), target: Arc::new(target) })
    }

    /// The plan for one target: with the number of the interface its zone names.
    fn plan_for(&self, target: &Target) -> Result<Plan, Error> {
        let mut plan = self.plan.clone();
        let hosts = plan.route.rewrites.iter().filter_map(|rewrite| rewrite.to_host.as_ref());
        let hosts = hosts.chain(plan.route.proxy.iter().map(|(host, _)| host));
        let mut zones = Vec::new();
        for zone in hosts.chain([target.host()]).filter_map(|host| host.zone()) {
            let Some(index) = fourstep_socket::interface_index(zone) else {
                return Err(Error::NoZone(zone.escape_debug().to_string()));
            };
            zones.push((zone.into(), index));
        }
        plan.route.zones = zones;
        // A redirect may lead to https.
        if plan.tls.is_none() && (target.scheme() == Scheme::Https || plan.follow > 0) {
            plan.tls = Some(default_tls()?);
        }
        Ok(plan)
    }

    /// Probes one target, and waits for the report: the last one, if redirects are followed.
    pub fn probe(&self, target: &str) -> Result<Report, Error> {
        let mut chain = self.probe_chain(target)?;
        chain.pop().map(|last| *last.report).ok_or(Error::Interrupted)
    }

    /// Probes one target, and waits: a report for each hop, in order.
    pub fn probe_chain(&self, target: &str) -> Result<Vec<Finished>, Error> {
        let job = self.job(1, Client::target(target.as_bytes())?)?;
        let mut chain = Vec::new();
        match self.run([job], |done| chain.push(done))? {
            Ran::All => Ok(chain),
            Ran::Interrupted => Err(Error::Interrupted),
        }
    }

    /// Probes all jobs on one loop, and hands over each report as it is ready.
    pub fn run(
        &self,
        jobs: impl IntoIterator<Item = Job>,
        mut each: impl FnMut(Finished),
    ) -> Result<Ran, Error> {
        self.driver()?.run(jobs, |done, _| each(done)).map_err(Error::System)
    }

    /// A loop with these settings, to keep: its resolver remembers answers between runs.
    pub fn driver(&self) -> Result<Driver, Error> {
        self.settings.sockets.check().map_err(Error::Sockets)?;
        Driver::new(self.settings.clone()).map_err(Error::System)
    }
}

/// TLS by the defaults, made when it is first wanted: http never pays for it.
fn default_tls() -> Result<Arc<tls::Config>, Error> {
    static CONFIG: OnceLock<Arc<tls::Config>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(Arc::clone(config));
    }
    let config = tls::Config::new(&tls::Options::default()).map_err(Error::Tls)?;
    Ok(Arc::clone(CONFIG.get_or_init(|| config)))
}
