#!/usr/bin/env bash
# Gets the peers that the benchmarks run side by side with. Soft: what is missing is said in one line, and the benchmark that
# needs it says so again when it starts; with CI=true it is an error.
set -uo pipefail
cd "$(dirname "$0")/.."

missing=0

off() {
    echo "benchmark set-up: $*" >&2
    missing=1
}

# --- Debian packages (as root) ---------------------------------------------------------------------------------------------

# program -> the package that brings it
declare -A PACKAGES=(
    [prometheus-blackbox-exporter]=prometheus-blackbox-exporter
    [nginx]=nginx-light
    [chromium]=chromium
    [chromium-headless-shell]=chromium-headless-shell
    [chromedriver]=chromium-driver
    [unshare]=util-linux
)

present() { PATH=$PATH:/usr/sbin command -v "$1" >/dev/null; }

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    # The benchmarks start their own servers: the packages must not start any, nor fail where a port is taken.
    if [[ ! -e /usr/sbin/policy-rc.d ]]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
    fi
    echo "benchmark set-up: installing $*"
    local lock=(-qq -o DPkg::Lock::Timeout=600)
    timeout 300 apt-get update "${lock[@]}" >/dev/null 2>&1
    for package in "$@"; do
        timeout 900 apt-get install -y --no-install-recommends "${lock[@]}" "$package" >/dev/null 2>&1
    done
}

debian_packages() {
    local wanted=() program
    for program in "${!PACKAGES[@]}"; do
        present "$program" || wanted+=("${PACKAGES[$program]}")
    done
    if ((${#wanted[@]})) && [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        install_packages "${wanted[@]}"
    fi
    for program in "${!PACKAGES[@]}"; do
        present "$program" || off "${PACKAGES[$program]} is missing (apt-get install ${PACKAGES[$program]})"
    done
}

# --- npm packages ----------------------------------------------------------------------------------------------------------

readonly PEERS=.cache/peers

npm_packages() {
    local lock
    lock=$(cat benchmarks/peers/package.json benchmarks/peers/package-lock.json | sha256sum)
    [[ -f $PEERS/.set-up && $(<"$PEERS/.set-up") == "$lock" ]] && return
    command -v npm >/dev/null || {
        off "npm is missing (apt-get install npm); Lighthouse and browsertime cannot be installed"
        return
    }
    echo "benchmark set-up: installing Lighthouse and browsertime into $PEERS"
    mkdir -p "$PEERS"
    rm -f "$PEERS/.set-up"
    cp benchmarks/peers/package.json benchmarks/peers/package-lock.json "$PEERS"
    # Without scripts: they would download drivers and browsers; Debian's are used.
    if (cd "$PEERS" && timeout 600 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >"$PEERS/npm.log" 2>&1; then
        echo "$lock" >"$PEERS/.set-up"
    else
        off "npm packages of benchmarks/peers cannot be installed (see $PEERS/npm.log)"
    fi
}

debian_packages
npm_packages

[[ ${CI:-} != true || $missing == 0 ]]
