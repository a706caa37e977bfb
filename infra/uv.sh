#!/bin/sh
# Install the uv that requirements/uv.txt pins into the folder given: whole or not at all, also when several do it at once.
# PYTHON names a Python that has pip.
set -eu
home=$1
mkdir -p "$(dirname "$home")"
arriving=$(mktemp -d "$(dirname "$home")/arriving-XXXXXX")
trap 'rm -rf "$arriving"' EXIT
trap 'exit 1' HUP INT TERM
echo "Installing uv with $PYTHON"
"$PYTHON" -m pip install --quiet --disable-pip-version-check --no-warn-script-location --root-user-action=ignore \
  --require-hashes --target "$arriving" -r requirements/uv.txt \
  || { echo "make: uv could not be installed; check the network and try again." >&2; exit 1; }
chmod 755 "$arriving"
# not mv: it would move into a folder that another was faster to put there
"$PYTHON" -c 'import os, sys; os.rename(*sys.argv[1:])' "$arriving" "$home" 2>/dev/null || [ -x "$home/bin/uv" ] \
  || { echo "make: $home is there without a uv in it; remove it and try again." >&2; exit 1; }
