#!/bin/sh
# Install the inspector from this folder, without network: ./install.sh [FOLDER]
# FOLDER gets a Python environment of its own (default: ~/.local/share/exposure-inspector). PYTHON=... names another Python.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
folder=${1:-$HOME/.local/share/exposure-inspector}
needed=$(cat "$here/python-version")
python=${PYTHON:-python$needed}
fail() { echo "install.sh: $1" >&2; exit 1; }

(cd "$here" && sha256sum --check --quiet --strict SHA256SUMS)
command -v "$python" >/dev/null || fail "$python not found; name one: PYTHON=/path/to/python$needed ./install.sh"
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
[ "$found" = "$needed" ] || fail "this bundle is for Python $needed, $python is $found"
"$python" -m venv "$folder" || fail "$python cannot make environments with pip (Debian, Ubuntu: apt install python3-venv)"
folder=$(cd -- "$folder" && pwd)
# --isolated: settings of this machine that name indexes or other folders of wheels do not count here.
"$folder/bin/python" -m pip --isolated --disable-pip-version-check install --quiet --no-cache-dir \
  --no-index --find-links "$here/wheels" --require-hashes --only-binary :all: -r "$here/requirements.txt"
"$folder/bin/inspector" --version
echo "installed: $folder/bin/inspector"
case ":$PATH:" in *":$folder/bin:"*) ;; *) echo "to have it in PATH: ln -s $folder/bin/inspector ~/.local/bin/" ;; esac
