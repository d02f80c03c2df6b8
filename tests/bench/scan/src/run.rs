//! Runs one program, pinned to a core, and says what it cost.

use std::error::Error;
use std::fs::{self, File};
use std::io::Read;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What stands in the way of measuring, in words.
pub type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// The core of those who are measured; servers and the harness have the other.
pub const CLIENT_CORE: usize = 0;
pub const SERVER_CORE: usize = 1;

/// A command line, as data: a program and what it is told.
#[derive(Clone, Debug)]
pub struct Line {
    pub program: PathBuf,
    pub args: Vec<String>,
    /// Where its standard output goes; without one it is kept.
    pub output: Option<PathBuf>,
}

impl Line {
    pub fn new(program: impl Into<PathBuf>, args: &[&str]) -> Line {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        Line { program: program.into(), args, output: None }
    }

    pub fn arg(mut self, arg: impl ToString) -> Line {
        self.args.push(arg.to_string());
        self
    }

    /// With its standard output in a file.
    pub fn into_file(mut self, file: PathBuf) -> Line {
        self.output = Some(file);
        self
    }

    /// The command, on that core. `taskset` becomes the program, so its id and its costs are the
    /// program's own.
    pub fn on_core(&self, core: usize) -> Command {
        let mut command = Command::new("taskset");
        command.arg("-c").arg(core.to_string()).arg(&self.program).args(&self.args);
        command
    }

    pub fn text(&self) -> String {
        let mut text = self.program.display().to_string();
        for arg in &self.args {
            text.push(' ');
            text.push_str(arg);
        }
        if let Some(output) = &self.output {
            text.push_str(&format!(" > {}", output.display()));
        }
        text
    }
}

/// What one run cost.
#[derive(Clone, Debug)]
pub struct Cost {
    pub wall: Duration,
    pub user: Duration,
    pub sys: Duration,
    /// The most memory resident at once, in octets. Sampled: what is taken within the last
    /// hundredth of a second is missed.
    pub peak: u64,
    /// Processor time that nobody of ours used meanwhile: a busy machine measures badly.
    pub others: Duration,
    pub exit: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Cost {
    pub fn cpu(&self) -> Duration {
        self.user + self.sys
    }

    /// An error when the program failed, with the end of what it said.
    pub fn checked(self, line: &Line) -> Result<Cost> {
        if self.exit == 0 {
            return Ok(self);
        }
        let said: Vec<&str> = self.stderr.lines().collect();
        let last = said[said.len().saturating_sub(3)..].join(" | ");
        Err(format!("{} ended with {}: {last}", line.text(), self.exit).into())
    }
}

/// Runs it to its end on the client's core; nothing longer than `limit`.
pub fn run(line: &Line, limit: Duration) -> Result<Cost> {
    let output = match &line.output {
        Some(file) => Stdio::from(File::create(file)?),
        None => Stdio::piped(),
    };
    let busy_before = busy();
    let began = Instant::now();
    let mut child = line
        .on_core(CLIENT_CORE)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", line.text()))?;
    let stdout = reader(child.stdout.take());
    let stderr = reader(child.stderr.take());
    let peak = watch(&mut child, began + limit)?;
    let (exit, user, sys) = reap(&child)?;
    let wall = began.elapsed();
    let all = busy().saturating_sub(busy_before);
    Ok(Cost {
        wall,
        user,
        sys,
        peak,
        others: all.saturating_sub(user + sys),
        exit,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

/// Reads a pipe to its end beside the run, so that none blocks.
fn reader(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut octets = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut octets);
        }
        String::from_utf8_lossy(&octets).into_owned()
    })
}

/// Waits for the end, and samples the peak of resident memory meanwhile: getrusage(2) would also
/// count this process, whose memory the child has until it becomes the program.
fn watch(child: &mut Child, until: Instant) -> Result<u64> {
    let id = child.id();
    // SAFETY: a system call on numbers; what it returns is a descriptor of ours alone.
    let ended = unsafe {
        let fd = libc::syscall(libc::SYS_pidfd_open, id, 0);
        if fd < 0 {
            return Err(std::io::Error::last_os_error().into());
        }
        OwnedFd::from_raw_fd(i32::try_from(fd)?)
    };
    let mut peak = 0;
    loop {
        let mut poll = libc::pollfd { fd: ended.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one pollfd, which lives through the call.
        if unsafe { libc::poll(&raw mut poll, 1, 10) } > 0 {
            return Ok(peak);
        }
        peak = peak.max(high_water(id));
        if Instant::now() > until {
            child.kill()?;
        }
    }
}

fn high_water(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// Exit code (128 and the signal, as a shell has it), user and system time.
fn reap(child: &Child) -> Result<(i32, Duration, Duration)> {
    let mut status = 0;
    // SAFETY: rusage is numbers, for which zeros are a value; both live through the call.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        let id = i32::try_from(child.id())?;
        if libc::wait4(id, &raw mut status, 0, &raw mut usage) < 0 {
            return Err(std::io::Error::last_os_error().into());
        }
        usage
    };
    let exit = match libc::WIFEXITED(status) {
        true => libc::WEXITSTATUS(status),
        false => 128 + libc::WTERMSIG(status),
    };
    Ok((exit, duration(usage.ru_utime), duration(usage.ru_stime)))
}

fn duration(time: libc::timeval) -> Duration {
    let micros = time.tv_sec * 1_000_000 + time.tv_usec;
    Duration::from_micros(micros.unsigned_abs())
}

/// Processor time used on this machine by anyone since it started; not idle, not waiting.
pub fn busy() -> Duration {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let ticks: Vec<u64> = fields.filter_map(|field| field.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, steal
    let used = [0, 1, 2, 5, 6].iter().filter_map(|at| ticks.get(*at)).sum::<u64>();
    Duration::from_millis(used * 10)
}

/// Processor time that a running process has used.
pub fn used_by(id: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The name, in parentheses, may hold spaces.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|f| f.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

/// Pins this process to the servers' core and lifts its limit of descriptors, which all it starts
/// inherit: the limit itself is the machine's.
pub fn prepare() -> Result<u64> {
    // SAFETY: a set of cores and a limit, plain numbers that live through the calls.
    unsafe {
        let mut cores: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(SERVER_CORE, &mut cores);
        if libc::sched_setaffinity(0, size_of_val(&cores), &raw const cores) < 0 {
            return Err("two cores are needed: one for who is measured, one for the servers".into());
        }
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
        Ok(limit.rlim_cur)
    }
}

/// Octets free in the file system of this folder.
pub fn free_octets(folder: &std::path::Path) -> u64 {
    let Ok(path) = std::ffi::CString::new(folder.as_os_str().as_encoded_bytes()) else { return 0 };
    // SAFETY: a path that ends in NUL and a struct of numbers, both living through the call.
    unsafe {
        let mut facts: libc::statvfs = std::mem::zeroed();
        match libc::statvfs(path.as_ptr(), &raw mut facts) {
            0 => facts.f_bavail * facts.f_frsize,
            _ => 0,
        }
    }
}

/// A file of counters that a server has mapped.
pub fn counters(file: &std::path::Path) -> Vec<u64> {
    let mut octets = [0; 64];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut octets));
    let words = octets.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
    read.map(|()| words.collect()).unwrap_or_default()
}
