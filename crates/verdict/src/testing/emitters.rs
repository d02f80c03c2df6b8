//! What the table makes of replies: own pages, pages behind somebody else's fields, what a proxy
//! passes on, and what cannot be told apart.

use std::time::{Duration, UNIX_EPOCH};

use super::report;
use crate::source::Relation;
use crate::verdict::Verdict;

const NGINX: &str = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n\
    <body>\r\n<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n\
    <hr><center>TAIL</center>\r\n</body>\r\n</html>\r\n";
const VARNISH: &str = "<!DOCTYPE html>\n<html>\n  <head>\n    <title>503 Backend fetch failed</title>\n\
    \x20 </head>\n  <body>\n    <h1>Error 503 Backend fetch failed</h1>\n    <p>Backend fetch failed</p>\n\
    \x20   <h3>Guru Meditation:</h3>\n    <p>XID: 7</p>\n    <hr>\n    <p>Varnish cache server</p>\n\
    \x20 </body>\n</html>\n";
const FASTLY: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<html>\n  <body>\n\
    \x20   <h1>Error 503 first byte timeout</h1>\n    <p>first byte timeout</p>\n\
    \x20   <h3>Error 54113</h3>\n    <p>Details: cache-akl1-AKL 1 2</p>\n    <hr>\n\
    \x20   <p>Varnish cache server</p>\n  </body>\n</html>\n";
const APACHE: &str = "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n\
    <title>503 Service Unavailable</title>\n</head><body>\n<h1>Service Unavailable</h1>\n\
    <p>The server is temporarily unable to service your\nrequest due to maintenance downtime or \
    capacity\nproblems. Please try again later.</p>\n</body></html>\n";
const NO_UPSTREAM: &str = "no healthy upstream";

/// What the verdict says of a reply, in a line.
fn said(status: &str, fields: &str, body: &str) -> String {
    let fields = fields.replace("; ", "\r\n");
    let now = UNIX_EPOCH + Duration::from_secs(1_795_327_560);
    let source = Verdict::of(&report(status, &fields, body), now).source;
    match (source.relation, source.name) {
        (Relation::OneOf, _) => format!("one of {}", source.candidates.join(", ")),
        (relation, Some(name)) => format!("{name} {relation}, {}", source.confidence),
        (relation, None) => relation.to_string(),
    }
}

fn nginx(tail: &str) -> String {
    NGINX.replace("TAIL", tail)
}

#[test]
fn pages_of_their_own() {
    let rows: [(&str, &str, &str, &str); 21] = [
        // status line, fields, body, who
        (
            "500 Proxy Error",
            "Server: Apache/2.4.71 (Debian)",
            "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"http://www.w3.org/TR/html4/strict.dtd\">\n\
             <html><head>\n<title>500 Proxy Error</title>\n</head><body>\n<h1>Proxy Error</h1>\n\
             The proxy server could not handle the request<p>Reason: <strong>DNS lookup failure \
             for: nowhere.test</strong></p><p />\n</body></html>\n",
            "apache emitted, certain",
        ),
        (
            "503 Service Temporarily Unavailable",
            "Server: nginx/1.9.3",
            &nginx("nginx/1.9.3"),
            "nginx emitted, certain",
        ),
        (
            "503 Service Temporarily Unavailable",
            "Server: nginx/1.18.0 (Ubuntu)",
            &nginx("nginx/1.18.0 (Ubuntu)"),
            "nginx emitted, certain",
        ),
        (
            "503 Service Temporarily Unavailable",
            "Server: openresty/1.21.4.1",
            &nginx("openresty/1.21.4.1"),
            "openresty emitted, certain",
        ),
        (
            "503 x",
            "Server: Microsoft-Azure-Application-Gateway/v2",
            &nginx("Microsoft-Azure-Application-Gateway/v2"),
            "azure-application-gateway emitted, certain",
        ),
        (
            "503 Service Temporarily Unavailable",
            "Server: Angie",
            &nginx("Angie"),
            "angie emitted, certain",
        ),
        (
            "503 Service Temporarily Unavailable",
            "Server: awselb/2.0",
            &nginx("").replace("<hr><center></center>\r\n", ""),
            "aws-alb emitted, certain",
        ),
        (
            "503 Service Unavailable",
            "Server: Apache/2.4.6 (CentOS)",
            APACHE,
            "apache emitted, certain",
        ),
        (
            "503 Service Unavailable",
            "Server: IBM_HTTP_Server",
            APACHE,
            "ibm-http-server emitted, certain",
        ),
        (
            "503 Backend fetch failed",
            "Server: Varnish; X-Varnish: 3; Via: 1.1 varnish (Varnish/6.0)",
            VARNISH,
            "varnish emitted, certain",
        ),
        (
            "503 first byte timeout",
            "Server: Varnish; X-Served-By: cache-akl1-AKL; Via: 1.1 varnish",
            FASTLY,
            "fastly emitted, certain",
        ),
        ("503 x", "server: envoy", NO_UPSTREAM, "envoy emitted, certain"),
        ("503 x", "server: istio-envoy", NO_UPSTREAM, "istio emitted, certain"),
        ("503 x", "via: 1.1 google", NO_UPSTREAM, "google-cloud-envoy emitted, likely"),
        (
            "503 Service Unavailable: Back-end server is at capacity",
            "Content-Length: 0",
            "",
            "aws-elb emitted, certain",
        ),
        (
            "522 x",
            "Server: cloudflare; CF-RAY: 0123456789abcdef-AMS",
            "error code: 522",
            "cloudflare emitted, certain",
        ),
        ("504 x", "l5d-proxy-error: timed out; content-length: 0", "", "linkerd emitted, certain"),
        (
            "503 x",
            "X-Cf-RouterError: no_endpoints",
            "503 Service Unavailable\n",
            "cloudfoundry-gorouter emitted, certain",
        ),
        (
            "503 ",
            "Content-Type: text/html;charset=utf-8",
            "<!doctype html><html lang=\"de\"><head><title>HTTP Status 503 – Dienst nicht verfügbar</title><style type=\"text/css\">body {}</style></head><body><h1>HTTP Status 503 – Dienst nicht verfügbar</h1></body></html>",
            "tomcat emitted, certain",
        ),
        ("429 x", "Server: gunicorn", "slow down", "gunicorn emitted, guess"),
        ("503 x", "Server: something/1", "busy", "unknown"),
    ];
    for (status, fields, body, who) in rows {
        assert_eq!(said(status, fields, body), who, "{status} {fields}");
    }
}

