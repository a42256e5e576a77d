#!/usr/bin/env bash
# packages-with.sh WORD   The packages whose tests declare functions that begin with WORD: Benchmark, Fuzz.
set -euo pipefail
grep -rlE --include='*_test.go' "^func ${1:?usage: packages-with.sh WORD}" . | xargs -r -n 1 dirname | sort -u
