//! The proxies that keep copies.

use super::http::with;
use super::running::{Recipe, Running};

/// Varnish; `vcl` follows its version line: `backend default { .host = "127.0.0.1"; … }`.
/// `arguments` are further ones: `["-p", "thread_pools=1"]`.
pub fn varnish(vcl: &str, arguments: &[&str]) -> Running {
    let text = format!("vcl 4.1;\n{vcl}\n");
    let files = &[("default.vcl", &*text)];
    // No change of user, and as little memory as it works with.
    let frame = ["-F", "-j", "none", "-a", "{addr}", "-f", "{dir}/default.vcl", "-n", "{dir}/work"];
    let sizes = ["-s", "malloc,1m", "-p", "vsl_space=1M"];
    let arguments = &[&frame[..], &sizes, arguments].concat();
    Running::start(&Recipe { program: "varnishd", package: "varnish", files, arguments })
}

/// Squid, which lets everybody ask everything; `config` comes first and has its ports:
/// `http_port {addr}`.
pub fn squid(config: &str, files: &[(&str, &str)]) -> Running {
    let frame = format!(
        "{config}
http_access allow all
visible_hostname squid.test
dns_nameservers 127.0.0.1
cache deny all
pid_filename none
access_log none
cache_log /dev/stderr
coredump_dir {{dir}}
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
"
    );
    let files = with(files, "squid.conf", &frame);
    let arguments = &["-N", "-f", "{dir}/squid.conf"];
    Running::start(&Recipe { program: "squid", package: "squid", files: &files, arguments })
}
