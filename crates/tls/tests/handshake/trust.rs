//! What is found wanting in a chain: the conditions people know from badssl.com.

use fourstep_tls::Options;

use crate::authority::{Signer, ca, server};
use crate::link::{self, Link, trusting};

#[test]
fn a_good_chain_is_verified() {
    let root = Signer::root(ca("Root"));
    let middle = root.sign_ca(ca("Middle"));
    let leaf = middle.sign(server(&["a.test"]));
    let mut link = Link::new(&trusting(&root.der), "a.test", link::server(&leaf, &[&middle.der]));
    link.run().unwrap();
    assert!(link.session.established());
    link.exchange();
    let facts = link.session.handshake();
    assert!(facts.verified && facts.reasons.is_empty(), "{facts:?}");
    assert_eq!(facts.version, Some("TLSv1.3"));
    let _ = Options::default();
    println!("{facts:#?}");
}
