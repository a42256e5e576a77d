#!/usr/bin/env bash
# test.sh FLAGS...   Runs all tests with these flags for the race detector, real peers included, and without them those
# that need a database on PostgreSQL, and those about work and memory, which the detector multiplies. Tests of peers
# wait for browsers most of the time, and others for clocks, so all of it runs at once: what runs beside the first is
# shown when that is done.
set -euo pipefail
cd "$(dirname "$0")/.."

# Whoever runs this has let `make check` read the code, and needs no tables for a debugger.
quick=(-vet=off -ldflags=-w -timeout "${TIMEOUT:-14m}")
# Those with the most to test come first, so that none of them is left alone at the end.
mapfile -t rest < <(go list -f '{{.ImportPath}} {{.Dir}}' ./... | grep -v '/test ' |
  while read -r path dir; do echo "$(cat "$dir"/*_test.go 2>/dev/null | wc -c) $path"; done | sort -rn | cut -d' ' -f2)
mapfile -t again < <(printf '%s\n' "${rest[@]}" | grep -Fxf <({
  go list -f '{{.ImportPath}} {{.ImportPath}} {{.Deps}} {{.TestImports}} {{.XTestImports}}' "${rest[@]}" |
    sed -nE 's|^([^ ]+).*[ []hark/internal/database[] ].*|\1|p'
  grep -rl --include='*_test.go' '^//go:build.*!race' cmd internal | xargs dirname | sed 's|^|hark/|'
}))

# Compilers are quicker where they need not save memory (see the Makefile); the tests have the usual.
compile() { GOGC=400 GOMEMLIMIT=2GiB go list -export "$@" >/dev/null; }
compile "$@" ./... # once, for all that now begins

shown=$(mktemp -d)
beside=()
trap 'for one in "${beside[@]}"; do kill -- "-$one" || true; done 2>/dev/null; rm -rf "$shown"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
setsid go test "${quick[@]}" "$@" ./test >"$shown/2" 2>&1 &
beside+=($!)
compile -test "$@" "${rest[@]}" 2>/dev/null || true # go test says what does not compile
# With the flags of `make check`, which has compiled all of it.
CGO_ENABLED=0 setsid scripts/with-postgres.sh go test -p 1 -trimpath "${quick[@]}" "${again[@]}" >"$shown/1" 2>&1 &
beside+=($!)

failed=0
go test -p 2 "${quick[@]}" "$@" "${rest[@]}" || failed=1
for one in "${beside[@]}"; do wait "$one" || failed=1; done
cat "$shown"/*
exit "$failed"
