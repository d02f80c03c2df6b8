//! What this machine says about names: its files.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use fourstep_resolve::{Config, Hosts, Warning};

/// A file larger than this is not what it should be (hosts files that block names reach 10 MiB).
const FILE_OCTETS: u64 = 64 << 20;

/// How this machine looks names up: `/etc/resolv.conf` and `/etc/hosts`, and the lines of the
/// first that were not understood.
///
/// A file that is not there has the meaning resolv.conf(5) and hosts(5) give its absence: ask
/// 127.0.0.1, know no hosts. One that cannot be read is an error.
pub fn names() -> io::Result<(Config, Vec<Warning>)> {
    names_from(Path::new("/etc/resolv.conf"), Path::new("/etc/hosts"))
}

/// The same from other files.
pub fn names_from(resolv_conf: &Path, hosts: &Path) -> io::Result<(Config, Vec<Warning>)> {
    let text = read(resolv_conf)?;
    let (mut config, warnings) = Config::parse_resolv_conf(&text, fourstep_socket::interface_index);
    config.hosts = Hosts::parse(&read(hosts)?);
    Ok((config, warnings))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let named = |error: io::Error| {
        io::Error::new(error.kind(), format!("{}: {error}", path.to_string_lossy()))
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(named(error)),
    };
    let mut text = Vec::new();
    file.take(FILE_OCTETS).read_to_end(&mut text).map_err(named)?;
    Ok(text)
}
