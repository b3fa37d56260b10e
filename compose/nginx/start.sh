#!/bin/sh
# nginx for compose.yaml: edge-cache.conf with the lines marked CHANGE changed, in memory, since the rest can't be written.
set -eu
servers=
for address in $WORKERS; do
    servers="$servers server $address;"
done
sed \
    -e "s|server 127\.0\.0\.1:3000;.*|$servers|" \
    -e 's|/var/cache/wsi-pictures|/var/cache/nginx/wsi-pictures|' \
    -e 's|/run/wsi-rights|/tmp/wsi-rights|' \
    -e 's|error_log /var/log/nginx/error\.log|error_log stderr|' \
    /etc/wsi-streamer/edge-cache.conf >/tmp/wsi-streamer.conf
if [ "$WSI_ACCESS" = open ]; then
    sed -i '/# \[access\]/d' /tmp/wsi-streamer.conf
fi
mkdir -p /tmp/nginx
cat >/tmp/nginx.conf <<'CONF'
worker_processes auto;
pid /tmp/nginx.pid;
pcre_jit on;
error_log stderr crit;
events { worker_connections 4096; }
http {
    server_tokens off;
    client_max_body_size 64k;
    client_body_temp_path /tmp/nginx/body;
    proxy_temp_path /tmp/nginx/proxy;
    fastcgi_temp_path /tmp/nginx/fastcgi;
    uwsgi_temp_path /tmp/nginx/uwsgi;
    scgi_temp_path /tmp/nginx/scgi;
    include /tmp/wsi-streamer.conf;
}
CONF
exec nginx -e stderr -c /tmp/nginx.conf -g 'daemon off;' "$@"
