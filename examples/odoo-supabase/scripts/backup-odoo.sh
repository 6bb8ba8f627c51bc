#!/bin/sh
# Dumps Odoo's database to the directory that is given.
set -eu
TARGET=${1:?where to}
STAMP=$(date +%Y-%m-%d)
FILE="$TARGET/odoo-$STAMP.dump"

docker compose exec -T odoo-db pg_dump --username "${ODOO_DB_USER:-odoo}" --format custom odoo18 >"$FILE"
for old in "$TARGET"/odoo-*.dump; do
    KEEP=$((30 * 24 * 60))
    find "$old" -mmin "+$KEEP" -delete
done
