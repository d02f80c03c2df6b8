//! The house as ARCHITECTURE.md draws it, against what cargo knows.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// One row of the table in ARCHITECTURE.md.
#[derive(Debug, PartialEq, Eq)]
struct Room {
    ours: BTreeSet<String>,
    outside: BTreeSet<String>,
}

#[test]
fn the_table_of_the_house_is_what_cargo_sees() {
    let (drawn, floors) = drawn();
    let built = built();
    let names = |rooms: &BTreeMap<String, Room>| rooms.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&drawn), names(&built), "the crates of the table and of the workspace");
    for (name, room) in &built {
        assert_eq!(drawn.get(name), Some(room), "{name}: the table, and what its Cargo.toml says");
    }
    for (name, room) in &built {
        for below in &room.ours {
            assert!(floors[below] < floors[name], "{name} → {below} does not go down");
        }
    }
}

#[test]
fn floors_below_the_driver_reach_no_async_runtime_and_no_randomness() {
    // What the lints cannot see: a dependency that brings its own clock, sockets or chance.
    let banned = ["tokio", "async-std", "getrandom", "rand", "mio", "socket2", "url"];
    for name in ["terms", "target", "connect", "request", "response"] {
        let tree = cargo(&["tree", "-e", "normal", "--prefix", "none", "-p", &package(name)]);
        for line in tree.lines() {
            let dependency = line.split(' ').next().unwrap_or_default();
            assert!(!banned.contains(&dependency), "{name} reaches {dependency}");
        }
    }
}

/// The rooms as the table draws them, and each one's floor.
fn drawn() -> (BTreeMap<String, Room>, BTreeMap<String, u8>) {
    let text = include_str!("../ARCHITECTURE.md");
    let mut rooms = BTreeMap::new();
    let mut floors = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, floor, ours, outside, _promise] = cells[..] else {
            panic!("not a row of five cells: {line}");
        };
        floors.insert(name.to_owned(), floor.parse().expect("a floor is a number"));
        rooms.insert(name.to_owned(), Room { ours: list(ours), outside: list(outside) });
    }
    (rooms, floors)
}

/// The rooms as cargo sees them.
fn built() -> BTreeMap<String, Room> {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--no-deps"])).unwrap();
    let mut rooms = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let Some(name) = room(name) else { continue };
        let mut found = Room { ours: BTreeSet::new(), outside: BTreeSet::new() };
        for dependency in package["dependencies"].as_array().unwrap() {
            // A test may reach up; what is shipped may not.
            if !dependency["kind"].is_null() {
                continue;
            }
            let dependency = dependency["name"].as_str().unwrap();
            match room(dependency) {
                Some(ours) => found.ours.insert(ours.to_owned()),
                None => found.outside.insert(dependency.to_owned()),
            };
        }
        rooms.insert(name.to_owned(), found);
    }
    rooms
}

/// The room that a package of ours is; `None` for the tests and for what is not ours.
fn room(package: &str) -> Option<&str> {
    match package {
        "fourstep" => Some(package),
        "fourstep-tests" => None,
        _ => package.strip_prefix("fourstep-"),
    }
}

fn package(room: &str) -> String {
    format!("fourstep-{room}")
}

fn list(cell: &str) -> BTreeSet<String> {
    cell.split(", ").filter(|word| *word != "–").map(str::to_owned).collect()
}

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let done = Command::new(cargo)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .output()
        .expect("cargo runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("cargo speaks UTF-8")
}
