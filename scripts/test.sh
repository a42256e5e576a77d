#!/usr/bin/env bash
# test.sh FLAGS...   Runs all tests with these flags for the race detector, real peers included. Then, without them,
# those that need a database on PostgreSQL, and those about work and memory, which the detector multiplies. The peers'
# tests wait for browsers most of the time, so they run beside the others, and are shown when those are done.
set -euo pipefail
cd "$(dirname "$0")/.."

# Whoever runs this has let `make check` read the code, and needs no tables for a debugger.
quick=(-vet=off -ldflags=-w -timeout "${TIMEOUT:-14m}")
mapfile -t rest < <(go list ./... | grep -v '/test$')
mapfile -t again < <({
  go list -f '{{.ImportPath}} {{.ImportPath}} {{.Deps}} {{.TestImports}} {{.XTestImports}}' "${rest[@]}" |
    sed -nE 's|^([^ ]+).*[ []hark/internal/database[] ].*|\1|p'
  grep -rl --include='*_test.go' '^//go:build.*!race' cmd internal | xargs dirname | sed 's|^|hark/|'
} | sort -u)

# Compilers are quicker where they need not save memory (see the Makefile); the tests have the usual.
compile() { GOGC=400 GOMEMLIMIT=2GiB go list -export "$@" >/dev/null; }
compile "$@" ./... # once, for both that now begin

shown=$(mktemp)
setsid go test "${quick[@]}" "$@" ./test >"$shown" 2>&1 &
peers=$!
trap '{ kill -- "-$peers" || true; } 2>/dev/null; rm -f "$shown"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

failed=0
compile -test "$@" "${rest[@]}" 2>/dev/null || true # go test says what does not compile
go test -p 2 "${quick[@]}" "$@" "${rest[@]}" || failed=1
# With the flags of `make check`, which has compiled all of it.
CGO_ENABLED=0 scripts/with-postgres.sh go test -p 2 -trimpath "${quick[@]}" "${again[@]}" || failed=1
wait "$peers" || failed=1
cat "$shown"
exit "$failed"
