//! The HTTP servers.

use super::running::{Recipe, Running};
use std::os::unix::fs::MetadataExt;

/// nginx; `config` is what stands in its `http` block:
/// `server { listen {addr}; location / { return 200 "hello"; } }`.
pub fn nginx(config: &str, files: &[(&str, &str)]) -> Running {
    nginx_with("", config, files)
}

/// The same, with lines for its `events` block.
pub fn nginx_with(events: &str, config: &str, files: &[(&str, &str)]) -> Running {
    // One process, which stays the user that started it.
    let frame = format!(
        "daemon off;
        master_process off;
        pid {{dir}}/pid;
        error_log stderr;
        events {{ {events} }}
        http {{
            access_log off;
            client_body_temp_path {{dir}}/body;
            proxy_temp_path {{dir}}/proxy;
            fastcgi_temp_path {{dir}}/fastcgi;
            uwsgi_temp_path {{dir}}/uwsgi;
            scgi_temp_path {{dir}}/scgi;
            {config}
        }}"
    );
    let files = with(files, "nginx.conf", &frame);
    let arguments = &["-e", "stderr", "-p", "{dir}", "-c", "{dir}/nginx.conf"];
    Running::start(&Recipe { program: "nginx", package: "nginx", files: &files, arguments })
}

/// HAProxy; `config` is its sections after `defaults`:
/// `listen l` … `bind {addr}` … `server s 127.0.0.1:8080`.
pub fn haproxy(config: &str, files: &[(&str, &str)]) -> Running {
    let frame = format!(
        "defaults
    mode http
    retries 0
    timeout connect 2s
    timeout client 10s
    timeout server 10s
{config}
"
    );
    let files = with(files, "haproxy.cfg", &frame);
    let arguments = &["-db", "-f", "{dir}/haproxy.cfg"];
    Running::start(&Recipe { program: "haproxy", package: "haproxy", files: &files, arguments })
}

/// Apache; `config` follows what makes it serve `{dir}/www`. Further modules are in
/// `/usr/lib/apache2/modules`.
pub fn apache(config: &str, files: &[(&str, &str)]) -> Running {
    let modules: String = ["mpm_event", "authz_core", "dir", "mime", "alias", "headers"]
        .iter()
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
        .collect();
    // It refuses to serve as root.
    let user = if is_root() { "User www-data\nGroup www-data\n" } else { "" };
    let frame = format!(
        "ServerRoot {{dir}}
DefaultRuntimeDir {{dir}}
PidFile {{dir}}/pid
ErrorLog /dev/stderr
ServerName localhost
Listen {{addr}}
{modules}{user}TypesConfig /dev/null
DocumentRoot {{dir}}/www
DirectoryIndex index.html
{config}
"
    );
    let files = with(files, "apache.conf", &frame);
    // -X: one process, in the foreground.
    let arguments = &["-X", "-f", "{dir}/apache.conf"];
    Running::start(&Recipe { program: "apache2", package: "apache2-bin", files: &files, arguments })
}

/// lighttpd; `config` follows what makes it serve `{dir}/www`.
pub fn lighttpd(config: &str, files: &[(&str, &str)]) -> Running {
    let frame = format!(
        "server.bind = \"{{ip}}\"
server.port = {{port}}
server.document-root = \"{{dir}}/www\"
index-file.names = ( \"index.html\" )
{config}
"
    );
    let files = with(files, "lighttpd.conf", &frame);
    let arguments = &["-D", "-f", "{dir}/lighttpd.conf"];
    Running::start(&Recipe { program: "lighttpd", package: "lighttpd", files: &files, arguments })
}

/// Caddy; `config` is its sites: `http://:{port} { … }`. It listens on no other address.
pub fn caddy(config: &str, files: &[(&str, &str)]) -> Running {
    let frame = format!(
        "{{
    admin off
    auto_https off
    default_bind {{ip}}
}}
{config}
"
    );
    let files = with(files, "Caddyfile", &frame);
    let arguments = &["run", "--config", "{dir}/Caddyfile", "--adapter", "caddyfile"];
    Running::start(&Recipe { program: "caddy", package: "caddy", files: &files, arguments })
}

/// busybox httpd, serving `{dir}/www`; `config` is its httpd.conf.
pub fn busybox(config: &str, files: &[(&str, &str)]) -> Running {
    let files = with(files, "httpd.conf", config);
    let arguments = &["httpd", "-f", "-p", "{addr}", "-h", "{dir}/www", "-c", "{dir}/httpd.conf"];
    Running::start(&Recipe { program: "busybox", package: "busybox", files: &files, arguments })
}

pub(super) fn with<'a>(
    files: &[(&'a str, &'a str)],
    name: &'a str,
    text: &'a str,
) -> Vec<(&'a str, &'a str)> {
    files.iter().copied().chain([(name, text)]).collect()
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
