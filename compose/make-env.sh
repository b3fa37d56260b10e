#!/bin/sh
# Writes compose/.env for compose.yaml: new passwords and keys, and who may see slides. Never over one that is there: it
# holds the only copy of the database's passwords.
set -eu

mode=${1:-}
case $mode in
    open | signed | oidc) ;;
    *)
        cat >&2 <<'USAGE'
Usage: compose/make-env.sh MODE
  open    whoever reaches the port sees every slide
  signed  who holds a signed link or a grant
  oidc    who signs in with your identity provider, or holds a grant
USAGE
        exit 2
        ;;
esac

file=${2:-$(dirname "$0")/.env}
secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

umask 077
if ! (set -C && : >"$file") 2>/dev/null; then
    echo "$file is there already, and stays as it is: it holds the database's passwords." >&2
    exit 1
fi
cat >"$file" <<ENV
# Keep this secret, and a copy of it beside the backup of the volumes.
WSI_ACCESS=$mode
WSI_SIGNING_KEYS=$(secret)
WSI_ADMIN_TOKEN=$(secret)
WSI_AUDITOR_TOKEN=$(secret)
POSTGRES_PASSWORD=$(secret)
WSI_DATABASE_OWNER_PASSWORD=$(secret)
WSI_DATABASE_SERVICES_PASSWORD=$(secret)
WSI_STORE_ROOT_SECRET=$(secret)
WSI_STORE_READER_SECRET=$(secret)

# What users reach the viewer by: https://slides.example.org
WSI_PUBLIC_URL=
# Origins whose pages may show slides in an <iframe>, comma-separated: https://portal.example.org
WSI_FRAME_ANCESTORS=
# Where nginx listens: another address only behind TLS.
WSI_LISTEN=127.0.0.1:3000
# Times of scans, as five cron fields in UTC; without them every five minutes.
WSI_SCAN_SCHEDULE=
ENV
if [ "$mode" = oidc ]; then
    cat >>"$file" <<'ENV'

# From your identity provider: README, Who may see a slide.
WSI_OIDC_ISSUER=
WSI_OIDC_CLIENT_ID=
WSI_OIDC_CLIENT_SECRET=
WSI_OIDC_RULES=[]
ENV
    echo "$file is written. Fill in WSI_PUBLIC_URL and WSI_OIDC_… there."
else
    echo "$file is written."
fi
