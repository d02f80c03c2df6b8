//! Shakes hands so many times, for callgrind to count: `tls ours|bare 1.2|1.3 TIMES`.

use fourstep_bench::tls::{Bare, Ours, World, measured};
use fourstep_tls::Version;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [side, version, times] = words.as_slice() else { panic!("usage: tls SIDE VERSION TIMES") };
    let world = World::new(Version::from_text(version).expect("1.2 or 1.3"));
    for _ in 0..times.parse().expect("a number of times") {
        match side.as_str() {
            "ours" => {
                let client: Ours = world.shake();
                measured(|| drop(client));
            }
            "bare" => {
                let client: Bare = world.shake();
                measured(|| drop(client));
            }
            side => panic!("no side called {side}"),
        }
    }
}
