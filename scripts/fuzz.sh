#!/usr/bin/env bash
# fuzz.sh TIME [PACKAGE.TARGET...]   Fuzzes each target for TIME (60 or 60s, 5m), three side by side with one worker
# each: internal/pingback.FuzzDecode. Without targets, all there are. Fails if one does, and names the input that did
# it. Inputs that reach new code are kept in Go's cache and tried first the next time.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:?usage: fuzz.sh TIME [PACKAGE.TARGET...]}
[[ $time =~ [0-9]$ ]] && time+=s
shift

# go test -fuzz instruments whatever is linked, and takes minutes for the database alone. What reads strangers'
# words is enough; the rest is compiled already.
read=()
for package in hark/... golang.org/x/net/html/... github.com/microcosm-cc/... willnorris.com/go/... encoding/xml; do
  read+=("-gcflags=$package=-d=libfuzzer")
done
cache=$(go env GOCACHE)/fuzz/hark
export time cache flags="${read[*]}"

all() {
  local package
  for package in $(scripts/packages-with.sh Fuzz); do
    grep -ohE '^func Fuzz[A-Za-z0-9_]*' "$package"/*_test.go | sed "s|^func |${package#./}.|"
  done
}

# A run whose time ends at the wrong moment fails for that alone (golang.org/issue/75804).
only_late() {
  grep -q 'context deadline exceeded' "$1" && ! grep -qE 'Failing input|panic:|_test.go:' "$1"
}

# one fuzzes a target. What Go says of it is shown when it is done: the end if all is well, else everything.
one() {
  local package=${1%.*} target=${1##*.} out
  out=$(mktemp)
  # shellcheck disable=SC2086 # the flags are many
  if go test -v -count=1 -timeout 0 $flags -run '^$' "./$package" -args -test.fuzz="^$target\$" -test.fuzztime="$time" \
    -test.fuzzminimizetime=10s -test.parallel=1 -test.fuzzcachedir="$cache/$package" >"$out" 2>&1; then
    { echo "$package $target" && grep '^fuzz: elapsed' "$out" | tail -n 1 && tail -n 1 "$out"; } || true
    rm "$out"
    return
  fi
  if only_late "$out"; then
    echo "$package $target: the time was up while an input was tried; none has failed"
    rm "$out"
    return
  fi
  { echo "$package $target FAILED" && cat "$out"; } >&2
  sed -n "s|.*Failing input written to |fuzz.sh: the failing input is $package/|p" "$out" >&2
  rm "$out"
  return 1
}
export -f one only_late

if [ $# = 0 ]; then mapfile -t targets < <(all); else targets=("$@"); fi
printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P 3 bash -euo pipefail -c 'one "$1"' one
