#!/usr/bin/env bash
# npm-peers.sh   Fetches, where missing, the peers that Debian has no package of: axe-core, which looks at pages for
# barriers, microformats-parser, and micropub-helper, with which apps are made. Versions and checksums stand in
# scripts/npm. They go to a folder of the user's cache that is named after them, so that it is whole or not there; none
# of their own scripts is run. micropub-helper asks for version 2 of rel-parser and is given 1.1; the test that runs it
# says in what the two differ.
# Without npm it says so and leaves it; those tests then skip, or fail where CI is set.
set -euo pipefail
cd "$(dirname "$0")/npm"

name=npm-$(cat package.json package-lock.json | sha256sum | cut -c 1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hark
[ ! -d "$cache/$name" ] || exit 0
if ! command -v npm >/dev/null; then
  echo "npm-peers.sh: npm is missing (scripts/peers.sh installs it), so is what it would fetch" >&2
  exit 0
fi
echo "npm-peers.sh: fetching axe-core, microformats-parser and micropub-helper" >&2

mkdir -p "$cache"
fresh=$(mktemp -d "$cache/fresh.XXXXXX")
trap 'rm -rf "$fresh"' EXIT
chmod 755 "$fresh"
cp package.json package-lock.json "$fresh"
for try in 1 2 3; do
  if npm ci --prefix "$fresh" --ignore-scripts --no-audit --no-fund --loglevel=error >&2; then
    mv -T "$fresh" "$cache/$name" 2>/dev/null || [ -d "$cache/$name" ] # another was quicker
    exit 0
  fi
  echo "npm-peers.sh: npm failed (try $try)" >&2
  sleep $((try * 3))
done
exit 1
