#!/bin/bash
# Run once by the postgres image in a new database directory: the three roles and their database.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username postgres \
  --set owner="$OWNER_PASSWORD" --set writer="$WRITER_PASSWORD" --set reader="$READER_PASSWORD" <<'SQL'
CREATE ROLE owner LOGIN PASSWORD :'owner';
CREATE ROLE writer LOGIN PASSWORD :'writer';
CREATE ROLE reader LOGIN PASSWORD :'reader';
CREATE DATABASE stockyard OWNER owner;
REVOKE ALL ON DATABASE stockyard FROM PUBLIC;
GRANT CONNECT ON DATABASE stockyard TO writer, reader;
SQL
