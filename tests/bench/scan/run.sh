#!/usr/bin/env bash
# Builds fourstep, its peers and the servers, then measures: run.sh [--rounds N] [--probes N] [CASE...]
# Nothing is built while something is measured, and what is measured is a copy: a build that goes
# on beside it changes nothing.
set -euo pipefail
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-$PWD/../../../target}
work=$target/bench
programs=$work/programs
mkdir -p "$programs"

for program in origin names limit lookups; do
    ${CC:-cc} -O2 -Wall -Wextra -o "$programs/$program" "c/$program.c"
done

# build FOLDER "MADE=COPY ..." [FLAG...]: builds a package, and copies what it made.
build() {
    cargo build --release --locked --quiet --target-dir "$target" --manifest-path "$1/Cargo.toml" "${@:3}"
    for name in $2; do
        cp --force "$target/release/${name%=*}" "$programs/${name#*=}"
    done
}
build . bench=bench
build ../../.. fourstep=fourstep -p fourstep-cli
build ../../.. examples/million=million -p fourstep-simnet --example million
build .. "linked=linked held=held tls_heap=tls_heap resolver=resolver" \
    --bin linked --bin held --bin tls_heap --bin resolver
for peer in hyper reqwest hickory; do
    build "peers/$peer" "fourstep-bench-$peer=peer-$peer"
done
exec "$programs/bench" --programs "$programs" --work "$work" "$@"
