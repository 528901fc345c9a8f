#!/usr/bin/env bash
# Finds a browser for the probes, or gets one. Soft: without any, HTTP probes still work and one line says what is off.
# What was found is remembered in .venv/.browser; `make browser` looks again.
set -uo pipefail
cd "$(dirname "$0")/.."

readonly STAMP=.venv/.browser
readonly OFF="set-up: no browser: home pages, eForms and accessibility are not measured, only HTTP."

of_playwright() {
    compgen -G "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}/chromium_headless_shell-*/*/*headless*shell" | tail -n 1 | grep .
}

on_path() {
    local name
    for name in chromium-headless-shell chromium; do
        command -v "$name" && return
    done
    return 1
}

downloaded() {
    echo "set-up: getting a browser (at most a minute)" >&2
    PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT=5000 timeout 60 .venv/bin/playwright install --only-shell chromium >/dev/null 2>&1 && of_playwright
}

from_distribution() {
    [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null || return 1
    export DEBIAN_FRONTEND=noninteractive
    local lock=(-qq -o DPkg::Lock::Timeout=600)
    timeout 300 apt-get update "${lock[@]}" >/dev/null 2>&1
    for name in chromium-headless-shell chromium; do
        timeout 600 apt-get install -y --no-install-recommends "${lock[@]}" "$name" >/dev/null 2>&1 && on_path && return
    done
    return 1
}

if [[ -n ${THUOCDO_BROWSER:-} ]]; then
    [[ -x $THUOCDO_BROWSER ]] || echo "set-up: THUOCDO_BROWSER=$THUOCDO_BROWSER is no program; correct it or leave it out." >&2
    exit 0
fi
# Playwright's own build first, because its version is the one the locked Playwright was made for; what was tried once without
# success is not tried again.
first_time() { [[ ! -f $STAMP ]]; }
if found=$(of_playwright) || { first_time && found=$(downloaded); } || found=$(on_path) ||
    { first_time && found=$(from_distribution); }; then
    echo "$found" >"$STAMP"
else
    echo none >"$STAMP"
    echo "$OFF Install chromium-headless-shell or chromium, or set THUOCDO_BROWSER=/path; then: make browser"
fi
