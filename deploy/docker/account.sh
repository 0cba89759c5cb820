#!/bin/sh
# Create the user of the images and the folders for volumes: named volumes take their owner and mode on first use. The user ID
# is fixed, so that a shared media folder has one owner.
set -eu
groupadd --gid 10001 renderdesk
useradd --uid 10001 --gid renderdesk --home-dir /var/lib/renderdesk --no-create-home --shell /usr/sbin/nologin renderdesk
for folder in /var/lib/renderdesk /var/lib/renderdesk/media /var/cache/renderdesk /var/cache/renderdesk-kernels; do
  install -d -o renderdesk -g renderdesk -m 0750 "$folder"
done
