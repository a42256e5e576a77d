#!/usr/bin/env bash
# peers.sh   Installs, where missing, the programs that the tests meet for real: WordPress with its
# server, rsyslog, fail2ban, web servers with and without a firewall, a browser, Node, PostgreSQL. None
# of them is started as a service.
# Not root: says what is missing and leaves it; those tests then skip, or fail where CI is set.
set -euo pipefail

# nginx and PHP come first: they are WordPress's "httpd" and "php", so apt does not bring Apache.
first=(nginx php-cli php-fpm php php-mysql php-gd php-curl php-xml php-mbstring mariadb-server mariadb-client default-mysql-client)
second=(wordpress wordpress-theme-twentytwentythree rsyslog fail2ban python3-systemd apache2 libapache2-mod-security2 modsecurity-crs caddy systemd chromium fonts-dejavu-core postgresql gcc libc6-dev)

missing() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

# Node may come from elsewhere, with npm inside.
command -v npm >/dev/null || second+=(nodejs npm)

mapfile -t wanted < <(missing "${first[@]}" "${second[@]}")
[ ${#wanted[@]} -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "peers.sh: missing, and only root on Debian can install them: ${wanted[*]}" >&2
  exit 0
fi
echo "peers.sh: installing ${wanted[*]}" >&2

log=$(mktemp)
policy=/usr/sbin/policy-rc.d
kept=''
# While packages are unpacked nothing may start by itself; afterwards the machine's own policy is back.
restore() {
  rm -f "$policy" "$log"
  [ -z "$kept" ] || mv "$kept" "$policy"
}
if [ -e "$policy" ]; then
  kept=$(mktemp "$policy.XXXXXX")
  mv "$policy" "$kept"
fi
trap restore EXIT
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@" >>"$log" 2>&1; }
install_missing() {
  local packages
  mapfile -t packages < <(missing "$@")
  [ ${#packages[@]} = 0 ] || apt install -y -qq --no-install-recommends "${packages[@]}"
}

for try in 1 2 3; do
  apt update -qq || true
  if install_missing "${first[@]}" && install_missing "${second[@]}"; then exit 0; fi
  echo "peers.sh: apt failed (try $try)" >&2
  sleep $((try * 3))
done
tail -n 40 "$log" >&2
exit 1
