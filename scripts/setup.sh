#!/usr/bin/env bash
# Makes .venv: the packages of requirements.lock, checked by hash, and this checkout as an editable install.
# Done again only when what it depends on has changed; PYTHON=/path/to/python chooses the interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly STAMP=.venv/.set-up
readonly MODERN='import sys; sys.exit(sys.version_info < (3, 11))'

die() {
    echo "set-up: $*" >&2
    exit 1
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        # It is run, not only looked up: version managers leave names behind that start nothing.
        if "$candidate" -c "$MODERN" >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    die "Python 3.11 or newer is needed; python3 is $(python3 --version 2>&1 || echo missing)." \
        "Install one (Debian 12, Ubuntu 24.04 or newer: apt-get install python3), or name it: make setup PYTHON=/path/to/python3.12"
}

make_venv() {
    local python=$1 package
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        [[ $(id -u) == 0 ]] || die "$python has no venv module; run: sudo apt-get install $package"
        echo "set-up: installing $package"
        { apt-get update -qq && apt-get install -y -qq -o DPkg::Lock::Timeout=600 "$package"; } >/dev/null 2>&1 ||
            die "$python has no venv module, and 'apt-get install $package' failed; install it by hand"
    fi
    "$python" -m venv --clear .venv || die "$python cannot make .venv here; is the folder writable?"
}

wanted=$(cat requirements.lock pyproject.toml scripts/setup.sh | sha256sum)
if [[ -x .venv/bin/thuocdo && -f $STAMP && $(<"$STAMP") == "$wanted" ]]; then
    exit 0
fi

echo "set-up: installing the packages of requirements.lock into .venv"
# A venv whose making was interrupted has no pip: it is made anew.
if ! .venv/bin/python -c "import pip; $MODERN" >/dev/null 2>&1; then
    python=$(find_python)
    make_venv "$python"
fi
[[ -x .venv/bin/uv ]] || .venv/bin/python -m pip install --quiet --disable-pip-version-check uv ||
    die "uv cannot be installed with pip; check the network and pip's settings"
export VIRTUAL_ENV=$PWD/.venv
# Compiled once here: where Python may not write byte code (containers often forbid it), every start would compile everything.
.venv/bin/uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock
# The build back end is itself in the lock: nothing is fetched outside of it.
.venv/bin/uv pip install --quiet --no-deps --no-build-isolation --editable .
echo "$wanted" >"$STAMP"
