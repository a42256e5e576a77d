#!/usr/bin/env bash
# web-parts.sh [check]   Makes those files of web/static that others wrote: toolbar.js, GitHub's buttons for Markdown,
# made small by esbuild, and its licence beside it, toolbar.txt. Versions and checksums stand in scripts/web; none of
# the packages' own scripts is run. With check it changes nothing, and fails where the files are not what it would make.
# Needed only by who changes a version there: the files are in the repository.
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp web/package.json web/package-lock.json "$work"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error >&2

source=$work/node_modules/@github/markdown-toolbar-element
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$source/package.json")
"$work/node_modules/.bin/esbuild" "$source/dist/index.js" --bundle --format=iife --minify --target=es2022 --log-level=error \
  --banner:js="/* @github/markdown-toolbar-element $version, (c) GitHub, Inc., MIT: its licence is /static/toolbar.txt. Made by scripts/web-parts.sh. */" \
  --outfile="$work/toolbar.js"
cp "$source/LICENSE" "$work/toolbar.txt"

for file in toolbar.js toolbar.txt; do
  if [ "${1:-}" = check ]; then
    cmp "$work/$file" "../web/static/$file"
  else
    cp "$work/$file" "../web/static/$file"
  fi
done
