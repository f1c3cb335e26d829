#!/bin/sh
# A virtual environment of the wheels beside this file, without any network; the former one stays until it is whole.
set -eu
base=/usr/lib/foregate-county
rm -rf "$base/venv.new"
python3 -m venv "$base/venv.new"
"$base/venv.new/bin/python" -I -m pip --isolated --disable-pip-version-check -q install --no-cache-dir --no-index \
    --find-links "$base/wheels" --only-binary :all: --no-deps --require-hashes -r "$base/requirements.txt"
# Scripts name their interpreter by its place.
grep -rlI "$base/venv.new" "$base/venv.new/bin" "$base/venv.new/pyvenv.cfg" | xargs sed -i "s|$base/venv.new|$base/venv|g"
rm -rf "$base/venv"
mv "$base/venv.new" "$base/venv"
