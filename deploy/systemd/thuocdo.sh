#!/bin/sh
# `thuocdo` by hand: with the settings, the secrets and the user of the service. `thuocdo install-service` writes it.
program=/opt/thuocdo/bin/thuocdo
set -a
: "${THUOCDO_CONFIG:=/etc/thuocdo/thuocdo.yaml}"
[ ! -r /etc/thuocdo/thuocdo.env ] || . /etc/thuocdo/thuocdo.env
set +a
case "$(id -u) ${1-}" in
"0 alerts" | "0 grafana" | "0 install-service") ;; # they write where only root may, and touch no data
"0 "*)
    # Not as root: what root writes into the data folder the service could not write any more.
    HOME=/var/lib/thuocdo
    export HOME
    runuser -u thuocdo -- test -x . || cd "$HOME" || exit 2
    exec runuser -u thuocdo -- "$program" "$@"
    ;;
esac
exec "$program" "$@"
