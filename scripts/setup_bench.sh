#!/usr/bin/env bash
# Gets the peers that the benchmarks run side by side with. Soft: what is missing is said in one line, and the benchmark that
# needs it says so again when it starts; with CI=true it is an error.
set -uo pipefail
cd "$(dirname "$0")/.."
source scripts/packages.sh

# program -> the package that brings it
declare -A PACKAGES=(
    [prometheus-blackbox-exporter]=prometheus-blackbox-exporter
    [nginx]=nginx-light
    [chromium]=chromium
    [chromium-headless-shell]=chromium-headless-shell
    [chromedriver]=chromium-driver
    [unshare]=util-linux
    [npm]=npm
)

debian_packages benchmark ""
npm_packages benchmark benchmarks/peers .cache/peers ""
all_there
