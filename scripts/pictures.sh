#!/usr/bin/env bash
# pictures.sh   Takes a picture of every page, narrow and wide, light and dark, with the browser of the tests,
# and writes docs/pictures/pages, with a page that shows them all.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$PWD/docs/pictures/pages
rm -rf "$folder"
mkdir -p "$folder"
scripts/npm-peers.sh
HARK_PICTURES=$folder go test -count=1 -timeout 30m ./test -run '^Test(NoPage|NoTheme)HasABarrier$'

{
  echo "# Every page"
  echo "As a browser draws it, 360, 768 and 1,280 pixels wide, light and dark. \`scripts/pictures.sh\` takes them; what stands on the pages is made up."
  for first in "$folder"/*-360-light.webp; do
    name=$(basename "$first" -360-light.webp)
    printf '\n**%s**: ' "${name//-/ }"
    for width in 360 768 1280; do
      printf '%s [light](%s-%s-light.webp) [dark](%s-%s-dark.webp)' "$width" "$name" "$width" "$name" "$width"
      [ "$width" = 1280 ] || printf ' · '
    done
    printf '\n'
  done
} >"$folder/README.md"
