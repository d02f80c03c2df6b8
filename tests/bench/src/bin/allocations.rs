//! Counts the allocations of each piece of work: `allocations NAME…`.

#[global_allocator]
static HEAP: dhat::Alloc = dhat::Alloc;

fn main() {
    let _profiler = dhat::Profiler::builder().testing().build();
    for name in std::env::args().skip(1) {
        let work = fourstep_bench::work(&name).unwrap_or_else(|| panic!("no work called {name}"));
        let count = |times| {
            let before = dhat::HeapStats::get();
            work(times);
            let after = dhat::HeapStats::get();
            (after.total_blocks - before.total_blocks, after.total_bytes - before.total_bytes)
        };
        // The difference of two runs leaves out what is done once.
        let (once, twice) = (count(1000), count(2000));
        let each = |once: u64, twice: u64| (twice - once) as f64 / 1000.0;
        println!("{name} {:.2} {:.0}", each(once.0, twice.0), each(once.1, twice.1));
    }
}
