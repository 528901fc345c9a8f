#!/usr/bin/env bash
# Gets what the integration tests meet for real: Debian packages (as root) and npm packages. Soft: what is missing is said in
# one line and its tests are skipped loudly; with CI=true it is an error.
set -uo pipefail
cd "$(dirname "$0")/.."
source scripts/packages.sh

# program or file -> the package that brings it
declare -A PACKAGES=(
    [/usr/lib/postgresql]=postgresql
    [nginx]=nginx-light
    [prometheus]=prometheus
    [prometheus-alertmanager]=prometheus-alertmanager
    [prometheus-blackbox-exporter]=prometheus-blackbox-exporter
    [unshare]=util-linux
    [/usr/share/doc/python3-doc/html]=python3-doc
    [ip]=iproute2
    [minisign]=minisign
    [openssl]=openssl
    [nats-server]=nats-server
    [/usr/share/doc/libfaketime]=libfaketime
    [chromium-headless-shell]=chromium-headless-shell
    [npm]=npm
    [tesseract]=tesseract-ocr
    [/usr/share/tesseract-ocr/5/tessdata/vie.traineddata]=tesseract-ocr-vie
    [/usr/share/mediawiki]=mediawiki
    [php]=php-cli
    [/usr/share/doc/php-sqlite3]=php-sqlite3
    [/usr/share/wordpress/index.php]=wordpress
    [/usr/share/wordpress/wp-content/themes/twentytwentythree]=wordpress-theme-twentytwentythree
    [/usr/share/doc/php-mysql]=php-mysql
    [mariadbd]=mariadb-server-core
    [/usr/lib/python3/dist-packages/django]=python3-django
    [/usr/lib/libreoffice/program/libswlo.so]=libreoffice-writer-nogui
    [/usr/lib/libreoffice/program/libsclo.so]=libreoffice-calc-nogui
    [pdftoppm]=poppler-utils
)

debian_packages test "; tests that need it are skipped"
npm_packages test tests/real_input .cache/real_input "; tests that need them are skipped"
all_there
