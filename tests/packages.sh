#!/usr/bin/env bash
# Sees to the programs that the tests start: says nothing when all are there; installs the Debian
# packages of those that are missing when it may; else says which to install, and fails.
set -euo pipefail

# Users' PATHs lack the folders that Debian keeps servers in.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

# program, or the path of what is in no PATH; package
needed="
nginx      nginx
openssl    openssl
haproxy    haproxy
apache2    apache2-bin
lighttpd   lighttpd
varnishd   varnish
squid      squid
caddy      caddy
java       default-jre-headless
/usr/share/tomcat10/bin/catalina.sh tomcat10-common
busybox    busybox
unbound    unbound
nsd        nsd
ip         iproute2
nft        nftables
valgrind   valgrind
"

missing=()
while read -r program package; do
    [ -z "$program" ] || command -v "$program" >/dev/null || missing+=("$package")
done <<<"$needed"
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ]; then
    root=()
elif sudo -n true 2>/dev/null; then
    root=(sudo -n)
else
    root=(false)
fi
if [ "${root[*]}" = false ] || ! command -v apt-get >/dev/null; then
    echo "The tests need servers that are not installed here. On Debian, as root:" >&2
    echo "    apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
fi

# The tests start servers themselves: none shall start as a service now, and fight for port 80 or
# 53 while it is being installed.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap '"${root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
    "${root[@]}" chmod 755 "$policy"
fi

install() {
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --quiet --no-install-recommends "${missing[@]}"
}

echo "Installing ${missing[*]} for the tests" >&2
# Lists that are missing or old name packages that are gone: then fetch new ones, once.
install || { "${root[@]}" apt-get update --quiet && install; }
