//! What a list stands for: entries, in their places.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use fourstep_scan::{Done, Entry, Feed, Given, Pull, Scope, Shard, Sources, Taken};
use fourstep_target::Scheme;
use proptest::prelude::*;

fn sources(text: &[u8], scope: Scope) -> Sources {
    let feed: Box<dyn Feed> = Box::new(Given::octets(text.to_vec()));
    Sources::new(vec![feed], scope)
}

fn take(sources: &mut Sources) -> Option<Entry> {
    loop {
        match sources.next() {
            Taken::Entry(entry) => return Some(entry),
            Taken::Pause => {}
            Taken::End => return None,
            other => panic!("{other:?}"),
        }
    }
}

fn all(text: &[u8], scope: Scope) -> Vec<Entry> {
    let mut sources = sources(text, scope);
    std::iter::from_fn(|| take(&mut sources)).collect()
}

/// `seq line what`, and what is the URL that is asked for or the offset of what does not fit.
fn shown(entry: &Entry) -> String {
    let what = match &entry.target {
        Ok(target) => match target.explicit_port() {
            Some(port) if port == target.scheme().default_port() => {
                format!("{} at {port}", target.absolute())
            }
            _ => target.absolute(),
        },
        Err(malformed) => format!("! {} {}", malformed.why.offset(), malformed.shown),
    };
    format!("{} {} {what}", entry.place.seq, entry.place.line)
}

fn table(text: &str, ports: &str, scheme: Option<Scheme>) -> Vec<String> {
    let ports = if ports.is_empty() { Default::default() } else { ports.parse().unwrap() };
    let scope = Scope { ports, scheme, ..Scope::default() };
    all(text.as_bytes(), scope).iter().map(shown).collect()
}

#[test]
fn lines_and_what_they_stand_for() {
    let https = Some(Scheme::Https);
    let rows: [(&str, &str, Option<Scheme>, &[&str]); 20] = [
        // text, ports, scheme → entries
        ("http://a.test/x?y\n", "", None, &["1 1 http://a.test/x?y"]),
        ("a.test\nb.test:81\n", "", None, &["1 1 http://a.test/", "2 2 http://b.test:81/"]),
        (
            "# a list\n\n  a.test \t\r\n#b\n\tb.test/x # its door\nc.test/#d\ne.test/f#g",
            "",
            None,
            &[
                "1 3 http://a.test/",
                "2 5 http://b.test/x",
                "3 6 http://c.test/",
                "4 7 http://e.test/f",
            ],
        ),
        // Addresses: bare ones of version 6 too, which a URL cannot have.
        ("192.0.2.1\n[::1]:81\n", "", None, &["1 1 http://192.0.2.1/", "2 2 http://[::1]:81/"]),
        ("2001:db8::1\n", "", None, &["1 1 http://[2001:db8::1]/"]),
        ("fe80::1%eth0\n", "80", None, &["1 1 http://[fe80::1]/ at 80"]),
        ("::1\n", "81", https, &["1 1 https://[::1]:81/"]),
        // Schemes.
        ("a.test\n//b.test/x\n", "", https, &["1 1 https://a.test/", "2 2 https://b.test/x"]),
        (
            "http://a.test\nHTTPS://b.test",
            "",
            https,
            &["1 1 http://a.test/", "2 2 https://b.test/"],
        ),
        ("a.test:80", "", https, &["1 1 https://a.test:80/"]),
        // Ports. A line's own wins; 443 is https where nobody says otherwise.
        (
            "a.test/x?y\n",
            "80,443,8000-8001",
            None,
            &[
                "1 1 http://a.test/x?y at 80",
                "2 1 https://a.test/x?y at 443",
                "3 1 http://a.test:8000/x?y",
                "4 1 http://a.test:8001/x?y",
            ],
        ),
        ("a.test:81/x\nb.test", "82", None, &["1 1 http://a.test:81/x", "2 2 http://b.test:82/"]),
        ("http://u:p@a.test:?q\n", "82", None, &["1 1 http://a.test:82/?q"]),
        (
            "http://a.test\n",
            "443,https:8443",
            None,
            &["1 1 http://a.test:443/", "2 1 http://a.test:8443/"],
        ),
        (
            "a.test\n",
            "443,https:8443,http:80",
            Some(Scheme::Http),
            &["1 1 http://a.test:443/", "2 1 https://a.test:8443/", "3 1 http://a.test/ at 80"],
        ),
        ("//a.test/x", "https:8443", None, &["1 1 https://a.test:8443/x"]),
        // What cannot be read is one entry, whatever the ports.
        (
            "ftp://a.test\n  http://a b/\nc.test",
            "81,82",
            None,
            &[
                "1 1 ! 0 ftp://a.test",
                "2 2 ! 10 http://a b/",
                "3 3 http://c.test:81/",
                "4 3 http://c.test:82/",
            ],
        ),
        ("192.0.2.0/33\nhttp:80\n", "", https, &["1 1 ! 10 192.0.2.0/33", "2 2 ! 5 http:80"]),
        (
            "http://me:se/cret@a.test/\n1:2:3\n",
            "",
            None,
            &["1 1 ! 10 http://me:***@a.test/", "2 2 ! 0 1:2:3"],
        ),
        // Blocks of one address have one order.
        (
            "192.0.2.9/32\n2001:db8::/128:81",
            "443",
            None,
            &["1 1 https://192.0.2.9/", "2 2 http://[2001:db8::]:81/"],
        ),
    ];
    for (text, ports, scheme, want) in rows {
        assert_eq!(table(text, ports, scheme), want, "{text:?} {ports} {scheme:?}");
    }
}

