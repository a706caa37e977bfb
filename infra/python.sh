#!/bin/sh
# Prints a Python 3.11 or later that has pip, or says in one sentence what to do.
# The shell's own python3 comes first; pyenv's versions may be installed without being on the PATH.
for python in python3 python3.13 python3.12 python3.11 /usr/bin/python3 "$HOME"/.pyenv/versions/3.1[1-9]*/bin/python3; do
  if "$python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    command -v "$python"
    exit 0
  fi
done
echo "make: no Python 3.11 or later with pip was found; install one (Debian: apt install python3-pip) and try again." >&2
exit 1
