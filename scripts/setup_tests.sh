#!/usr/bin/env bash
# Gets what the integration tests meet for real: Debian packages (as root) and npm packages. Soft: what is missing is said in
# one line and its tests are skipped loudly; with CI=true it is an error.
set -uo pipefail
cd "$(dirname "$0")/.."

readonly PAGES=.cache/real_input
missing=0

off() {
    echo "test set-up: $*" >&2
    missing=1
}

# program or file -> the package that brings it
declare -A PACKAGES=(
    [/usr/lib/postgresql]=postgresql
    [nginx]=nginx-light
    [prometheus]=prometheus
    [/usr/share/doc/python3-doc/html]=python3-doc
    [ip]=iproute2
    [npm]=npm
)

present() { [[ -e $1 ]] || PATH=$PATH:/usr/sbin command -v "$1" >/dev/null; }

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    # The tests start their own servers: the packages must not start any, nor fail where a port is taken.
    if [[ ! -e /usr/sbin/policy-rc.d ]]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
    fi
    echo "test set-up: installing $*"
    local lock=(-qq -o DPkg::Lock::Timeout=600)
    timeout 300 apt-get update "${lock[@]}" >/dev/null 2>&1
    for package in "$@"; do
        timeout 900 apt-get install -y --no-install-recommends "${lock[@]}" "$package" >/dev/null 2>&1
    done
}

wanted=()
for sign in "${!PACKAGES[@]}"; do
    present "$sign" || wanted+=("${PACKAGES[$sign]}")
done
if ((${#wanted[@]})) && [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    install_packages "${wanted[@]}"
fi
for sign in "${!PACKAGES[@]}"; do
    present "$sign" || off "${PACKAGES[$sign]} is missing (apt-get install ${PACKAGES[$sign]}); tests that need it are skipped"
done

lock=$(cat tests/real_input/package-lock.json | sha256sum)
if [[ ! -f $PAGES/.set-up || $(<"$PAGES/.set-up") != "$lock" ]]; then
    mkdir -p "$PAGES"
    cp tests/real_input/package.json tests/real_input/package-lock.json "$PAGES"
    if (cd "$PAGES" && timeout 300 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >"$PAGES/npm.log" 2>&1; then
        echo "$lock" >"$PAGES/.set-up"
    else
        off "npm packages of tests/real_input cannot be installed (see $PAGES/npm.log); tests that need them are skipped"
    fi
fi

[[ ${CI:-} != true || $missing == 0 ]]
