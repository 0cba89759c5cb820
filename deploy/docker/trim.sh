#!/bin/sh
# trim.sh VENV [web]: take out of a virtual environment what no image needs: pip, tests, other languages. With "web" also
# what only workers start; the metadata of these packages stays, as recipes name their versions.
set -eu
cd "$1"/lib/python3*/site-packages
rm -rf pip pip-*.dist-info Cython
find . -type d -name tests -path "./numpy/*" -prune -exec rm -rf {} +
find . -type d -path "*/locale/*" -prune ! -name en ! -name __pycache__ -exec rm -rf {} +
[ "${2:-}" = web ] || exit 0
rm -rf OCP cadquery_ocp_novtk.libs cadquery_ocp_proxy pxr usd_core.libs imageio_ffmpeg
