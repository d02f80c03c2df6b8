//! The servers that the cases probe, on loopback and at ports of the system's choosing.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{env, process};

use fourstep_peer::{Held, LOOPBACK, Manner, NameServer, On, Origin, Request, Script, Zone};

/// More than the buffers of a connection take by default, on both sides together (`tcp_wmem`,
/// `tcp_rmem` in tcp(7)), so that a request this large meets whoever does not read it.
const BODY_OCTETS: u64 = 16 << 20;

/// How long a peer may take to do its part; on loopback it takes microseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a reset may need from a peer's socket to ours on a busy machine.
const RESET_TRAVELS: Duration = Duration::from_millis(20);

/// Every server of the demo. Dropping it stops them all and removes the files.
pub(super) struct Stage {
    origin: Origin,
    names: NameServer,
    refused: Held,
    /// `None` where the queue of new connections has no end.
    full: Option<Held>,
    deaf: Origin,
    rude: Origin,
    mute: Origin,
    /// Those that fail at TLS, by the word that stands for each.
    tls: Vec<(&'static str, Origin)>,
    /// Rings when `mute` has read a request.
    asked: Mutex<Receiver<()>>,
    spare: SocketAddr,
    folder: Folder,
    /// A unix socket that nobody may connect to; `None` where that does not keep us out.
    denied: Option<UnixListener>,
}

impl Stage {
    pub(super) fn open() -> io::Result<Stage> {
        let (ring, asked) = mpsc::channel();
        let mute = Origin::choose(LOOPBACK, move |_| {
            // Nobody listens any more: then nobody needs to know.
            let _ = ring.send(());
            Script::new().stall()
        })?;
        let folder = Folder::new()?;
        File::create(folder.body())?.set_len(BODY_OCTETS)?;
        Ok(Stage {
            origin: Origin::choose(LOOPBACK, script)?,
            names: NameServer::start(LOOPBACK, zone())?,
            refused: Held::refused(LOOPBACK)?,
            full: Held::full(LOOPBACK).ok(),
            deaf: Origin::deaf(LOOPBACK)?,
            rude: Origin::reset(LOOPBACK)?,
            mute,
            tls: tls()?,
            asked: Mutex::new(asked),
            spare: spare()?,
            denied: forbidden(&folder.denied()),
            folder,
        })
    }

    /// What a `{word}` of a case stands for; `None` when there is no such place on this machine.
    pub(super) fn place(&self, word: &str) -> Option<String> {
        let path = |path: PathBuf| path.to_string_lossy().into_owned();
        Some(match word {
            "origin" => self.origin.address().to_string(),
            "port" => self.origin.port().to_string(),
            "names" => self.names.address().to_string(),
            "refused" => self.refused.address().to_string(),
            "full" => self.full.as_ref()?.address().to_string(),
            "full-port" => self.full.as_ref()?.address().port().to_string(),
            "deaf" => self.deaf.address().to_string(),
            "rude" => self.rude.address().to_string(),
            "mute" => self.mute.address().to_string(),
            "spare" => self.spare.to_string(),
            "body" => path(self.folder.body()),
            "denied" => self.denied.as_ref().map(|_| path(self.folder.denied()))?,
            word => {
                let (_, origin) = self.tls.iter().find(|(name, _)| *name == word)?;
                origin.address().to_string()
            }
        })
    }

    /// Waits until the mute origin has read a request.
    pub(super) fn wait_until_asked(&self) {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = asked.recv_timeout(PATIENCE);
    }

