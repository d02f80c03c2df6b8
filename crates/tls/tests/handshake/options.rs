//! Options that cannot be used say which, where and why; and never show what was handed in.

use fourstep_authority::Signer;
use fourstep_tls::{Config, Identity, Options, Roots, Sni, Version};

use crate::link::MINT;

/// PEM text of one block.
fn pem(label: &str, der: &[u8]) -> Vec<u8> {
    fourstep_authority::pem(label, der).into()
}

#[test]
fn each_fault_has_its_place() {
    let root = Signer::root(MINT.ca("Root"), &MINT);
    let me = root.sign(MINT.params("me"), &MINT);
    let certificate = pem("CERTIFICATE", root.der());
    let next = certificate.iter().filter(|octet| **octet == b'\n').count() + 1;
    let next = format!("root certificates: line {next}: not a certificate of X.509");
    let twice = [certificate.clone(), pem("CERTIFICATE", b"none")].concat();
    let mine = pem("CERTIFICATE", me.leaf());
    let my_key = pem("PRIVATE KEY", &me.key);
    let other_key = pem("PRIVATE KEY", &MINT.key().serialize_der());
    let both = [my_key.clone(), mine.clone()].concat();
    let none = Options::default;
    let roots = |text: &[u8]| Options { roots: Roots::Given(vec![text.to_vec()]), ..none() };
    let crl = |text: &[u8]| Options { crls: vec![text.to_vec()], ..none() };
    let sni = |name: &str| Options { sni: Sni::Other(name.into()), ..none() };
    let identity = |chain: &[u8], key: &[u8]| {
        let identity = Identity { chain: chain.to_vec(), key: key.to_vec() };
        Options { identity: Some(identity), ..none() }
    };
    #[rustfmt::skip]
    let rows: Vec<(Options, Result<(), &str>)> = vec![
        (none(), Ok(())),
        (roots(root.der()), Ok(())),
        (roots(&certificate), Ok(())),
        (roots(b""), Err("root certificates: neither PEM nor DER")),
        (roots(&twice), Err(&next)),
        (roots(&my_key), Err("root certificates: line 1: a block of another kind: PRIVATE KEY")),
        (Options { roots: Roots::Given(vec![]), ..none() }, Err("root certificates: there is none")),
        (Options { roots: Roots::System(vec![vec![], twice.clone()]), ..none() }, Ok(())),
        (crl(b"x"), Err("revocation list: neither PEM nor DER")),
        (crl(&pem("X509 CRL", root.der())), Err("revocation list: line 1: not a list of X.509 version 2")),
        (identity(&mine, &my_key), Ok(())),
        (identity(me.leaf(), &me.key), Ok(())),
        (identity(&both, &both), Ok(())),
        (identity(&my_key, &my_key), Err("client certificate: there is none")),
        (identity(&mine, &mine), Err("client key: there is none")),
        (identity(&mine, &other_key), Err("client key: it is not the key of the client certificate")),
        (identity(&mine, &pem("ENCRYPTED PRIVATE KEY", &me.key)), Err("client key: line 1: the key is encrypted")),
        (identity(&mine, &pem("PRIVATE KEY", me.leaf())), Err("client key: not a key of RSA, P-256, P-384 or Ed25519")),
        (Options { oldest: Version::Tls13, newest: Version::Tls12, ..none() }, Err("TLS versions: the oldest is newer than the newest")),
        (sni("a b"), Err("server name: not a name that can be sent")),
        (sni("192.0.2.1"), Err("server name: not a name that can be sent")),
    ];
    for (options, want) in rows {
        let got = Config::new(&options).map(drop).map_err(|error| error.to_string());
        assert_eq!(got, want.map_err(str::to_owned), "{options:?}");
    }
}

#[test]
fn no_key_is_shown() {
    let root = Signer::root(MINT.ca("Root"), &MINT);
    let me = root.sign(MINT.params("me"), &MINT);
    let identity = Identity { chain: me.leaf().to_vec(), key: me.key.clone() };
    let options = Options { identity: Some(identity.clone()), ..Options::default() };
    let config = Config::new(&options).unwrap();
    let shown = format!("{identity:?} {options:?} {config:?} {options:#?}");
    assert!(shown.len() < 300, "{shown}");
    assert!(!shown.contains(&format!("{}, {}", me.key[40], me.key[41])), "{shown}");
}
