#!/usr/bin/env bash
# Finds or fetches CPython 3.10 and uv, and installs what uv.lock names. Any Python 3 will do to start with.
set -euo pipefail
cd "$(dirname "$0")/.."
UV_VERSION=0.13.9
TOOLS=var/tools

say() { echo "== $*"; }

is_310() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' >/dev/null 2>&1; }

find_python() {
  if [ -n "${PYTHON310:-}" ]; then
    is_310 "$PYTHON310" || { echo "PYTHON310=$PYTHON310 is no CPython 3.10 that answers" >&2; exit 1; }
    echo "$PYTHON310"; return
  fi
  local candidate
  for candidate in python3.10 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python /usr/local/bin/python3.10 /opt/python3.10/bin/python3; do
    if is_310 "$candidate"; then command -v "$candidate"; return; fi
  done
  echo "3.10"  # uv downloads its own
}

find_uv() {
  if command -v uv >/dev/null 2>&1; then command -v uv; return; fi
  if [ ! -x "$TOOLS/bin/uv" ]; then
    local any; any=$(command -v python3 || command -v python)
    say "fetching uv" >&2
    mkdir -p "$TOOLS"
    "$any" -m venv "$TOOLS" >/dev/null 2>&1 && "$TOOLS/bin/python" -m pip install -q "uv==$UV_VERSION" >&2 \
      || "$any" -m pip install -q --target "$TOOLS" "uv==$UV_VERSION" >&2
  fi
  echo "$TOOLS/bin/uv"
}

UV=$(find_uv)
PY=$(find_python)
say "Python: $PY"
say "installing from uv.lock (about 3 GB on the first run)"
"$UV" sync --locked --compile-bytecode --python "$PY"
