# Two images: web (gunicorn, no GPU, neither Blender nor OpenCASCADE) and worker (run_workers).
#   docker build --target web --tag renderdesk-web .
#   docker build --target worker --tag renderdesk-worker .
# docs/operations.md, "Containers", explains each choice. No GPU base image is needed: the NVIDIA container toolkit provides
# the driver's libraries, and Blender its kernels.
ARG PYTHON_IMAGE=python:3.11.14-slim-trixie

FROM ${PYTHON_IMAGE} AS python
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/opt/venv/bin:$PATH

# The packages are large and rarely change, so they are a layer of their own, before the project.
# S3=1 adds what media in a bucket need (MEDIA_STORAGE_URL), C2PA=1 what signs files.
FROM python AS packages
ARG S3= C2PA=
COPY requirements.txt requirements-s3.txt requirements-c2pa.txt deploy/docker/trim.sh /build/
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement /build/requirements.txt \
        ${S3:+--requirement /build/requirements-s3.txt} \
        ${C2PA:+--requirement /build/requirements-c2pa.txt} \
    && sh /build/trim.sh /opt/venv

# Blender, for the worker alone.
FROM python AS blender
COPY requirements-blender.txt deploy/docker/trim.sh /build/
RUN python -m venv /opt/blender \
    && /opt/blender/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        --requirement /build/requirements-blender.txt \
    && sh /build/trim.sh /opt/blender

FROM packages AS packages-web
RUN sh /build/trim.sh /opt/venv web

# What Blender and OpenCASCADE link to (blender_scripts/executable.py has the same list). They draw nothing on a display:
# Mesa's drivers and the compiler in them, which come along, are taken out.
FROM python AS libraries
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libx11-6 libxrender1 libxfixes3 libxi6 libxkbcommon0 libsm6 libice6 libgl1 libegl1 libxext6 libexpat1 \
    && rm -rf /var/lib/apt/lists/* /usr/lib/*/dri /usr/lib/*/libLLVM* /usr/lib/*/libgallium* /usr/lib/*/libz3*

# The project with its static files.
FROM python AS project
COPY --from=packages /opt/venv /opt/venv
COPY . /opt/renderdesk
WORKDIR /opt/renderdesk
ENV STATIC_ROOT=/opt/renderdesk/static
RUN RENDERDESK_VAR_DIR=/tmp/build python manage.py collectstatic --noinput \
    && rm -rf /tmp/build \
    && chmod -R a+rX . \
    && python -m compileall -q .

# `manage.py backup` needs the client of the server's version (docker-compose.yml). Its package asks for Perl, which only wraps it.
FROM python AS client
RUN apt-get update \
    && cd /tmp && apt-get download postgresql-client-17 \
    && dpkg --extract postgresql-client-17_*.deb /tmp/client \
    && cd /tmp/client/usr/lib/postgresql/17/bin && install -D --target-directory=/client pg_dump pg_restore psql

FROM python AS web
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpq5 libreadline8t64 liblz4-1 libzstd1 \
    && rm -rf /var/lib/apt/lists/*
COPY deploy/docker/account.sh /tmp/account.sh
RUN sh /tmp/account.sh
COPY --from=client /client /usr/local/bin
COPY --from=packages-web /opt/venv /opt/venv
COPY --from=project /opt/renderdesk /opt/renderdesk
WORKDIR /opt/renderdesk
ENV RENDERDESK_VAR_DIR=/var/lib/renderdesk \
    RENDERDESK_CACHE_DIR=/var/cache/renderdesk \
    STATIC_ROOT=/opt/renderdesk/static \
    RENDERDESK_BIND=0.0.0.0:8000
USER renderdesk
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "deploy/docker/web_answers.py"]
CMD ["gunicorn", "config.wsgi"]

FROM libraries AS worker
COPY deploy/docker/account.sh /tmp/account.sh
RUN sh /tmp/account.sh
COPY --from=packages /opt/venv /opt/venv
COPY --from=blender /opt/blender /opt/blender
COPY --from=project /opt/renderdesk /opt/renderdesk
WORKDIR /opt/renderdesk
# OptiX needs the capability "graphics" of the NVIDIA container toolkit; "compute" does not include it.
ENV RENDERDESK_VAR_DIR=/var/lib/renderdesk \
    RENDERDESK_CACHE_DIR=/var/cache/renderdesk \
    RENDERDESK_KERNEL_CACHE_DIR=/var/cache/renderdesk-kernels \
    STATIC_ROOT=/opt/renderdesk/static \
    BLENDER_EXECUTABLE=/opt/blender/bin/python \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility,graphics
USER renderdesk
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=60s --start-period=180s --retries=3 \
    CMD ["python", "manage.py", "alive"]
CMD ["python", "manage.py", "run_workers"]
