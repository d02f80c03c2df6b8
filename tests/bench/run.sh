#!/usr/bin/env bash
# What a head, a probe and a process cost. Instructions and allocations do not move from run to
# run; times are medians of interleaved rounds, to be read as ratios.
set -euo pipefail
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --release --locked --quiet --bin once --target-dir "$target"
(cd ../.. && cargo build --release --locked --quiet -p fourstep-cli --target-dir "$target")

echo "work             instructions  allocations  octets"
./instructions.sh | while read -r work instructions blocks octets; do
    printf '%-16s %12d %12s %7s\n' "$work" "$instructions" "$blocks" "$octets"
done
echo
echo "one probe, process start to exit (median of ${ROUNDS:-200}), and the ratio"
"$target/release/once" "$target/release/fourstep" "${ROUNDS:-200}"
echo
echo "binary, stripped: $(stat -c %s "$target/release/fourstep") octets"
echo "crates in the tree: $(cd ../.. && cargo tree --locked -e normal --prefix none -p fourstep-cli | sed 's/ (\*)//' | sort -u | wc -l)"
