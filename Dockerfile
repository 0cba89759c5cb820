# Two images: web (gunicorn, no GPU, no Blender libraries) and worker (run_workers).
#   docker build --target web --tag renderdesk-web .
#   docker build --target worker --tag renderdesk-worker .
# docs/operations.md, "Containers", explains each choice. No GPU base image is needed: the NVIDIA container toolkit provides
# the driver's libraries, and Blender its kernels.

FROM python:3.11.14-slim-bookworm AS python
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/opt/venv/bin:$PATH

# The packages are large and rarely change, so they are a layer of their own, before the project.
FROM python AS packages
COPY requirements.txt /build/
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement /build/requirements.txt

# Blender, for the worker alone.
FROM python AS blender
COPY requirements-blender.txt /build/
RUN python -m venv /opt/blender \
    && /opt/blender/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        --requirement /build/requirements-blender.txt

# What Blender and OpenCASCADE link to (blender_scripts/executable.py has the same list).
FROM python AS libraries
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libx11-6 libxrender1 libxfixes3 libxi6 libxkbcommon0 libsm6 libice6 libgl1 libegl1 libxext6 libexpat1 \
    && rm -rf /var/lib/apt/lists/*

# The project with its static files.
FROM python AS project
COPY --from=packages /opt/venv /opt/venv
COPY . /opt/renderdesk
WORKDIR /opt/renderdesk
ENV STATIC_ROOT=/opt/renderdesk/static
RUN RENDERDESK_VAR_DIR=/tmp/build python manage.py collectstatic --noinput \
    && rm -rf /tmp/build \
    && python -m compileall -q .

FROM python AS web
# `manage.py backup` needs the client of the server's version (docker-compose.yml); Debian 12 has an older one.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*
COPY deploy/docker/account.sh /tmp/account.sh
RUN sh /tmp/account.sh
COPY --from=packages /opt/venv /opt/venv
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
HEALTHCHECK --interval=60s --timeout=30s --start-period=120s --retries=3 \
    CMD ["python", "manage.py", "alive"]
CMD ["python", "manage.py", "run_workers"]