#[test]
fn pages_of_services() {
    let httpsys = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\"\"http://www.w3.org/TR/html4/strict.dtd\">\r\n\
        <HTML><HEAD><TITLE>Service Unavailable</TITLE>\r\n<META HTTP-EQUIV=\"Content-Type\" Content=\"text/html; \
        charset=us-ascii\"></HEAD>\r\n<BODY><h2>Service Unavailable</h2>\r\n<hr><p>HTTP Error 503. The service is \
        unavailable.</p>\r\n</BODY></HTML>\r\n";
    let google = "\n<html><head>\n<meta http-equiv=\"content-type\" content=\"text/html;charset=utf-8\">\n\
        <title>503 Server Error</title>\n</head>\n<body text=#000000 bgcolor=#ffffff>\n<h1>Error: Server Error</h1>\n\
        <h2>The server encountered a temporary error and could not complete your request.<p>Please try again in 30 \
        seconds.</h2>\n<h2></h2>\n</body></html>\n";
    let openshift = "<html>\n  <body>\n    <div>\n      <h1>Application is not available</h1>\n      <p>The \
        application is currently not serving requests at this endpoint. It may not have been started or is still \
        starting.</p>\n";
    let apisix = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center>\
        <h1>503 Service Temporarily Unavailable</h1></center>\r\n<hr><center>openresty</center>\r\n<p><em>Powered \
        by <a href=\"https://apisix.apache.org/\">APISIX</a>.</em></p></body>\r\n</html>\r\n";
    let cloudflare =
        "<!DOCTYPE html>\n<title>a.test | 502: Bad gateway</title>\n<div id=\"cf-wrapper\">";
    let rows: [(&str, &str, &str, &str); 23] = [
        // status line, fields, body, who
        (
            "503 x",
            "Content-Type: text/html; Server: Microsoft-HTTPAPI/2.0",
            httpsys,
            "http.sys emitted, certain",
        ),
        ("503 x", "Referrer-Policy: no-referrer", google, "google-frontend emitted, certain"),
        ("503 x", "Pragma: no-cache", openshift, "openshift-router emitted, certain"),
        ("503 x", "Server: APISIX/3.2.0", apisix, "apisix emitted, certain"),
        (
            "502 x",
            "Server: cloudflare; CF-RAY: 0123456789abcdef-AMS",
            cloudflare,
            "cloudflare emitted, certain",
        ),
        (
            "502 Bad Gateway",
            "Server: cloudflare; CF-RAY: 0123456789abcdef-AMS; CF-Cache-Status: DYNAMIC",
            "<h1>our own page</h1>",
            "cloudflare relayed, certain",
        ),
        (
            "503 x",
            "Server: Vercel; X-Vercel-Error: FUNCTION_THROTTLED",
            "",
            "vercel emitted, certain",
        ),
        (
            "502 x",
            "X-Railway-Fallback: true; Server: railway-edge",
            "{}",
            "railway emitted, certain",
        ),
        (
            "503 x",
            "Sozu-Id: 01J",
            "<html><footer>This is an automatic answer by Sōzu.</footer></html>",
            "sozu emitted, certain",
        ),
        (
            "502 x",
            "Server: Pingora; Content-Length: 0; Cache-Control: private, no-store",
            "",
            "pingora emitted, likely",
        ),
        (
            "503 x",
            "Cache-Control: no-cache,no-store; Content-Length: 62",
            "<html><body><b>Http/1.1 Service Unavailable</b></body> </html>",
            "citrix-netscaler emitted, likely",
        ),
        (
            "503 x",
            "x-azure-ref: 0AbC; X-Cache: CONFIG_NOCACHE",
            "<h2>Our services aren't available right now</h2>",
            "azure-front-door emitted, certain",
        ),
        ("503 x", "x-azure-ref: 0AbC", "origin", "azure-front-door relayed, likely"),
        (
            "503 x",
            "Apigw-Requestid: abc=",
            "{\"message\":\"x\"}",
            "aws-api-gateway emitted, likely",
        ),
        (
            "503 x",
            "X-Cache: LambdaLimitExceeded from cloudfront; Server: CloudFront",
            "",
            "aws-cloudfront emitted, certain",
        ),
        (
            "503 x",
            "X-Cache: Miss from cloudfront; Via: 1.1 a.cloudfront.net (CloudFront); X-Amz-Cf-Id: b",
            "origin",
            "aws-cloudfront relayed, likely",
        ),
        (
            "503 x",
            "X-Jenkins: 2.400; Server: Jetty(10.0.13)",
            "<h1>Please wait while Jenkins is getting ready to work ...</h1>",
            "jenkins emitted, likely",
        ),
        (
            "503 x",
            "Server: MinIO",
            "<Error><Code>SlowDownRead</Code><Message>m</Message><RequestId>a</RequestId><HostId>b</HostId></Error>",
            "minio emitted, likely",
        ),
        (
            "503 x",
            "Content-Type: application/json",
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\",\"message\":\"no endpoints available for service \\\"x\\\"\"}",
            "kubernetes emitted, likely",
        ),
        // Pages written anew: the fields are all there is.
        (
            "503 Service Unavailable",
            "Server: Varnish; X-Varnish: 3; Via: 1.1 varnish (Varnish/7.1)",
            "<h1>Sorry</h1>",
            "varnish emitted, likely",
        ),
        (
            "503 x",
            "Server: Varnish; Retry-After: 0; X-Served-By: cache-a-b; X-Timer: S1.2,VS0,VE1",
            "<h1>Sorry</h1>",
            "fastly emitted, likely",
        ),
        (
            "503 x",
            "Server: cloudflare; CF-RAY: 0123456789abcdef-AMS",
            "<h1>Sorry</h1>",
            "cloudflare relayed, likely",
        ),
        (
            "502 Bad Gateway",
            "Date: Sun, 22 Nov 2026 06:06:00 GMT; Content-Length: 0",
            "",
            "unknown",
        ),
    ];
    for (status, fields, body, who) in rows {
        assert_eq!(said(status, fields, body), who, "{status} {fields}");
    }
}