    /// Waits until the rude origin has thrown a connection away, and that is known here.
    pub(super) fn wait_until_reset(&self) {
        self.rude.wait(1, PATIENCE);
        // For a second connection, which nobody opens.
        self.rude.wait(2, RESET_TRAVELS);
    }
}

/// What the origin does for each path, when it has read the request.
fn script(request: &Request) -> Script {
    let moved = |to: &str| {
        Script::new().write(format!(
            "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ))
    };
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
    match request.path() {
        "/" | "/here" => Script::status(200, "OK", "hello\n"),
        "/busy" => Script::new().write(
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 120\r\n\
             Content-Length: 5\r\nConnection: close\r\n\r\nbusy\n",
        ),
        "/moved" => moved("/again"),
        "/again" => moved("here"),
        "/hints" => Script::new()
            .write("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
            .then(Script::status(200, "OK", "hello\n")),
        "/odd" => Script::new().write("HTTP/1.1 200\nContent-Length: 6\n\nhello\n"),
        "/empty" => Script::new().close(),
        "/silent" => Script::new().stall(),
        "/stalled" => Script::new().write(half).stall(),
        "/reset" => Script::new().reset(),
        "/cut" => Script::new().write(half).close(),
        "/ssh" => Script::new().write("SSH-2.0-OpenSSH_9.2\r\n").close(),
        "/endless" => {
            Script::new().write("HTTP/1.1 200 OK\r\nX-Endless: ").flood("more, ", 1 << 30)
        }
        "/circle" => moved("/back"),
        "/back" => moved("/circle"),
        "/lost" => moved("http://[::1/"),
        _ => Script::status(404, "Not Found", "no such page\n"),
    }
}

/// What each peer does that has heard a ClientHello.
fn tls() -> io::Result<Vec<(&'static str, Origin)>> {
    /// An alert record of two octets (RFC 8446 §5.1, §6): fatal, and which.
    fn alert(which: u8) -> [u8; 7] {
        [21, 3, 3, 0, 2, 2, which]
    }
    let hear = || Script::new().hear();
    [
        ("tls-silent", hear().stall()),
        ("tls-closed", hear().close()),
        ("tls-reset", hear().reset()),
        ("tls-alert", hear().write(alert(80)).close()), // internal_error
        ("tls-clear", hear().write("HTTP/1.1 400 Bad Request\r\n\r\n").close()),
        ("tls-nonsense", hear().write([22, 3, 3, 0, 5]).write("hello").close()),
        ("tls-old", hear().write(alert(70)).close()), // protocol_version
    ]
    .into_iter()
    .map(|(word, script)| Ok((word, Origin::start(LOOPBACK, script)?)))
    .collect()
}

/// The names, and how the server behaves for each.
fn zone() -> Zone {
    let (here, there) = ([127, 0, 0, 1], [127, 0, 0, 2]);
    Zone::new()
        .cname("www.test", "origin.test")
        .a("origin.test", here)
        .a("twice.test", here)
        .a("twice.test", there)
        .txt("text.test", "no address here")
        .behave("sick.test", On::Any, Manner::Rcode(2))
        // 7 is Signature Expired (RFC 8914 §4.8).
        .behave(
            "sick.test",
            On::Any,
            Manner::Extended(7, "the zone's signatures have expired".into()),
        )
        .behave("closed.test", On::Any, Manner::Rcode(5))
        .behave("mute.test", On::Any, Manner::Silent)
        .a("junk.test", here)
        .behave("junk.test", On::Any, Manner::PointerLoop)
}

/// A port that nobody uses, at an address that the system gives to no connection by itself.
fn spare() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::new(127, 0, 0, 3), 0))?.local_addr()
}

/// A unix socket with no permission for anybody, if that keeps this user out.
fn forbidden(path: &Path) -> Option<UnixListener> {
    let listener = UnixListener::bind(path).ok()?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o000)).ok()?;
    let said = UnixStream::connect(path).err()?;
    (said.kind() == ErrorKind::PermissionDenied).then_some(listener)
}

/// A folder of our own for files, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Folder> {
        let mut tries = 0..100;
        loop {
            let name = format!("fourstep-demo-{}-{}", process::id(), tries.next().unwrap_or(100));
            let path = env::temp_dir().join(name);
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Folder(path)),
                // Left behind by another that was killed.
                Err(error) if error.kind() == ErrorKind::AlreadyExists && !tries.is_empty() => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn body(&self) -> PathBuf {
        self.0.join("16-MiB")
    }

    fn denied(&self) -> PathBuf {
        self.0.join("denied.sock")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
