#!/usr/bin/env bash
# with-postgres.sh COMMAND...   Runs a command beside a private PostgreSQL that HARK_TEST_POSTGRES names,
# in a folder of its own, on a unix socket alone, and removes it afterwards.
set -euo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
if [ -z "$bin" ]; then
  [ -z "${CI:-}" ] || { echo "with-postgres.sh: no PostgreSQL on this machine" >&2; exit 1; }
  echo "with-postgres.sh: no PostgreSQL on this machine, so not run: $*" >&2
  exit 0
fi

dir=$(mktemp -d -t hark-postgres.XXXXXX)
as=()
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
  chown postgres: "$dir"
  as=(runuser -u postgres --)
fi
stop() {
  "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cd "$dir"
"${as[@]}" "$bin/initdb" -D "$dir/data" -U hark -A trust -E UTF8 --no-locale --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/data/log" \
  -o "-k '$dir' -c listen_addresses='' -c max_connections=300 -c fsync=off -c full_page_writes=off" start >/dev/null || { cat "$dir/data/log" >&2; exit 1; }
cd "$OLDPWD"

export HARK_TEST_POSTGRES="postgres://hark@/postgres?host=$dir"
"$@"
