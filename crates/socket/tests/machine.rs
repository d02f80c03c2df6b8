//! What this machine has and lacks: interfaces and addresses.

use fourstep_socket::{Options, dial, interface_index};
use fourstep_terms::FaultKind;
use std::net::TcpListener;

#[test]
fn zones_are_names_or_numbers() {
    let lo = interface_index("lo").unwrap();
    let rows = [
        // zone, scope id   (RFC 4007 §11.2)
        (lo.to_string(), Some(lo)),
        ("17".to_owned(), Some(17)),
        ("0".to_owned(), None),
        (String::new(), None),
        ("+1".to_owned(), None),
        ("4294967296".to_owned(), None),
        ("no-such-interface-has-so-long-a-name".to_owned(), None),
        ("lo\0".to_owned(), None),
    ];
    for (zone, want) in rows {
        assert_eq!(interface_index(&zone), want, "{zone:?}");
    }
}

#[test]
fn what_options_ask_in_vain_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let of = |source: Option<&str>, interface: Option<&str>| Options {
        source: source.map(|text| text.parse().unwrap()),
        interface: interface.map(str::to_owned),
        ..Options::default()
    };
    let in_use = format!("127.0.0.1:{port}");
    let rows = [
        (of(None, None), None),
        (of(Some("127.0.0.1:0"), None), None),
        (of(Some("127.7.7.7:0"), None), None), // all of 127/8 is this machine
        (of(Some("198.51.100.7:0"), None), Some("198.51.100.7 is not an address of this machine")),
        (of(Some("[2001:db8::7]:0"), None), Some("2001:db8::7 is not an address of this machine")),
        (of(Some(&in_use), None), Some("cannot send from 127.0.0.1:")),
        (of(None, Some("nope0")), Some("there is no interface `nope0`")),
        (of(None, Some("lo\0\n")), Some(r"there is no interface `lo\0\n`")),
        // The system would cut it and take the rest for a name.
        (of(None, Some("lo-and-a-tail-too-long")), Some("there is no interface ")),
    ];
    for (options, want) in rows {
        let said = options.check().map_err(|error| error.to_string()).err();
        match (&said, want) {
            (Some(said), Some(want)) => assert!(said.starts_with(want), "{options:?}: {said}"),
            _ => assert_eq!(said.as_deref(), want, "{options:?}"),
        }
    }
    // Unasked, it looks like a lack of ports: hence `check`.
    let to = taken.local_addr().unwrap();
    let said = dial(to, &of(Some("198.51.100.7:0"), None)).map(drop).unwrap_err();
    assert_eq!((said.kind, said.os_error), (FaultKind::Ports, Some(libc::EADDRNOTAVAIL)));
}

#[test]
fn the_loopback_interface_can_be_chosen() {
    let options = Options { interface: Some("lo".to_owned()), ..Options::default() };
    if options.check().is_ok() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let _stream = dial(listener.local_addr().unwrap(), &options).unwrap();
        listener.accept().unwrap();
    }
}
