# What the start of the image postgres:17 does, as far as docker-compose.yml needs it.
set -eu
data=/var/lib/postgresql/data
chown postgres:postgres "$data" /var/run/postgresql
chmod 700 "$data"
become() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
if [ ! -s "$data/PG_VERSION" ]; then
  become initdb --pgdata="$data" --username="$POSTGRES_USER" --encoding=UTF8 > /dev/null
  echo "host all all all scram-sha-256" >> "$data/pg_hba.conf"
  become pg_ctl --pgdata="$data" --options="-c listen_addresses=''" --wait --silent start
  become psql --username="$POSTGRES_USER" --dbname=postgres --quiet --command="CREATE DATABASE $POSTGRES_DB" \
    --command="ALTER ROLE $POSTGRES_USER PASSWORD '$POSTGRES_PASSWORD'"
  become pg_ctl --pgdata="$data" --wait --silent stop
fi
exec setpriv --reuid=postgres --regid=postgres --init-groups postgres -D "$data" -c listen_addresses='*'
