#!/usr/bin/env bash
# in-memory.sh COMMAND...   Runs a command whose temporary files are in memory, where this machine has enough of it,
# and removes them afterwards. Thousands of small databases are made durable for nobody; it halves the tests' time.
set -euo pipefail

shm=/dev/shm
free=$(df --output=avail --block-size=1M "$shm" 2>/dev/null | tail -n 1 || true)
if [ "${free:-0}" -lt 6000 ] || ! dir=$(mktemp -d "$shm/hark.XXXXXX"); then
  exec "$@"
fi
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
chmod 755 "$dir" # PostgreSQL and web servers run as others
GOTMPDIR=${GOTMPDIR:-${TMPDIR:-/tmp}} TMPDIR=$dir "$@"
