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
cargo build --release --locked --quiet --bin work --bin allocations --bin linked \
    --target-dir "$target"

# Instructions of so many times a piece of work.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$target/release/work" "$1" "$2" 2>&1 |
        sed -n 's/.*Collected : //p'
}

for work in head head-kept probe-literal probe-name verdict-accepted verdict-503 verdict-page \
    record-line record-503 list-turn scan-machine; do
    few=$(count "$work" 1000)
    many=$(count "$work" 2000)
    read -r _ blocks octets < <("$target/release/allocations" "$work")
    printf '%-16s %8d %8s %8s\n' "$work" $(((many - few) / 1000)) "$blocks" "$octets"
done
printf '%-16s %8d %8s %8s\n' verdict-first $(($(count verdict-503 1) - $(count verdict-503 0))) - -

# A whole scan: the list read, a socket for each target, its full record written; all that
# `fourstep` itself does, the kernel's part left out. And the same without verdicts and records: list
# reader, limits, loop and tally. The poll's batches move them by some 1 %.
scratch=$(mktemp -d)
"${CC:-cc}" -O2 -o "$scratch/origin" scan/c/origin.c
workspace=${CARGO_TARGET_DIR:-$PWD/../../target}
cargo build --release --locked --quiet --manifest-path ../../Cargo.toml -p fourstep-cli \
    --target-dir "$workspace"
port=8700
coproc ORIGIN { exec "$scratch/origin" $port "$scratch/counts"; }
trap 'kill "$ORIGIN_PID"; rm -r "$scratch"' EXIT
read -r ready <&"${ORIGIN[0]}" || { echo "no origin at port $port: is it taken?" >&2; exit 1; }

for times in 1000 3000; do
    for ((n = 1; n <= times; n++)); do
        echo "http://127.1.$((n / 250 % 16)).$((1 + n % 250)):$((port + 1))/$n"
    done >"$scratch/$times"
done

# Instructions of this command, which is given a list of so many targets.
collected() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >"$scratch/out" |
        sed -n 's/.*Collected : //p'
}

whole() {
    collected "$workspace/release/fourstep" scan --in-flight 64 --per-host 0 --overwrite \
        --output "$scratch/records" "$scratch/$1"
    [ "$(grep -c '"status":503' "$scratch/records")" = "$1" ] || {
        echo "not every target answered" >&2
        exit 1
    }
}

bare() {
    collected "$target/release/linked" scan 64 "$scratch/$1"
    grep -qx "$1 probes, $1 answered" "$scratch/out" || {
        echo "not every target answered" >&2
        exit 1
    }
}

for each in bare whole; do
    few=$($each 1000)
    many=$($each 3000)
    printf '%-16s %8d %8s %8s\n' scan-$each $(((many - few) / 2000)) - -
done
