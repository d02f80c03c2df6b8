#!/usr/bin/env bash
# Installs, as root on Debian, what the benches use: the compiler and strace are needed, the others
# are peers to compare with, and one that is missing is left out.
set -euo pipefail
apt-get update --quiet
DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends \
    gcc libc6-dev valgrind strace wrk apache2-utils nghttp2-client curl iproute2 nftables
# oha is not in Debian: seven minutes of one core. Without its default features it does not build.
command -v oha >/dev/null || nice cargo install --locked oha
