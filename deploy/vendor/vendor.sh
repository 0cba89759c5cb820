#!/usr/bin/env bash
# Fetch the browser libraries that package-lock.json pins, and put them into the static files with their licenses.
set -euo pipefail
cd "$(dirname "$0")"
target=../../rendering/static/rendering/vendor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp package.json package-lock.json "$work"
npm ci --silent --ignore-scripts --prefix "$work"
mkdir -p "$target"

# The last line names a source map of 5 MB that is not shipped; collectstatic would look for it.
sed '/^\/\/# sourceMappingURL=/d' "$work/node_modules/@google/model-viewer/dist/model-viewer.min.js" > "$target/model-viewer.min.js"
# The decoder that needs no WebAssembly, which the pages' policy forbids; the viewer asks for it by this name.
cp "$work/node_modules/three/examples/jsm/libs/draco/gltf/draco_decoder.js" "$target/draco_decoder.js"

{
  echo "model-viewer.min.js is @google/model-viewer as published, without its last line, which names a source map."
  echo "It contains the libraries below; each is followed by its licence."
  echo "draco_decoder.js is Google's Draco as three publishes it, under the license of model-viewer."
  for name in @google/model-viewer three lit lit-html lit-element @lit/reactive-element @monogrid/gainmap-js; do
    folder="$work/node_modules/$name"
    version=$(sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' "$folder/package.json" | head -1)
    printf '\n======== %s %s\n\n' "$name" "$version"
    cat "$folder"/LICENSE*
  done
} > "$target/model-viewer.LICENSES.txt"

(cd "$target" && sha256sum draco_decoder.js model-viewer.LICENSES.txt model-viewer.min.js) > SHA256SUMS
git diff --stat -- SHA256SUMS "$target"
