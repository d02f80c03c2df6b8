#!/usr/bin/env bash
# User instructions (callgrind) and allocations (dhat) of each piece of work in src/lib.rs, a line
# each: its name, instructions, allocations, octets allocated. The numbers do not move from run to
# run, and little from machine to machine; another compiler moves them.
#
# A line is the difference of two runs, which leaves out what is done once; `verdict-first` is that.
set -euo pipefail
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-$PWD/target}
command -v valgrind >/dev/null || { echo "needs valgrind: apt-get install valgrind" >&2; exit 1; }
cargo build --release --locked --quiet --bin work --bin allocations --target-dir "$target"

# Instructions of so many times a piece of work.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$target/release/work" "$1" "$2" 2>&1 |
        sed -n 's/.*Collected : //p'
}

for work in head head-kept probe-literal probe-name verdict-accepted verdict-503 verdict-page \
    record-line scan-machine; do
    few=$(count "$work" 1000)
    many=$(count "$work" 2000)
    read -r _ blocks octets < <("$target/release/allocations" "$work")
    printf '%-16s %8d %8s %8s\n' "$work" $(((many - few) / 1000)) "$blocks" "$octets"
done
printf '%-16s %8d %8s %8s\n' verdict-first $(($(count verdict-503 1) - $(count verdict-503 0))) - -
