//! The same work with reqwest: `reqwest IN_FLIGHT LIST`. One thread, one client that keeps no
//! connection; each task takes the next target and reads the answer to its end.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use reqwest::Client;

static LIST: OnceLock<String> = OnceLock::new();

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(in_flight), Some(list)) = (args.next(), args.next()) else {
        return Err("usage: reqwest IN_FLIGHT LIST".into());
    };
    let list = LIST.get_or_init(|| std::fs::read_to_string(list).unwrap_or_default());
    let urls: Arc<[&'static str]> = list.lines().collect();
    let next = Arc::new(AtomicUsize::new(0));
    let answered = Arc::new(AtomicUsize::new(0));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = Client::builder()
            .pool_max_idle_per_host(0)
            .user_agent("fourstep/0.1.0")
            .no_proxy()
            .build()?;
        let mut tasks = Vec::new();
        for _ in 0..in_flight.parse()? {
            let (urls, next, answered) = (urls.clone(), next.clone(), answered.clone());
            let client = client.clone();
            tasks.push(tokio::spawn(async move {
                while let Some(url) = urls.get(next.fetch_add(1, Relaxed)) {
                    if probe(&client, url).await.is_ok() {
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
    println!("{} probes, {} answered", urls.len(), answered.load(Relaxed));
    Ok(())
}

async fn probe(client: &Client, url: &str) -> reqwest::Result<()> {
    client.get(url).header("Connection", "close").send().await?.bytes().await?;
    Ok(())
}
