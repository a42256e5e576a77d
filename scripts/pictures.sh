#!/usr/bin/env bash
# pictures.sh   Takes pictures of the pages, narrow and wide, light and dark, with the browser of the tests, and
# writes docs/pictures/pages, with a page that leads to them all. Should a test fail, those that are there stay.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$PWD/docs/pictures/pages
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
scripts/npm-peers.sh
CI=true HARK_PICTURES=$fresh go test -count=1 -timeout 30m ./test -run '^TestNo(Page|Theme|PageOfReaders|StateOfAPage)HasABarrier$'
rm -rf "$folder"
mkdir -p "$folder"
mv "$fresh"/*.webp "$folder"

{
  echo "# The pages"
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