#[test]
fn what_a_record_calls_its_target() {
    let rows = [
        // a line, ports → as typed; or, of what stands for several, the whole URL
        ("a.test/x", "", "a.test/x"),
        ("http://me:secret@a.test", "", "http://me:***@a.test"),
        ("2001:db8::1", "", "[2001:db8::1]"),
        ("a.test/x", "81", "http://a.test:81/x"),
        ("//a.test", "https:81", "https://a.test:81"),
        ("me:secret@a.test/x", "81", "http://me:***@a.test:81/x"),
        ("192.0.2.1/32", "", "http://192.0.2.1/"),
        ("192.0.2.1/32", "80", "http://192.0.2.1/"),
        ("192.0.2.1/32:81", "80", "http://192.0.2.1:81/"),
        ("2001:db8::1/128", "443", "https://[2001:db8::1]/"),
    ];
    for (text, ports, want) in rows {
        let ports = if ports.is_empty() { Default::default() } else { ports.parse().unwrap() };
        let entries = all(text.as_bytes(), Scope { ports, ..Scope::default() });
        let shown: Vec<&str> = entries.iter().map(|e| e.target.as_ref().unwrap().shown()).collect();
        assert_eq!(shown, [want], "{text}");
    }
}

#[test]
fn what_is_shown_of_a_line_too_long() {
    let mut text = b"http://me:secret@a.test/".to_vec();
    text.resize(100_000, b'x');
    text.extend_from_slice(b"\nb.test\n");
    let entries = all(&text, Scope::default());
    let malformed = entries[0].target.as_ref().unwrap_err();
    assert!(malformed.shown.starts_with("http://me:***@a.test/xxx"), "{}", malformed.shown);
    assert_eq!(malformed.shown.chars().count(), 201);
    assert_eq!(malformed.why.to_string(), "line of more than 65536 octets");
    assert_eq!(shown(&entries[1]), "2 2 http://b.test/");
}

#[test]
fn a_block_is_visited_once_at_each_port_in_an_order_of_the_seed() {
    let visit = |seed| {
        let scope = Scope { seed, ports: "80,81,82".parse().unwrap(), ..Scope::default() };
        all(b"192.0.2.0/24\na.test:80\n198.51.100.0/24:81\n", scope)
    };
    let entries = visit(1);
    assert_eq!(entries.len(), 768 + 1 + 256);
    let seqs: Vec<u64> = entries.iter().map(|entry| entry.place.seq).collect();
    assert_eq!(seqs, (1..=1025).collect::<Vec<_>>());
    assert_eq!(shown(&entries[768]), "769 2 http://a.test/ at 80");
    let each: BTreeSet<String> =
        entries.iter().map(|entry| entry.target.as_ref().unwrap().absolute()).collect();
    assert_eq!(each.len(), 1025);
    for (address, port) in [("192.0.2.0", ":81"), ("192.0.2.255", ":82"), ("198.51.100.0", ":81")] {
        assert!(each.contains(&format!("http://{address}{port}/")), "{address}{port}");
    }
    let shown_all = |entries: &[Entry]| entries.iter().map(shown).collect::<Vec<_>>();
    assert_eq!(shown_all(&entries), shown_all(&visit(1)));
    assert_ne!(shown_all(&entries), shown_all(&visit(2)));
}

