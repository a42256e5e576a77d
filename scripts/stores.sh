#!/usr/bin/env bash
# stores.sh   The packages whose tests use a database, and so run on PostgreSQL as well as on SQLite.
set -euo pipefail
{ echo ./internal/database; grep -rlF --include='*_test.go' 'database.Test(' . | xargs -r -n 1 dirname; } | sort -u
