//! A temporary folder that goes with its owner.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A folder below the system's temporary one, removed when this is dropped.
pub struct Folder(PathBuf);

impl Folder {
    /// A new one, which servers that give up root can read.
    pub fn new(name: &str) -> io::Result<Folder> {
        let (pid, at) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("fourstep-{name}-{pid}-{at}"));
        DirBuilder::new().mode(0o755).create(&path)?;
        Ok(Folder(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file below it, and the folders on the way.
    pub fn write(&self, name: &str, octets: impl AsRef<[u8]>) -> io::Result<PathBuf> {
        let path = self.0.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, octets)?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
