//! Tomcat: one page for all, and no reason phrase.

use super::{Row, fill, get, hold, occupy, served, stay};
use crate::servers::{Tomcat, haproxy, nginx, tomcat};

/// Its page, the missing phrase, the missing name.
const OWN: &[&str] = &["body </h3></body></html>", "reason", "absent field no Server"];

/// Pages that fail are programs here. A context has its files, and what stands in its way.
const WEB: &str = "
<servlet>
<servlet-name>pages</servlet-name>
<servlet-class>org.apache.jasper.servlet.JspServlet</servlet-class>
</servlet>
<servlet-mapping><servlet-name>pages</servlet-name><url-pattern>*.jsp</url-pattern></servlet-mapping>
<servlet><servlet-name>none</servlet-name><servlet-class>no.such</servlet-class></servlet>
<servlet-mapping><servlet-name>none</servlet-name><url-pattern>/broken</url-pattern></servlet-mapping>
<filter>
<filter-name>rate</filter-name>
<filter-class>org.apache.catalina.filters.RateLimitFilter</filter-class>
<init-param><param-name>bucketRequests</param-name><param-value>1</param-value></init-param>
<init-param><param-name>bucketDuration</param-name><param-value>1000</param-value></init-param>
</filter>
<filter-mapping><filter-name>rate</filter-name><url-pattern>/often</url-pattern></filter-mapping>
";
const HOST: &str = "
<Context path='/denied' docBase='{dir}/www'><JarScanner scanClassPath='false'/>
<Valve className='org.apache.catalina.valves.RemoteAddrValve' deny='.*'/></Context>
<Context path='/busy' docBase='{dir}/www'><JarScanner scanClassPath='false'/>
<Valve className='org.apache.catalina.valves.SemaphoreValve' concurrency='1' block='false' highConcurrencyStatus='503'/>
</Context>
<Context path='/terse' docBase='{dir}/www'><JarScanner scanClassPath='false'/>
<Valve className='org.apache.catalina.valves.ErrorReportValve' showReport='false' showServerInfo='false'/>
</Context>
";

#[test]
fn what_it_writes_and_where_it_ends() {
    let connectors = "
<Connector address='{ip}' port='{port1}' maxConnections='1' acceptCount='1'/>
<Connector address='{ip}' port='{port2}' maxConnections='1' acceptCount='1'/>";
    let files = [
        ("www/a", "hello"),
        ("www/closed.jsp", "<% throw new jakarta.servlet.UnavailableException(\"closed\", 30); %>"),
        ("www/wait.jsp", "<% response.flushBuffer(); request.getInputStream().read(); %>"),
        ("www/crash.jsp", "<% throw new RuntimeException(); %>"),
    ];
    let server = tomcat(&Tomcat { connectors, host: HOST, web: WEB }, &files);
    let through_nginx = nginx(
        &format!("server {{ listen {{addr}}; location / {{ proxy_pass {}; }} }}", server.url("/")),
        &[],
    );
    let through_haproxy =
        haproxy(&format!("listen l\n    bind {{addr}}\n    server s {}", server.addr), &[]);
    let at = |path: &str| get(server.url(path));
    // The first is answered and waits for a body that does not come: it is inside for certain.
    let wait = format!(
        "POST /busy/wait.jsp HTTP/1.1\r\nHost: {}\r\nContent-Length: 9\r\n\r\n",
        server.addr
    );
    let _first = served(occupy(server.addr, &wait));
    let limits = [server.other(1), server.other(2)];
    let _inside = limits.map(stay);
    let _queue = fill(limits[1]);
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        ("no such file", at("/missing"), "404 rejected open | tomcat origin emitted certain", OWN),
        ("denied", at("/denied/"), "403 rejected lasting | tomcat origin emitted certain", OWN),
        ("a PUT of a file", at("/a").method("PUT"), "405 rejected lasting | tomcat origin emitted certain", OWN),
        ("two names as host", at("/").field("Host: a b"),
            "400 rejected lasting | tomcat origin emitted certain", OWN),
        ("a target with braces", at("/").target("/{x}"),
            "400 rejected lasting | tomcat origin emitted certain", OWN),
        ("a long field", at("/").field(&format!("X: {}", "x".repeat(9000))),
            "400 rejected lasting | tomcat origin emitted certain", OWN),
        ("no program", at("/broken"), "500 unavailable open | tomcat origin emitted certain | crash", OWN),
        ("a program that fails", at("/crash.jsp"),
            "500 unavailable open | tomcat origin emitted certain | crash", OWN),
        ("often", at("/often"), "404 rejected open | tomcat origin emitted certain", OWN),
        ("too often", at("/often"), "429 unavailable temporary | tomcat origin emitted certain | rate-limit", OWN),
        ("closed", at("/closed.jsp"), "503 unavailable temporary | tomcat origin emitted certain", OWN),
        ("the second at once", at("/busy/a"), "503 unavailable temporary | tomcat origin emitted certain", OWN),
        ("asked by HEAD", at("/missing").method("HEAD"),
            "404 rejected open | tomcat origin emitted guess", &["reason"]),
        ("without its name", at("/terse/missing"),
            "404 rejected open | tomcat origin emitted certain", &["body", "reason"]),
        ("through nginx", get(through_nginx.url("/missing")),
            "404 rejected open | tomcat origin emitted certain", &["field Server: nginx/1."]),
        ("through HAProxy", get(through_haproxy.url("/missing")),
            "404 rejected open | tomcat origin emitted certain", OWN),
        ("no room, a place in the queue", get(server.url_at(1, "/")).briefly(),
            "response.silent unavailable open | unknown", &["nobody serves it: overload looks so"]),
        ("no room, no place in the queue", get(server.url_at(2, "/")).briefly(),
            "connect.silent unavailable open | unknown", &["its queue of connections is full"]),
    ];
    hold(rows);

    // Now it knows for how long, and says until when (RFC 9110 §10.2.3).
    let still = at("/closed.jsp").seen();
    assert_eq!((still.status(), still.text("/verdict/retry_from")), (Some(503), "server"));
    assert!(
        (1..=30).contains(&still.at("/verdict/retry_after_s").as_u64().unwrap()),
        "{}",
        still.record
    );
}
