//! Tomcat, as Debian's `tomcat10-common` has it: the program without its service.

use super::http::with;
use super::running::{Recipe, Running};

/// What is set of a Tomcat.
#[derive(Default)]
pub struct Tomcat<'a> {
    /// Further connectors: `<Connector address='{ip}' port='{port1}' maxConnections='1'/>`.
    pub connectors: &'a str,
    /// What stands in its host: valves, and contexts beside the one at `/`, of `{dir}/www`.
    pub host: &'a str,
    /// What stands in the `web.xml` of every context, after the servlet that serves files.
    pub web: &'a str,
}

/// Starts it; `files` are below its folder.
pub fn tomcat(tomcat: &Tomcat<'_>, files: &[(&str, &str)]) -> Running {
    let Tomcat { connectors, host, web } = tomcat;
    let server = format!(
        "<Server port='-1'><Service name='s'>
<Connector address='{{ip}}' port='{{port}}'/>
{connectors}
<Engine name='e' defaultHost='h'>
<Host name='h' appBase='apps' autoDeploy='false' deployOnStartup='false'>
<Context path='' docBase='{{dir}}/www'><JarScanner scanClassPath='false'/></Context>
{host}
</Host></Engine></Service></Server>
"
    );
    let web = format!(
        "<web-app version='6.0' metadata-complete='true'>
<servlet>
<servlet-name>files</servlet-name>
<servlet-class>org.apache.catalina.servlets.DefaultServlet</servlet-class>
</servlet>
<servlet-mapping><servlet-name>files</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
{web}
</web-app>
"
    );
    let files = with(files, "conf/server.xml", &server);
    let files = with(&files, "conf/web.xml", &web);
    let home = "/usr/share/tomcat10";
    let class_path = format!("{home}/bin/bootstrap.jar:{home}/bin/tomcat-juli.jar");
    let home = format!("-Dcatalina.home={home}");
    let arguments = &[
        // One start is all it lives for: nothing is worth being compiled well.
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-cp",
        &class_path,
        &home,
        "-Dcatalina.base={dir}",
        "-Djava.io.tmpdir={dir}",
        "org.apache.catalina.startup.Bootstrap",
        "start",
    ];
    let package = "default-jre-headless tomcat10-common";
    Running::start(&Recipe { program: "java", package, files: &files, arguments })
}
