#!/bin/sh
# Make base images by debootstrap for a machine that reaches Debian's packages but no registry of images. Their names begin
# with "standin/": the real ones are python:3.11-slim-trixie and postgres:17. Needs root and debootstrap.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
debootstrap --variant=minbase --include=ca-certificates trixie "$folder/root" > "$folder/log" 2>&1 || { tail -5 "$folder/log"; exit 1; }
tar --directory "$folder/root" --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' --exclude='./usr/share/doc/*' \
  --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' --create . | docker import - standin/debian:trixie
mkdir "$folder/build"
cp /etc/ssl/certs/ca-certificates.crt "$(dirname "$0")"/stand_in_postgres.sh "$folder/build"
cat > "$folder/build/python" <<'END'
FROM standin/debian:trixie
COPY ca-certificates.crt /etc/ssl/certs/
# As in the real images: apt keeps no cache.
RUN echo 'DPkg::Post-Invoke { "rm -f /var/cache/apt/*.bin /var/cache/apt/archives/*.deb"; }; Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";' > /etc/apt/apt.conf.d/docker-clean
# Debian 13 has Python 3.13 alone: 3.11 is that of Debian 12. Its venv asks for Debian 12's own Python and is only unpacked.
RUN sed 's/trixie/bookworm/' /etc/apt/sources.list > /etc/apt/sources.list.d/bookworm.list \
 && printf 'Package: *\nPin: release n=bookworm\nPin-Priority: 100\n' > /etc/apt/preferences.d/bookworm \
 && printf 'path-exclude /usr/share/%s/*\n' doc man locale > /etc/dpkg/dpkg.cfg.d/slim \
 && apt-get update -qq && apt-get install -y -qq --no-install-recommends python3.11 \
 && cd /tmp && apt-get download python3.11-venv python3-distutils python3-pip-whl/bookworm python3-setuptools-whl/bookworm python3-lib2to3/bookworm \
 && for one in *.deb; do dpkg --extract "$one" /; done && ln -s python3.11 /usr/bin/python \
 && rm -rf /tmp/* /usr/share/doc /var/lib/apt/lists/* /var/cache/apt/* /etc/apt/sources.list.d/bookworm.list
END
cat > "$folder/build/postgres" <<'END'
FROM standin/debian:trixie
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql-17 && rm -rf /var/lib/apt/lists/* \
 && rm -rf /var/lib/postgresql/17 && mkdir -p /var/lib/postgresql/data && chown postgres:postgres /var/lib/postgresql/data
ENV PATH=/usr/lib/postgresql/17/bin:$PATH
COPY stand_in_postgres.sh /usr/local/bin/
ENTRYPOINT ["sh", "/usr/local/bin/stand_in_postgres.sh"]
END
export DOCKER_BUILDKIT=1
for name in python:3.11-slim-trixie postgres:17; do
  docker build --quiet --file "$folder/build/${name%%:*}" --tag "standin/$name" "$folder/build"
done
