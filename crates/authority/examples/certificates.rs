//! Writes every condition into a folder, with a configuration of nginx that shows them all, each
//! at a port of its own: `make certificates`, or
//! `cargo run -p fourstep-authority --example certificates -- DIR`.
#![expect(clippy::print_stdout, reason = "an example prints what it made")]
#![expect(clippy::disallowed_methods, reason = "what it makes is valid from today on")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs, io};

use fourstep_authority::{Authority, Condition, Mint};

/// The port of the first condition.
const FIRST_PORT: usize = 20_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| io::Error::other("usage: certificates DIR"))?;
    fs::create_dir_all(&folder)?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let authority = Authority::new(&Mint::at(now));
    fs::write(folder.join("root.pem"), authority.root.pem())?;
    fs::write(folder.join("revoked.crl"), &authority.revoked)?;
    write(&folder, "client", &authority.client.pem(), &authority.client.key_pem())?;

    let mut nginx = NGINX.to_owned();
    let (mut targets, mut table) = (String::new(), String::new());
    for (port, (condition, chain)) in (FIRST_PORT..).zip(authority.all()) {
        let Condition { name, host, says, .. } = condition;
        write(&folder, name, &chain.pem(), &chain.key_pem())?;
        writeln!(
            nginx,
            "    server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {name}.pem; \
             ssl_certificate_key {name}.key; return 200; }}"
        )?;
        let host = if host.contains(':') { format!("[{host}]") } else { (*host).to_owned() };
        let url = format!("https://{host}:{port}/");
        writeln!(targets, "{url}")?;
        let codes = match condition.unverified {
            [] => "trusted".to_owned(),
            codes => codes.join(" "),
        };
        writeln!(table, "{url:30} {name:34} {codes:42} {says}")?;
    }
    nginx.push_str("}\n");
    fs::write(folder.join("nginx.conf"), nginx)?;
    fs::write(folder.join("targets.txt"), targets)?;
    let at = folder.display();
    println!(
        "{table}\nIn {at}: NAME.pem and NAME.key for each, root.pem to trust, revoked.crl, client.pem \
         and client.key.\nTo show them all, and to probe them:\n\n    \
         nginx -e stderr -p {at} -c nginx.conf &\n    \
         fourstep --ca {at}/root.pem --crl {at}/revoked.crl --connect-to ::127.0.0.1: \\\n        \
         $(cat {at}/targets.txt)\n\nOr one of them, from a server that wants to know who asks:\n\n    \
         openssl s_server -www -accept 127.0.0.1:4433 -cert {at}/below-the-root.pem \\\n        \
         -key {at}/below-the-root.key -Verify 1 -verify_return_error -CAfile {at}/root.pem &\n    \
         fourstep -v --ca {at}/root.pem --client-cert {at}/client.pem --client-key {at}/client.key \\\n        \
         --connect-to ::127.0.0.1: https://a.test:4433/"
    );
    Ok(())
}

/// Paths are below the folder: nginx is started with it as its prefix.
const NGINX: &str = "\
daemon off;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path temp;
    proxy_temp_path temp;
    fastcgi_temp_path temp;
    uwsgi_temp_path temp;
    scgi_temp_path temp;
    ssl_protocols TLSv1.2 TLSv1.3;
";

fn write(folder: &Path, name: &str, chain: &str, key: &str) -> io::Result<()> {
    fs::write(folder.join(format!("{name}.pem")), chain)?;
    fs::write(folder.join(format!("{name}.key")), key)
}
