//! What to ask, by the flags.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use fourstep::request::{Recipe, Version};
use fourstep::target::{Target, Userinfo};

use crate::args::RequestArgs;

pub(crate) fn recipe(args: &RequestArgs) -> anyhow::Result<Recipe> {
    let mut recipe = Recipe::new();
    if args.head {
        recipe = recipe.method("HEAD").context("--head")?;
    }
    if let Some(method) = &args.method {
        recipe = recipe.method(method).context("--method")?;
    }
    if args.http10 {
        recipe = recipe.version(Version::Http10);
    }
    if let Some(user_agent) = &args.user_agent {
        recipe = recipe.user_agent(user_agent).context("--user-agent")?;
    }
    for line in &args.header {
        recipe = recipe.field(line.as_bytes()).context("--header")?;
    }
    if let Some(user) = &args.user {
        // RFC 9110 §9.3.8: the server sends a TRACE back, credentials and all.
        if recipe.method_name() == "TRACE" {
            bail!("--user: TRACE sends back what it gets, so it must not carry credentials");
        }
        let given = args.header.iter().any(|line| is_authorization(line.as_bytes()));
        let credentials = userinfo(user.as_bytes()).context("--user")?;
        if !given {
            let line = format!("Authorization: {}", credentials.basic());
            recipe = recipe.field(line.as_bytes()).context("--user")?;
        }
    }
    if let Some(body) = body(args)? {
        recipe = recipe.body(body.into());
    }
    if let Some(request_target) = &args.request_target {
        let octets = request_target.as_bytes();
        recipe = recipe.request_target(octets).context("--request-target")?;
    }
    Ok(recipe)
}

fn body(args: &RequestArgs) -> anyhow::Result<Option<Vec<u8>>> {
    if let Some(path) = &args.data_file {
        return Ok(Some(read(path).context("--data-file")?));
    }
    if args.data.is_empty() {
        return Ok(None);
    }
    let pieces = args.data.iter().map(|data| piece(data).context("--data"));
    Ok(Some(pieces.collect::<anyhow::Result<Vec<_>>>()?.join(&b'&')))
}

/// As curl has it: `@FILE` is the file without its CR, LF and NUL, which a form cannot carry.
fn piece(data: &OsStr) -> anyhow::Result<Vec<u8>> {
    let Some(path) = data.as_bytes().strip_prefix(b"@") else { return Ok(data.as_bytes().into()) };
    let mut octets = read(Path::new(OsStr::from_bytes(path)))?;
    octets.retain(|octet| !matches!(octet, b'\r' | b'\n' | 0));
    Ok(octets)
}

/// The octets of a file; `-` is standard input.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut octets = Vec::new();
    let read = match path.as_os_str().as_bytes() {
        b"-" => io::stdin().read_to_end(&mut octets).map(|_| octets),
        _ => fs::read(path),
    };
    read.with_context(|| path.to_string_lossy().escape_debug().to_string())
}

/// Whether a field line, in one of curl's forms, is about Authorization.
fn is_authorization(line: &[u8]) -> bool {
    let name = line.split(|octet| matches!(octet, b':' | b';')).next().unwrap_or_default();
    name.eq_ignore_ascii_case(b"Authorization")
}

/// `USER:PASS`, each octet as typed (RFC 7617 §2: the user has no colon, neither has controls).
fn userinfo(typed: &[u8]) -> anyhow::Result<Userinfo> {
    let Some(colon) = typed.iter().position(|octet| *octet == b':') else {
        bail!("expected USER:PASS; for an empty password write USER:");
    };
    let (user, password) = typed.split_at(colon);
    let encode =
        |octets: &[u8]| -> String { octets.iter().map(|octet| format!("%{octet:02X}")).collect() };
    let password = password.get(1..).unwrap_or_default();
    let url = format!("http://{}:{}@host.test/", encode(user), encode(password));
    let userinfo = Target::parse(url.as_bytes()).ok().and_then(|url| url.userinfo().cloned());
    userinfo.ok_or_else(|| anyhow!("expected USER:PASS without control characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_password_stand_as_typed() {
        let rows: [(&[u8], Option<&str>); 8] = [
            (b"Aladdin:open sesame", Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")), // RFC 7617 §2
            ("test:123£".as_bytes(), Some("Basic dGVzdDoxMjPCow==")),             // RFC 7617 §2.1
            (b"a:b:c%41", Some("Basic YTpiOmMlNDE=")),
            (b"me:", Some("Basic bWU6")),
            (b":pass", Some("Basic OnBhc3M=")),
            (b"me", None),
            (b":", None),
            (b"me:a\nb", None),
        ];
        for (typed, want) in rows {
            let got = userinfo(typed).ok().map(|userinfo| userinfo.basic());
            assert_eq!(got.as_deref(), want, "{}", typed.escape_ascii());
        }
    }

    #[test]
    fn authorization_is_found_in_every_form() {
        let rows: [(&[u8], bool); 5] = [
            (b"Authorization: x", true),
            (b"authorization:", true),
            (b"AUTHORIZATION;", true),
            (b"X-Authorization: x", false),
            (b"", false),
        ];
        for (line, want) in rows {
            assert_eq!(is_authorization(line), want, "{}", line.escape_ascii());
        }
    }
}
