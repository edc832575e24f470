#!/usr/bin/env bash
# Writes the settings of a new Kontor with secrets that nobody has seen, once: nothing that exists is overwritten.
#     deploy/new_secrets.sh compose HOST [FOLDER]     for deploy/compose.yaml, into deploy/ where no folder is named
#     deploy/new_secrets.sh server HOST [FOLDER]      for the units of deploy/systemd/, into /etc/kontor
# Afterwards set SMTP_URL and MAIL_FROM in .env, and put the certificate into secrets/tls (compose).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

place=${1:-} host=${2:-}
case $place in
  compose) folder=${3:-$here} settings=.env ;;
  server) folder=${3:-/etc/kontor} settings=kontor.env ;;
  *) sed -n '2,5p' "$0" >&2; exit 2 ;;
esac
[[ $host =~ ^[a-zA-Z0-9.-]+$ ]] || { echo "The host of PUBLIC_URL is missing, such as kontor.example.com." >&2; exit 2; }
if [[ -e $folder/$settings || -e $folder/provisioner.env || -e $folder/secrets ]]; then
  echo "There are settings in $folder already; they are left as they are." >&2
  exit 1
fi

secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
platform=$(secret) cell=$(secret) valkey=$(secret) provisioner=$(secret)

# In compose each program has a name of its own.
names=()
if [[ $place == compose ]]; then
  names=(-e 's|127\.0\.0\.1:6432|pgbouncer:6432|' -e 's|127\.0\.0\.1:5432|postgres:5432|' -e 's|127\.0\.0\.1:6379|valkey:6379|')
fi
fill() {
  sed -e "s|PLATFORM_PASSWORD|$platform|" -e "s|CELL_PASSWORD|$cell|" -e "s|VALKEY_PASSWORD|$valkey|" \
    -e "s|PROVISIONER_PASSWORD|$provisioner|" -e "s|SIGNING_KEY|$(secret)|" -e "s|METRICS_KEY|$(secret)|" \
    -e "s|kontor\.example\.com|$host|" "${names[@]}" "$1"
}

umask 077
mkdir -p "$folder/secrets"
fill "$here/.env.example" >"$folder/$settings"
fill "$here/provisioner.env.example" >"$folder/provisioner.env"
printf '"kontor_platform" "%s"\n"kontor_app_main" "%s"\n' "$platform" "$cell" >"$folder/secrets/userlist.txt"
printf 'requirepass %s\n' "$valkey" >"$folder/secrets/valkey.conf"
printf '%s' "$provisioner" >"$folder/secrets/postgres_password"
if [[ $place == compose ]]; then
  printf '\n# For compose.yaml itself.\nKONTOR_HOST=%s\n' "$host" >>"$folder/$settings"
  mkdir "$folder/secrets/tls"
  # Read by programs that run as somebody else in their containers; on this machine only the folder's owner gets there.
  chmod 0755 "$folder/secrets/tls"
  chmod 0644 "$folder"/secrets/{userlist.txt,valkey.conf,postgres_password}
fi
echo "Written to $folder: $settings, provisioner.env, secrets/. Now set SMTP_URL and MAIL_FROM in $settings."
