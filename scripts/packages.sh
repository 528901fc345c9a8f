#!/usr/bin/env bash
# Parts of the set-ups that install what tests and benchmarks meet for real; sourced by them. Soft: what is missing is said in one
# line each; `all_there` fails on it only with CI=true.

missing=0

# off WHO WHAT: say what is missing for whom.
off() {
    echo "$1 set-up: $2" >&2
    missing=1
}

present() { [[ -e $1 ]] || PATH=$PATH:/usr/sbin command -v "$1" >/dev/null; }

install_packages() {
    local who=$1 package lock=(-qq -o DPkg::Lock::Timeout=600)
    shift
    export DEBIAN_FRONTEND=noninteractive
    # Servers are started by who needs them: the packages must not start any, nor fail where a port is taken.
    if [[ ! -e /usr/sbin/policy-rc.d ]]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
    fi
    echo "$who set-up: installing $*"
    timeout 300 apt-get update "${lock[@]}" >/dev/null 2>&1
    for package in "$@"; do
        timeout 900 apt-get install -y --no-install-recommends "${lock[@]}" "$package" >/dev/null 2>&1
    done
}

# debian_packages WHO CONSEQUENCE: as root, install what PACKAGES (program or file -> package) lacks; say what stays missing.
debian_packages() {
    local wanted=() sign
    for sign in "${!PACKAGES[@]}"; do
        present "$sign" || wanted+=("${PACKAGES[$sign]}")
    done
    if ((${#wanted[@]})) && [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        install_packages "$1" "${wanted[@]}"
    fi
    for sign in "${!PACKAGES[@]}"; do
        present "$sign" || off "$1" "${PACKAGES[$sign]} is missing (apt-get install ${PACKAGES[$sign]})$2"
    done
}

# npm_packages WHO SOURCE FOLDER CONSEQUENCE: install what SOURCE/package-lock.json names into FOLDER, unless it is there already.
npm_packages() {
    local stamp
    stamp=$(cat "$2/package.json" "$2/package-lock.json" | sha256sum)
    [[ -f $3/.set-up && $(<"$3/.set-up") == "$stamp" ]] && return
    echo "$1 set-up: installing npm packages of $2 into $3"
    mkdir -p "$3"
    rm -f "$3/.set-up"
    cp "$2/package.json" "$2/package-lock.json" "$3"
    # Without scripts: they would download drivers and browsers; Debian's are used.
    if (cd "$3" && timeout 600 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >"$3/npm.log" 2>&1; then
        echo "$stamp" >"$3/.set-up"
    else
        off "$1" "npm packages of $2 cannot be installed (see $3/npm.log)$4"
    fi
}

all_there() { [[ ${CI:-} != true || $missing == 0 ]]; }
