//! What a handshake allocates, and what a session that stands holds: ours and bare rustls.

use std::sync::atomic::Ordering::Relaxed;

use fourstep_bench::tls::{BLOCKS, Bare, Client, HEAP, OCTETS, Ours, World, measured};
use fourstep_tls::Version;

#[global_allocator]
static HEAP_COUNTED: dhat::Alloc = dhat::Alloc;

const TIMES: i64 = 200;

fn main() {
    let _profiler = dhat::Profiler::builder().testing().build();
    let heap = || {
        let stats = dhat::HeapStats::get();
        (stats.total_blocks.try_into().unwrap(), stats.curr_bytes.try_into().unwrap())
    };
    HEAP.set(heap).expect("once");
    println!("handshake  allocations  bare  ratio    octets held  bare");
    for version in [Version::Tls13, Version::Tls12] {
        let world = World::new(version);
        let (ours, ours_held) = count::<Ours>(&world);
        let (bare, bare_held) = count::<Bare>(&world);
        let (name, ratio) = (version.as_str(), ours / bare);
        println!("{name}  {ours:12.1} {bare:5.1} {ratio:6.2} {ours_held:14.0} {bare_held:5.0}");
    }
}

/// Allocations of one handshake, its end included, and octets held before that.
fn count<C: Client>(world: &World) -> (f64, f64) {
    // The first may fill what is kept for all.
    drop(world.shake::<C>());
    let before = (BLOCKS.load(Relaxed), OCTETS.load(Relaxed));
    let mut held = 0;
    for _ in 0..TIMES {
        let start = OCTETS.load(Relaxed);
        let client: C = world.shake();
        held += OCTETS.load(Relaxed) - start;
        measured(|| drop(client));
    }
    assert_eq!(OCTETS.load(Relaxed), before.1, "what a client holds goes with it");
    let each = |all: i64| all as f64 / TIMES as f64;
    (each(BLOCKS.load(Relaxed) - before.0), each(held))
}