#[test]
fn the_largest_blocks_begin_and_resume_at_once() {
    let rows: [(&str, u64); 4] = [
        ("0.0.0.0/0", 1 << 31),
        ("2001:db8::/64", 1 << 62),
        ("2001:db8::/32", 1 << 40),
        ("::/0", u64::MAX - 9),
    ];
    for (text, behind) in rows {
        let mut fresh = sources(text.as_bytes(), Scope::default());
        let first: Vec<Entry> = (0..5).map_while(|_| take(&mut fresh)).collect();
        assert_eq!(first.len(), 5, "{text}");
        // What has its record is passed over at once, however much it is.
        let mut done = Done::default();
        done.insert_range(1, 3);
        done.insert_range(5, behind);
        let mut resumed = sources(text.as_bytes(), Scope { done, ..Scope::default() });
        assert_eq!(shown(&take(&mut resumed).unwrap()), shown(&first[3]), "{text}");
        assert_eq!(take(&mut resumed).unwrap().place.seq, behind + 1, "{text}");
        assert_eq!(resumed.passed_over(), behind - 1, "{text}");
    }
}

/// A list of everything, and a scope for it.
fn mixed() -> (&'static [u8], Scope) {
    let text = b"a.test\nnonsense here\nhttp://a.test:8080/x\n192.0.2.0/26\nb.test/y\n\
        198.51.100.0/28:81\n2001:db8::/121\n# no\nhttps://c.test\nA.TEST./z\n10.0.0.0/8x\n";
    (text, Scope { ports: "80,443,8000-8003".parse().unwrap(), seed: 3, ..Scope::default() })
}

#[test]
fn shards_share_the_list_and_its_places() {
    let (text, scope) = mixed();
    let whole: Vec<String> = all(text, scope.clone()).iter().map(shown).collect();
    for count in [1, 2, 3, 7] {
        let mut met = BTreeMap::new();
        let mut hosts: BTreeMap<String, u32> = BTreeMap::new();
        for index in 1..=count {
            let scope = Scope { shard: Shard::new(index, count), ..scope.clone() };
            let mut part = sources(text, scope);
            let entries: Vec<Entry> = std::iter::from_fn(|| take(&mut part)).collect();
            assert_eq!(part.seq(), u64::try_from(whole.len()).unwrap());
            assert_eq!(part.passed_over() + u64::try_from(entries.len()).unwrap(), part.seq());
            for entry in entries {
                if let Ok(target) = &entry.target {
                    let host = target.host().to_string();
                    let host = host.trim_end_matches('.').to_owned();
                    assert_eq!(*hosts.entry(host).or_insert(index), index, "{entry:?}");
                }
                assert_eq!(met.insert(entry.place.seq, shown(&entry)), None, "{entry:?}");
            }
        }
        assert_eq!(met.into_values().collect::<Vec<_>>(), whole, "{count} shards");
    }
}

#[test]
fn what_has_its_record_is_passed_over_and_moves_nothing() {
    let (text, scope) = mixed();
    let whole = all(text, scope.clone());
    for step in [1, 2, 3, 5, 64, 1000] {
        let done: Done = whole.iter().map(|e| e.place.seq).filter(|seq| seq % step != 0).collect();
        let left: Vec<String> =
            all(text, Scope { done, ..scope.clone() }).iter().map(shown).collect();
        let want: Vec<String> =
            whole.iter().filter(|e| e.place.seq % step == 0).map(shown).collect();
        assert_eq!(left, want, "every {step}th is left");
    }
}

#[test]
fn addresses_of_a_block_are_in_the_shard_of_the_address() {
    let shard = Shard::new(2, 3);
    let scope = Scope { shard, ..Scope::default() };
    let block: BTreeSet<String> = all(b"192.0.2.0/24", scope.clone())
        .iter()
        .map(|entry| entry.target.as_ref().unwrap().absolute())
        .collect();
    let mut each = String::new();
    for octet in 0..=255 {
        each.push_str(&format!("http://{}:80/\n", Ipv4Addr::new(192, 0, 2, octet)));
    }
    let lines: BTreeSet<String> = all(each.as_bytes(), scope)
        .iter()
        .map(|entry| entry.target.as_ref().unwrap().absolute())
        .collect();
    assert_eq!(block, lines);
    assert!((50..=120).contains(&block.len()), "{} of 256 in one of three", block.len());
}

