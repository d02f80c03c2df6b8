//! Does a piece of work so many times, for callgrind to count: `work NAME TIMES`.

fn main() {
    let mut words = std::env::args().skip(1);
    let (Some(name), Some(times)) = (words.next(), words.next()) else {
        panic!("usage: work NAME TIMES");
    };
    let work = fourstep_bench::work(&name).unwrap_or_else(|| panic!("no work called {name}"));
    work(times.parse().expect("a number of times"));
}
