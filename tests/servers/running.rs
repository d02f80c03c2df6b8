//! One server: found, started, waited for, ended.

use super::folder::Folder;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take until it accepts, and how long until it ends by itself.
const START_MOST: Duration = Duration::from_secs(20);
const END_MOST: Duration = Duration::from_secs(5);

/// How long to listen for a word of the server's between two looks at it.
const LOOK: Duration = Duration::from_millis(10);

/// How many ports a server may listen on beside its first.
const PORTS: usize = 8;

/// The folders where Debian keeps servers, which a user's PATH may lack.
const SYSTEM_FOLDERS: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// A server that accepts connections at `addr` until this is dropped.
pub struct Running {
    pub addr: SocketAddr,
    /// Further ports of its address that are free when it starts: `{port1}` and so on.
    ports: [u16; PORTS],
    child: Child,
    /// What it says on standard error; the other end is gone when it closed it.
    says: Receiver<String>,
    log: String,
    folder: Folder,
}

/// How a server is started.
pub struct Recipe<'a> {
    pub program: &'static str,
    /// The Debian package that has it.
    pub package: &'static str,
    /// Files below its folder, its configuration among them. Placeholders are filled in.
    pub files: &'a [(&'a str, &'a str)],
    /// Placeholders are filled in.
    pub arguments: &'a [&'a str],
}

/// Why there is no server.
#[derive(Debug)]
pub enum Trouble {
    Missing { program: &'static str, package: &'static str },
    Ended { program: &'static str, log: String },
    Silent { program: &'static str, log: String },
    Io(io::Error),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Missing { program, package } => {
                write!(f, "`{program}` is not installed: apt-get install {package}")
            }
            Trouble::Ended { program, log } => write!(f, "`{program}` ended at once:\n{log}"),
            Trouble::Silent { program, log } => write!(f, "`{program}` does not accept:\n{log}"),
            Trouble::Io(error) => write!(f, "{error}"),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Io(error)
    }
}

impl Running {
    /// Starts a server, or ends the test with the reason why not.
    pub fn start(recipe: &Recipe<'_>) -> Running {
        match Running::try_start(recipe) {
            Ok(running) => running,
            Err(trouble) => panic!("{trouble}"),
        }
    }

    pub fn try_start(recipe: &Recipe<'_>) -> Result<Running, Trouble> {
        let &Recipe { program, package, files, arguments } = recipe;
        let path = find(program).ok_or(Trouble::Missing { program, package })?;
        let folder = Folder::new(program)?;
        let addr = free_address()?;
        let ports = free_ports(addr.ip())?;
        let fill = |text: &str| {
            let text = text
                .replace("{addr}", &addr.to_string())
                .replace("{ip}", &addr.ip().to_string())
                .replace("{port}", &addr.port().to_string())
                .replace("{dir}", &folder.path().display().to_string());
            (1..).zip(ports).fold(text, |text, (number, port)| {
                text.replace(&format!("{{port{number}}}"), &port.to_string())
            })
        };
        folder.write("www/.keep", "")?;
        for (name, text) in files {
            folder.write(name, fill(text))?;
        }
        let mut child = Command::new(path)
            .args(arguments.iter().map(|argument| fill(argument)))
            .current_dir(folder.path())
            // What it keeps of itself it keeps there.
            .env("HOME", folder.path())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_DATA_HOME")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let says = child
            .stderr
            .take()
            .map(listen)
            .ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        let mut running = Running { addr, ports, child, says, log: String::new(), folder };
        running.wait_until_it_accepts(program)?;
        Ok(running)
    }

    /// The folder of its configuration and files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below the folder.
    pub fn write(&self, name: &str, octets: impl AsRef<[u8]>) {
        self.folder.write(name, octets).unwrap();
    }

    /// The URL of `path` (from its slash) there.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// Where `{port1}`, `{port2}`, … is, by its number.
    pub fn other(&self, number: usize) -> SocketAddr {
        SocketAddr::new(self.addr.ip(), self.ports[number - 1])
    }

    /// The URL of `path` there.
    pub fn url_at(&self, number: usize, path: &str) -> String {
        format!("http://{}{path}", self.other(number))
    }

    /// All that it said on standard error so far.
    pub fn log(&mut self) -> &str {
        self.log.extend(self.says.try_iter());
        &self.log
    }

    fn wait_until_it_accepts(&mut self, program: &'static str) -> Result<(), Trouble> {
        let start = Instant::now();
        while TcpStream::connect_timeout(&self.addr, START_MOST).is_err() {
            self.hear();
            if self.child.try_wait()?.is_some() {
                // Its last words may still be on their way; with it the stream ends.
                while let Ok(line) = self.says.recv_timeout(END_MOST) {
                    self.log.push_str(&line);
                }
                return Err(Trouble::Ended { program, log: self.log().into() });
            }
            if start.elapsed() > START_MOST {
                return Err(Trouble::Silent { program, log: self.log().into() });
            }
        }
        Ok(())
    }

    /// Waits a moment for its next word.
    fn hear(&mut self) {
        match self.says.recv_timeout(LOOK) {
            Ok(line) => self.log.push_str(&line),
            Err(RecvTimeoutError::Timeout) => {}
            // It closed standard error; the moment passes on a channel that nobody writes to.
            Err(RecvTimeoutError::Disconnected) => {
                let (_never, silence) = mpsc::channel::<()>();
                let _ = silence.recv_timeout(LOOK);
            }
        }
    }
}

/// Ends it by its pid alone: SIGTERM, and SIGKILL when that is not enough in time.
impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        // Not waited for yet, so the pid is still its own.
        let pid = self.child.id().to_string();
        let _ = Command::new("sh").args(["-c", "kill -TERM \"$1\"", "sh", &pid]).status();
        let start = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && start.elapsed() < END_MOST {
            self.hear();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A thread that passes on the lines of a stream until its end.
fn listen(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, says) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            if tell.send(format!("{}\n", String::from_utf8_lossy(&line))).is_err() {
                return;
            }
        }
    });
    says
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(SYSTEM_FOLDERS.map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// A port that is free, on a loopback address that only this call gives out: 127.x.y.z, with x
/// and y from the process id.
fn free_address() -> io::Result<SocketAddr> {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let [.., high, low] = std::process::id().to_be_bytes();
    let last = NEXT.fetch_add(1, Ordering::Relaxed);
    let ip = IpAddr::V4(Ipv4Addr::new(127, high | 0x40, low, last));
    TcpListener::bind((ip, 0))?.local_addr()
}

/// Ports of an address that are free, all at once.
fn free_ports(ip: IpAddr) -> io::Result<[u16; PORTS]> {
    let mut ports = [0; PORTS];
    let held: Vec<_> =
        ports.iter().map(|_| TcpListener::bind((ip, 0))).collect::<io::Result<_>>()?;
    for (port, listener) in ports.iter_mut().zip(&held) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_names_its_package() {
        let recipe =
            Recipe { program: "no-such", package: "its-package", files: &[], arguments: &[] };
        let trouble = Running::try_start(&recipe).err().unwrap();
        let says = "`no-such` is not installed: apt-get install its-package";
        assert_eq!(trouble.to_string(), says);
    }

    #[test]
    fn a_server_that_does_not_start_says_why() {
        let arguments = &["-c", "echo it is {port} >&2; echo broken >&2; exit 3"];
        let recipe = Recipe { program: "sh", package: "dash", files: &[], arguments };
        let says = Running::try_start(&recipe).err().unwrap().to_string();
        assert!(says.starts_with("`sh` ended at once:\nit is "), "{says}");
        assert!(says.ends_with("\nbroken\n"), "{says}");
    }
}