#[test]
fn what_is_passed_on() {
    // An origin's answer, as each proxy leaves it.
    let origin = "Date: Sat, 01 Jan 2022 00:00:00 GMT; Retry-After: 7; Via: 1.1 inner";
    let rows = [
        // reason, fields, who
        // nginx has one reason phrase for a code, or none: another one is another's.
        ("Origin Says No", format!("Server: nginx/1.22.1; {origin}"), "nginx relayed, likely"),
        ("", format!("Server: nginx/1.22.1; {origin}"), "nginx relayed, guess"),
        ("Service Unavailable", format!("Server: nginx; {origin}"), "nginx relayed, likely"),
        ("Origin Says No", format!("Server: origin/1.0; {origin}"), "inner relayed, likely"),
        (
            "Origin Says No",
            format!(
                "Server: origin/1.0; X-Varnish: 5; Age: 0; {origin}; Via: 1.1 varnish (Varnish/7.1)"
            ),
            "varnish relayed, likely",
        ),
        (
            "Service Unavailable",
            format!(
                "Server: origin/1.0; X-Cache: MISS from squid.test; X-Cache-Lookup: MISS from squid.test:3128; {origin}, 1.1 squid.test (squid/6.1)"
            ),
            "squid relayed, certain",
        ),
        (
            "Service Unavailable",
            format!("Server: Caddy; Server: origin/1.0; {origin}"),
            "caddy relayed, certain",
        ),
        ("Origin Says No", format!("Server: h2o/2.2.5; {origin}"), "h2o relayed, guess"),
        (
            "Service Unavailable",
            format!("Server: nghttpx; {origin}, 1.1 nghttpx"),
            "nghttpx relayed, certain",
        ),
        (
            "Origin Says No",
            format!(
                "Server: ATS/9.2.9; Age: 5; {origin}, http/1.1 traffic_server (ApacheTrafficServer/9.2.9)"
            ),
            "ats relayed, certain",
        ),
        (
            "Service Unavailable",
            format!("server: envoy; x-envoy-upstream-service-time: 4; {origin}"),
            "envoy relayed, likely",
        ),
        (
            "x",
            "Server: cloudflare; CF-RAY: 0123456789abcdef-AMS; cf-cache-status: DYNAMIC".to_owned(),
            "cloudflare relayed, certain",
        ),
        ("x", "X-Kong-Upstream-Latency: 3; Via: kong/3.4.0".to_owned(), "kong relayed, certain"),
    ];
    for (reason, fields, who) in rows {
        assert_eq!(said(&format!("503 {reason}"), &fields, "origin"), who, "{reason} {fields}");
    }
}

