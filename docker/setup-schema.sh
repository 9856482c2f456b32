#!/bin/sh
# Creates and updates Temporal's two databases. Each step is a no-op where it was done before.
set -eu
SQL_PASSWORD=$(cat /run/secrets/postgres_password)
export SQL_PASSWORD
for database in temporal temporal_visibility; do
  folder=${database#temporal_}
  export SQL_DATABASE=$database
  temporal-sql-tool create-database
  temporal-sql-tool setup-schema --version 0.0
  temporal-sql-tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/$folder/versioned"
done
