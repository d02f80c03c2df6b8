//! Real servers on loopback, each with a configuration and a folder of its own.
//!
//! ```text
//!     nginx(config, files) ──▶ Running { addr, .. } ──drop──▶ SIGTERM, waited for; else SIGKILL
//! ```
//!
//! A function a server. `config` is what the test wants of it, put into the least frame that makes
//! it run in the foreground, as any user, with every path in its own folder. In it stand for
//! themselves: `{addr}` (where to listen, `IP:PORT`), `{ip}`, `{port}`, `{port1}` to `{port8}`
//! (further ports of that address), `{dir}` (the folder). `files` are written below the folder first; `www` is there always, as the root of documents.
//!
//! Each server listens on a loopback address of its own, so that no other test's connection
//! takes its port between our look and its bind(2). It accepts once the function returns. A
//! program that is not installed is a panic that names its Debian package.

mod caches;
mod dns;
mod folder;
mod http;
mod running;
mod smoke;
mod tls;
mod tomcat;

pub use caches::{squid, varnish};
pub use dns::{nsd, unbound};
pub use folder::Folder;
pub use http::{apache, busybox, caddy, haproxy, lighttpd, nginx, nginx_with};
pub use running::Running;
pub use tls::s_server;
pub use tomcat::{Tomcat, tomcat};
