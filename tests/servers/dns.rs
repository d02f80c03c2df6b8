//! The name servers, and the zone that tests write for them.

use super::running::{Recipe, Running};

/// A zone with one name for each kind of answer: see the table in `smoke.rs`. Besides these,
/// `big.zone.test` has 200 A records, which no datagram holds that we ask for.
const ZONE: &str = "\
$ORIGIN zone.test.
$TTL 60
@       SOA   ns hostmaster 1 3600 600 86400 30
@       NS    ns
ns      A     127.0.0.1
www     A     127.0.0.1
www     AAAA  ::1
four    A     127.0.0.1
six     AAAA  ::1
one     CNAME two
two     CNAME three
three   CNAME www
left    CNAME right
right   CNAME left
nowhere CNAME missing
text    TXT   \"no address\"
";

/// Unbound, which resolves: it follows aliases itself and asks the servers it is told to. `config`
/// is what stands after its `server` clause. It serves [`ZONE`].
pub fn unbound(config: &str, files: &[(&str, &str)]) -> Running {
    // No validator: zones under test/ are not signed. An empty name is no change of user.
    let frame = format!(
        "server:
    username: \"\"
    chroot: \"\"
    directory: \"{{dir}}\"
    pidfile: \"\"
    use-syslog: no
    do-daemonize: no
    num-threads: 1
    interface: {{ip}}
    port: {{port}}
    access-control: 127.0.0.0/8 allow
    module-config: \"iterator\"
    do-not-query-localhost: no
    local-zone: \"test.\" transparent
    max-udp-size: 1232
remote-control:
    control-enable: no
auth-zone:
    name: \"zone.test\"
    zonefile: \"{{dir}}/zone.test\"
    for-downstream: no
    for-upstream: yes
{config}
"
    );
    let zone = zone();
    let files: Vec<_> =
        files.iter().copied().chain([("unbound.conf", &*frame), ("zone.test", &zone)]).collect();
    let arguments = &["-d", "-c", "{dir}/unbound.conf"];
    Running::start(&Recipe { program: "unbound", package: "unbound", files: &files, arguments })
}

/// NSD, which serves what it has and follows nothing beyond it. `config` is further clauses. It
/// serves [`ZONE`]; `broken.test` has no file, so that each of its names is SERVFAIL.
pub fn nsd(config: &str, files: &[(&str, &str)]) -> Running {
    let frame = format!(
        "server:
    ip-address: {{ip}}@{{port}}
    username: \"\"
    chroot: \"\"
    zonesdir: \"{{dir}}\"
    pidfile: \"\"
    database: \"\"
    xfrdfile: \"{{dir}}/xfrd.state\"
    xfrdir: \"{{dir}}\"
    zonelistfile: \"{{dir}}/zone.list\"
    server-count: 1
    rrl-ratelimit: 0
remote-control:
    control-enable: no
zone:
    name: \"zone.test\"
    zonefile: \"zone.test\"
zone:
    name: \"broken.test\"
    zonefile: \"missing\"
{config}
"
    );
    let zone = zone();
    let files: Vec<_> =
        files.iter().copied().chain([("nsd.conf", &*frame), ("zone.test", &zone)]).collect();
    let arguments = &["-d", "-c", "{dir}/nsd.conf"];
    Running::start(&Recipe { program: "nsd", package: "nsd", files: &files, arguments })
}

fn zone() -> String {
    (1..=200)
        .map(|last| format!("big A 127.1.0.{last}\n"))
        .fold(ZONE.into(), |zone, line| zone + &line)
}
