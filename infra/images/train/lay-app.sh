#!/bin/sh
# Lays one part of the training image's application: the Dockerfile calls it part by part, so that new code leaves the large
# layers as they are, and rootfs.sh calls it for all of them.
# usage: lay-app.sh packages|page-packages|runtime|code|pages SOURCE APP
set -eu
part=$1 source=$2 app=$3
cd "$source"

case $part in
  packages)
    mkdir -p "$app"
    cp package.json package-lock.json .npmrc "$app"
    cd "$app"
    npm ci --omit=dev --no-audit --no-fund
    # It brings its library for every operating system.
    find node_modules/onnxruntime-node/bin -mindepth 2 -maxdepth 3 \
      \( -name darwin -o -name win32 -o -path '*/linux/arm64' \) -prune -exec rm -r {} +
    ;;
  page-packages)
    # They make the pages of exports, beside the application, which has no use for them.
    node infra/images/train/page-packages.ts "$app-pages"
    cp .npmrc "$app-pages"
    cd "$app-pages"
    npm ci --ignore-scripts --no-audit --no-fund
    ;;
  runtime)
    mkdir -p "$app/lib" "$app/infra/native"
    cp -R lib/errors.ts lib/tensor "$app/lib"
    # Not infra/native/runtime: this machine's own.
    cp -R infra/native/*.ts infra/native/tfjs "$app/infra/native"
    node infra/native/main.ts --recipe infra/images/train --into "$app/infra/native/runtime"
    ;;
  code)
    mkdir -p "$app/infra/images/train"
    cp -R lib functions assets "$app"
    cp infra/images/train/heartbeat.ts "$app/infra/images/train"
    ;;
  pages)
    rm -rf "$app-pages/lib" "$app-pages/infra"
    mkdir -p "$app-pages/infra/images/train"
    cp -R lib "$app-pages"
    cp infra/images/train/write-page-assets.ts "$app-pages/infra/images/train"
    node "$app-pages/infra/images/train/write-page-assets.ts" "$app"
    ;;
  *)
    echo "lay-app.sh: no part $part" >&2
    exit 2
    ;;
esac
