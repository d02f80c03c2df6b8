#!/usr/bin/env bash
# Holds what things cost to instructions.txt: more than 2 % more instructions (3 % of whole scans, which
# the poll's batches move), or one allocation more, fails. `gate.sh --update` writes the file anew: say in the commit why it may cost that.
set -euo pipefail
cd "$(dirname "$0")"
kept=instructions.txt
compiler=$(rustc --version)
measured=$(./instructions.sh)

if [ "${1-}" = --update ]; then
    {
        echo "# What each piece of work costs: instructions, allocations, octets (instructions.sh)."
        echo "# gate.sh holds it, by the compiler it was written with:"
        echo "# $compiler"
        echo "$measured"
    } >$kept
    echo "$kept is written"
    exit
fi

if ! grep -qxF "# $compiler" $kept; then
    echo "$kept was written with another compiler than $compiler: nothing is held to it" >&2
    echo "$measured"
    exit
fi
awk -v kept=$kept '
    /^#/ { next }
    NR == FNR { instructions[$1] = $2; allocations[$1] = $3; next }
    !($1 in instructions) { verdict = "new" }
    $1 in instructions {
        more = 100 * ($2 - instructions[$1]) / instructions[$1]
        verdict = sprintf("%+.1f %%", more)
        may = $1 ~ /^scan-(bare|whole)$/ ? 3 : 2
        if (more > may) { verdict = verdict "  MORE THAN BEFORE"; failed = 1 }
        if (more < -may) { verdict = verdict "  less: write it down" ; less = 1 }
        if ($3 > allocations[$1]) { verdict = verdict "  ALLOCATES MORE"; failed = 1 }
        delete instructions[$1]
    }
    { printf "%-16s %8d %8s   %s\n", $1, $2, $3, verdict }
    END {
        for (name in instructions) { print name ": in " kept ", and not measured"; failed = 1 }
        if (failed || less) print "\nIf that is as it should be: tests/bench/gate.sh --update, and say why in the commit."
        exit failed
    }
' $kept <(echo "$measured")
