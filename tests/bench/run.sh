#!/usr/bin/env bash
# What a head, a probe and a process cost. Instructions and allocations do not move from run to
# run; times are medians of interleaved rounds, to be read as ratios.
set -euo pipefail
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-$PWD/target}
command -v valgrind >/dev/null || { echo "needs valgrind: apt-get install valgrind" >&2; exit 1; }
cargo build --release --locked --quiet --target-dir "$target"
(cd ../.. && cargo build --release --locked --quiet -p fourstep-cli --target-dir "$target")

# User instructions of TIMES runs of a piece of work.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$target/release/work" "$1" "$2" 2>&1 |
        sed -n 's/.*Collected : //p'
}

echo "work             instructions  allocations  octets"
for work in head head-kept probe-literal probe-name; do
    once=$(count $work 1000)
    twice=$(count $work 2000)
    read -r _ blocks octets < <("$target/release/allocations" $work)
    printf '%-16s %12d %12s %7s\n' $work $(((twice - once) / 1000)) "$blocks" "$octets"
done
echo
echo "one probe, process start to exit (median of ${ROUNDS:-200}), and the ratio"
"$target/release/once" "$target/release/fourstep" "${ROUNDS:-200}"
echo
echo "binary, stripped: $(stat -c %s "$target/release/fourstep") octets"
echo "crates in the tree: $(cd ../.. && cargo tree --locked -e normal --prefix none -p fourstep-cli | sed 's/ (\*)//' | sort -u | wc -l)"
