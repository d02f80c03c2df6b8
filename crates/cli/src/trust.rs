//! How TLS is spoken, by the flags.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, anyhow, bail};
use fourstep::tls::{Config, ConfigError, Identity, KeyLogSink, Options, Pin, Roots, Sni, Version};
use fourstep::{Client, Error};

use crate::args::{TlsArgs, Whose};
use crate::exit::say;
use crate::misfit::Misfit;
use crate::plan::value;
use crate::recipe::read;

/// Where systems keep their roots: Debian, Fedora, openSUSE, Alpine.
const SYSTEM_ROOTS: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// What the flags say, key log aside. Without any it costs nothing.
pub(crate) fn options(args: &TlsArgs) -> anyhow::Result<Options> {
    let ours = Options::default();
    let version =
        |text: &str| Version::from_text(text).ok_or(Misfit { offset: 0, expected: "1.2 or 1.3" });
    let crls = args.crl.iter().map(|path| read(path).context("--crl"));
    let pins = args
        .pin
        .iter()
        .map(|text| Pin::list(text).with_context(|| format!("--pin `{}`", text.escape_debug())));
    Ok(Options {
        roots: roots(args)?,
        oldest: value("--tls-min", args.tls_min.as_deref(), ours.oldest, version)?,
        newest: value("--tls-max", args.tls_max.as_deref(), ours.newest, version)?,
        alpn: value("--alpn", args.alpn.as_deref(), ours.alpn, alpn)?,
        sni: match &args.sni {
            _ if args.no_sni => Sni::Absent,
            Some(name) => Sni::Other(name.as_str().into()),
            None => Sni::Host,
        },
        identity: identity(args)?,
        insecure: args.insecure,
        pins: pins.collect::<anyhow::Result<Vec<_>>>()?.concat(),
        crls: crls.collect::<anyhow::Result<_>>()?,
        keylog: None,
    })
}

/// Has a client speak TLS so; what of the flags cannot be used is named by flag and file.
pub(crate) fn speak(client: &mut Client, args: &TlsArgs, options: Options) -> anyhow::Result<()> {
    let options = Options { keylog: keylog(args)?, ..options };
    match client.speak_tls(&options) {
        Err(Error::Tls(error)) => Err(blamed(args, error)),
        spoken => Ok(spoken?),
    }
}

fn roots(args: &TlsArgs) -> anyhow::Result<Roots> {
    if args.roots == Whose::System {
        let Some(path) = SYSTEM_ROOTS.iter().map(Path::new).find(|path| path.exists()) else {
            bail!("--roots system: none of {} is there", SYSTEM_ROOTS.join(", "));
        };
        return Ok(Roots::System(vec![read(path).context("--roots system")?]));
    }
    if args.ca.is_empty() {
        return Ok(Roots::Bundled);
    }
    let texts = ca_files(args)?.into_iter().map(|(_, text)| text);
    Ok(Roots::Given(texts.collect()))
}

/// Every file that --ca stands for, and what is in it.
fn ca_files(args: &TlsArgs) -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    for path in &args.ca {
        match path.is_dir() {
            true => files.extend(folder(path).with_context(|| format!("--ca {}", shown(path)))?),
            false => files.push((path.clone(), read(path).context("--ca")?)),
        }
    }
    Ok(files)
}

/// The files of a folder that hold certificates; of several links to one file, one.
fn folder(path: &Path) -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(path)? {
        // A link to nowhere is no certificate.
        names.extend(fs::canonicalize(entry?.path()).ok().filter(|path| path.is_file()));
    }
    let mut files = Vec::new();
    for name in names {
        let octets = read(&name)?;
        if is_certificate(&octets) {
            files.push((name, octets));
        }
    }
    match files.is_empty() {
        true => bail!("no file there holds a certificate"),
        false => Ok(files),
    }
}

/// PEM text that has one (RFC 7468 §5.1), or what begins as one in DER: a SEQUENCE of some length.
fn is_certificate(octets: &[u8]) -> bool {
    const LABEL: &[u8] = b"CERTIFICATE-----";
    matches!(octets, [0x30, 0x82, ..]) || octets.windows(LABEL.len()).any(|text| text == LABEL)
}

fn identity(args: &TlsArgs) -> anyhow::Result<Option<Identity>> {
    let Some(path) = &args.client_cert else { return Ok(None) };
    let chain = read(path).context("--client-cert")?;
    let key = match &args.client_key {
        Some(path) => read(path).context("--client-key")?,
        None => chain.clone(),
    };
    Ok(Some(Identity { chain, key }))
}