#[test]
fn a_list_that_is_not_the_one_of_the_records_is_noticed() {
    let list = "a.test\n# b\nb.test\nhttp://x:y/\n192.0.2.0/30\nc.test";
    let places: Vec<_> = all(list.as_bytes(), Scope::default())
        .into_iter()
        .map(|entry| match entry.target {
            Ok(target) => (entry.place.seq, target.shown().into()),
            Err(malformed) => (entry.place.seq, malformed.shown),
        })
        .collect();
    let places: BTreeMap<u64, Box<str>> = places.into_iter().collect();
    let scope = |seen: &[u64]| Scope {
        done: (1..=7).collect(),
        seen: seen.iter().map(|seq| (*seq, places[seq].clone())).collect(),
        ..Scope::default()
    };
    let rows: [(&str, &[u64], Option<u64>, usize); 9] = [
        // the list now, places compared, the place that tells, entries taken
        (list, &[], None, 1),
        (list, &[1, 2, 3, 4, 5, 6, 7], None, 1),
        (list, &[5], None, 1),
        ("a.test\nb.test\nhttp://x:z/\n192.0.2.0/30\nc.test", &[1, 7], None, 1),
        ("a.test\nb.test\nhttp://x:z/\n192.0.2.0/30\nc.test", &[1, 3], Some(3), 0),
        ("new.test\na.test\nb.test\nhttp://x:y/\n192.0.2.0/30\nc.test", &[7], Some(7), 0),
        ("a.test\nb.test\nhttp://x:y/\n192.0.2.4/30\nc.test", &[5], Some(5), 0),
        ("a.test\nb.test", &[1, 7], Some(7), 0),
        ("", &[1], Some(1), 0),
    ];
    for (list, seen, tells, count) in rows {
        let mut sources = sources(list.as_bytes(), scope(seen));
        let mut taken = 0;
        let other = loop {
            match sources.next() {
                Taken::Entry(_) => taken += 1,
                Taken::Pause => {}
                Taken::Other { seq, was, is } => {
                    assert_eq!(was, places[&seq]);
                    assert_ne!(was, is);
                    break Some(seq);
                }
                Taken::End => break None,
                end => panic!("{end:?}"),
            }
        };
        assert_eq!((other, taken), (tells, count), "{list:?} {seen:?}");
        if other.is_none() {
            assert_eq!(sources.passed_over(), 7, "{list:?}");
        }
    }
}

/// Gives its octets in pieces of a size.
struct Pieces(Vec<u8>, usize);

impl Feed for Pieces {
    fn pull(&mut self) -> Pull {
        match self.0.len().min(self.1) {
            0 => Pull::End,
            size => Pull::Octets(self.0.drain(..size).collect()),
        }
    }
}

proptest! {
    #[test]
    fn any_octets_are_entries_in_order_however_they_are_cut(
        text in "([ab0-9.:/#@%\\[\\]\\- \r\n\u{FEFF}é]|http|//|/3[0-2]|192\\.0\\.2\\.|::1){0,60}",
        size in 1..20_usize,
        https in any::<bool>(),
        ported in any::<bool>(),
    ) {
        let ports = if ported { "80,443".parse().unwrap() } else { Default::default() };
        let scheme = https.then_some(Scheme::Https);
        let scope = Scope { ports, scheme, ..Scope::default() };
        // It may hold a large block.
        let some = |sources: &mut Sources| {
            std::iter::from_fn(|| take(sources)).take(200).map(|e| shown(&e)).collect::<Vec<_>>()
        };
        let whole = some(&mut sources(text.as_bytes(), scope.clone()));
        for (seq, line) in (1..).zip(&whole) {
            prop_assert!(line.starts_with(&format!("{seq} ")), "{} {}", seq, line);
        }
        let pieces = Pieces(text.clone().into(), size);
        let cut = some(&mut Sources::new(vec![Box::new(pieces)], scope));
        prop_assert_eq!(cut, whole);
    }
}