#[test]
fn an_author_is_known_behind_others() {
    let rows: [(&str, &str, &str, &str); 6] = [
        // status line, fields, body, who wrote it
        ("503 Service Unavailable", "Server: nginx/1.22.1", APACHE, "apache emitted, likely"),
        // Whoever is nearer to us has changed the reason phrase: the page is nginx's all the same.
        (
            "503 Service Unavailable",
            "Server: Caddy; Server: nginx/1.22.1",
            &nginx("nginx/1.22.1"),
            "nginx emitted, likely",
        ),
        (
            "503 Service Unavailable",
            "Server: Caddy; Server: nginx",
            &nginx("nginx"),
            "one of nginx, ingress-nginx",
        ),
        (
            "503 Service Temporarily Unavailable",
            "Server: nginx/1.22.1; X-Varnish: 5; Via: 1.1 varnish (Varnish/7.1)",
            &nginx("nginx/1.22.1"),
            "nginx emitted, certain",
        ),
        (
            "503 Service Unavailable",
            "server: envoy; x-envoy-upstream-service-time: 4",
            APACHE,
            "apache emitted, likely",
        ),
        (
            "503 x",
            "X-Squid-Error: ERR_CONNECT_FAIL 111; Server: nginx",
            "",
            "squid emitted, certain",
        ),
    ];
    for (status, fields, body, who) in rows {
        assert_eq!(said(status, fields, body), who, "{status} {fields}");
    }
}

#[test]
fn what_cannot_be_told_apart_is_one_of() {
    let rows: [(&str, &str, &str, &str); 4] = [
        // status line, fields, body, the candidates
        (
            "503 Service Temporarily Unavailable",
            "Server: nginx",
            &nginx("nginx"),
            "one of nginx, ingress-nginx",
        ),
        (
            "503 Service Temporarily Unavailable",
            "Date: x",
            &nginx("nginx"),
            "one of ingress-nginx, nginx",
        ),
        ("503 x", "Server: nginx", NO_UPSTREAM, "one of envoy, istio, google-cloud-envoy"),
        (
            "400 Bad Request",
            "Connection: close",
            "400 Bad Request",
            "one of caddy, traefik, go-net-http",
        ),
    ];
    for (status, fields, body, who) in rows {
        assert_eq!(said(status, fields, body), who, "{status} {fields}");
    }
}

#[test]
fn proxies_tell_of_themselves() {
    let rows = [
        // fields, who   (RFC 9209 §2.1.1)
        ("Proxy-Status: edge.test; error=connection_refused", "edge.test emitted, likely"),
        ("Proxy-Status: edge.test; received-status=503", "unknown"),
        ("Via: 1.1 a, 1.1 b", "b relayed, likely"),
    ];
    for (fields, who) in rows {
        let now = UNIX_EPOCH;
        let source = Verdict::of(&report("503 x", fields, ""), now).source;
        let said = source.name.map_or("unknown".to_owned(), |name| {
            format!("{name} {}, {}", source.relation, source.confidence)
        });
        assert_eq!(said, who, "{fields}");
    }
}