/// Names with commas between, each of 1 to 255 octets (RFC 7301 §3.1).
fn alpn(text: &str) -> Result<Vec<Box<[u8]>>, Misfit> {
    let mut offset = 0;
    let mut protocols = Vec::new();
    for name in text.split(',').filter(|_| !text.is_empty()) {
        if !(1..=255).contains(&name.len()) {
            return Err(Misfit { offset, expected: "a protocol of 1 to 255 octets" });
        }
        protocols.push(name.as_bytes().into());
        offset += name.len() + 1;
    }
    Ok(protocols)
}

/// Who writes secrets down, when somebody asked for it. The file is its owner's alone.
fn keylog(args: &TlsArgs) -> anyhow::Result<Option<KeyLogSink>> {
    let asked = env::var_os("SSLKEYLOGFILE").filter(|path| !path.is_empty()).map(PathBuf::from);
    let Some(path) = args.keylog.clone().or(asked) else { return Ok(None) };
    let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
    let file = match opened {
        Ok(file) => Mutex::new(file),
        Err(error) if args.keylog.is_some() => {
            return Err(error).with_context(|| format!("--keylog {}", shown(&path)));
        }
        // Nobody typed it for this probe.
        Err(error) => {
            say(format_args!("SSLKEYLOGFILE {}: {error}", shown(&path)));
            return Ok(None);
        }
    };
    Ok(Some(Arc::new(move |line: &str| {
        // One write a line, so that processes may share the file.
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        // That a session cannot be read later is no reason to end it.
        let _ = file.write_all(format!("{line}\n").as_bytes());
    })))
}

/// The error with the flag and the file that it is about.
fn blamed(args: &TlsArgs, error: ConfigError) -> anyhow::Error {
    let alone = |options: Options| Config::new(&options).err();
    match error.what() {
        "client certificate" => about("--client-cert", args.client_cert.as_deref(), error),
        "client key" => match &args.client_key {
            Some(path) => about("--client-key", Some(path), error),
            None => about("--client-cert", args.client_cert.as_deref(), error),
        },
        "server name" => match &args.sni {
            Some(name) => anyhow!("--sni `{}`: {error}", name.escape_debug()),
            None => error.into(),
        },
        "TLS versions" => anyhow!("--tls-min, --tls-max: {error}"),
        "system roots" => anyhow!("--roots system: {error}"),
        // Of several files, the first that cannot be used alone either.
        _ => {
            for path in &args.crl {
                let crls = read(path).into_iter().collect();
                if let Some(error) = alone(Options { crls, ..Options::default() }) {
                    return about("--crl", Some(path), error);
                }
            }
            for (path, text) in ca_files(args).unwrap_or_default() {
                let roots = Roots::Given(vec![text]);
                if let Some(error) = alone(Options { roots, ..Options::default() }) {
                    return about("--ca", Some(&path), error);
                }
            }
            error.into()
        }
    }
}

fn about(flag: &str, path: Option<&Path>, error: ConfigError) -> anyhow::Error {
    anyhow!("{flag} {}: {error}", path.map(shown).unwrap_or_default())
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_stand_between_commas() {
        let long = "x".repeat(256);
        let rows: [(&str, Result<&[&str], usize>); 7] = [
            ("", Ok(&[])),
            ("http/1.1", Ok(&["http/1.1"])),
            ("h2,http/1.1", Ok(&["h2", "http/1.1"])),
            ("a b", Ok(&["a b"])),
            ("h2,", Err(3)),
            (",h2", Err(0)),
            (&long, Err(0)),
        ];
        for (typed, want) in rows {
            let got = alpn(typed).map_err(|misfit| misfit.offset);
            let want = want.map(|names| names.iter().map(|name| name.as_bytes().into()).collect());
            assert_eq!(got, want, "{typed:?}");
        }
    }

    #[test]
    fn what_holds_a_certificate_is_seen() {
        let rows: [(&[u8], bool); 5] = [
            (b"text\n-----BEGIN CERTIFICATE-----\n", true),
            (b"-----BEGIN TRUSTED CERTIFICATE-----\n", true),
            (b"\x30\x82\x01\x00", true),
            (b"-----BEGIN PRIVATE KEY-----\n", false),
            (b"", false),
        ];
        for (octets, want) in rows {
            assert_eq!(is_certificate(octets), want, "{}", octets.escape_ascii());
        }
    }
}
