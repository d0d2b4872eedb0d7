#!/bin/sh
# Lays one part of the training image's application: the Dockerfile calls it part by part, so that new code leaves the large
# layers as they are, and rootfs.sh calls it for all of them.
# usage: lay-app.sh packages|runtime|code SOURCE APP
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
  *)
    echo "lay-app.sh: no part $part" >&2
    exit 2
    ;;
esac
