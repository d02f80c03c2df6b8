#!/usr/bin/env bash
# What TLS costs: a handshake in memory against bare rustls (instructions, allocations, octets held);
# one https probe, process start to exit, against curl; the size of the binary.
# ROUNDS=200 says how often the processes are run.
set -euo pipefail
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-$PWD/target}
command -v valgrind >/dev/null || { echo "needs valgrind: apt-get install valgrind" >&2; exit 1; }
cargo build --release --locked --quiet --target-dir "$target" --bin tls --bin tls_heap --bin tls_once
(cd ../.. && cargo build --release --locked --quiet -p fourstep-cli --target-dir "$target")

# User instructions of the client in TIMES handshakes.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --collect-atstart=no \
        --toggle-collect='*tls::measured*' "$target/release/tls" "$1" "$2" "$3" 2>&1 |
        sed -n 's/.*Collected : //p'
}

# A handshake: twenty more, less ten, so that what is done once is left out.
each() { echo $((($(count "$1" "$2" 30) - $(count "$1" "$2" 10)) / 20)); }

echo "handshake    instructions       bare  ratio"
for version in 1.3 1.2; do
    ours=$(each ours $version) bare=$(each bare $version)
    permille=$((ours * 1000 / bare))
    printf 'TLSv%-8s %12d %10d  %d.%03d\n' $version "$ours" "$bare" $((permille / 1000)) $((permille % 1000))
done
echo
"$target/release/tls_heap"
echo
echo "one https probe, process start to exit (median of ${ROUNDS:-200}), and the ratio"
"$target/release/tls_once" "$target/release/fourstep" "${ROUNDS:-200}"
echo
echo "binary, stripped: $(stat -c %s "$target/release/fourstep") octets"
