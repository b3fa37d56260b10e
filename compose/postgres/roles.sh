#!/bin/sh
# Runs once, when the database is made: its owner, and the services' user, which `migrate` gives what it needs.
set -eu
psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
\getenv owner_password WSI_DATABASE_OWNER_PASSWORD
\getenv services_password WSI_DATABASE_SERVICES_PASSWORD
CREATE ROLE wsi_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE wsi_services LOGIN PASSWORD :'services_password';
CREATE DATABASE wsi OWNER wsi_owner;
REVOKE ALL ON DATABASE wsi FROM PUBLIC;
GRANT CONNECT ON DATABASE wsi TO wsi_services;
SQL
