//! The same work with hyper: `hyper IN_FLIGHT LIST`. One thread; each task takes the next target,
//! connects, asks for `Connection: close`, reads the body to its end, and drops the connection.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

static LIST: OnceLock<String> = OnceLock::new();

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(in_flight), Some(list)) = (args.next(), args.next()) else {
        return Err("usage: hyper IN_FLIGHT LIST".into());
    };
    let list = LIST.get_or_init(|| std::fs::read_to_string(list).unwrap_or_default());
    let urls: Arc<[&'static str]> = list.lines().collect();
    let next = Arc::new(AtomicUsize::new(0));
    let answered = Arc::new(AtomicUsize::new(0));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut tasks = Vec::new();
        for _ in 0..in_flight.parse()? {
            let (urls, next, answered) = (urls.clone(), next.clone(), answered.clone());
            tasks.push(tokio::spawn(async move {
                while let Some(url) = urls.get(next.fetch_add(1, Relaxed)) {
                    if probe(url).await.is_ok() {
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

async fn probe(url: &'static str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let uri = Uri::from_static(url);
    let authority = uri.authority().ok_or("no authority")?;
    let stream = TcpStream::connect(authority.as_str()).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get(uri.path())
        .header("Host", authority.as_str())
        .header("User-Agent", "fourstep/0.1.0")
        .header("Accept", "*/*")
        .header("Connection", "close")
        .body(Empty::<Bytes>::new())?;
    let mut response = sender.send_request(request).await?;
    while let Some(frame) = response.frame().await {
        frame?;
    }
    Ok(())
}
