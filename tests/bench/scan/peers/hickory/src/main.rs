//! The same lookups with hickory-resolver on tokio: `hickory IN_FLIGHT COUNT IP PORT` looks up the
//! A records of h0 … hCOUNT-1.bench.test, each once and none from a cache. One thread.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use hickory_resolver::Resolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [in_flight, count, ip, port] = args.as_slice() else {
        return Err("usage: hickory IN_FLIGHT COUNT IP PORT".into());
    };
    let (in_flight, count): (usize, usize) = (in_flight.parse()?, count.parse()?);
    let server = SocketAddr::new(ip.parse::<IpAddr>()?, port.parse()?);
    let mut over = ConnectionConfig::udp();
    over.port = server.port();
    let server = NameServerConfig::new(server.ip(), true, vec![over]);
    let config = ResolverConfig::from_name_servers(vec![server]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answered = Arc::new(AtomicUsize::new(0));
    runtime.block_on(async {
        let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
        let options = builder.options_mut();
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        options.ip_strategy = LookupIpStrategy::Ipv4Only;
        options.edns0 = true;
        // Enough for none to be held back.
        options.max_active_requests = in_flight;
        let resolver = Arc::new(builder.build()?);
        let next = Arc::new(AtomicUsize::new(0));
        let mut tasks = Vec::new();
        for _ in 0..in_flight {
            let (resolver, next, answered) = (resolver.clone(), next.clone(), answered.clone());
            tasks.push(tokio::spawn(async move {
                loop {
                    let n = next.fetch_add(1, Relaxed);
                    if n >= count {
                        return;
                    }
                    let found = resolver.lookup_ip(format!("h{n}.bench.test.")).await;
                    if found.is_ok_and(|found| found.iter().next().is_some()) {
                        answered.fetch_add(1, Relaxed);
                    }
                }
            }));
        }
        for task in tasks {
            task.await?;
        }
        Ok::<_, Box<dyn std::error::Error>>(())
    })?;
    println!("{count} lookups, {} answered", answered.load(Relaxed));
    Ok(())
}
