#!/bin/sh
# Lays the file tree of the training image in a folder, without docker: the same application, on this machine's Node and C
# library instead of Debian's. For trying the image where there is no docker, and for machines that take a tree and no image.
# usage: npm run gpu-image:rootfs DIR
set -eu
[ $# = 1 ] || { echo "usage: npm run gpu-image:rootfs DIR" >&2; exit 2; }
source=$(cd "$(dirname "$0")/../../.." && pwd)
mkdir -p "$1"
root=$(cd "$1" && pwd)

for part in packages page-packages runtime code pages; do
  sh "$source/infra/images/train/lay-app.sh" "$part" "$source" "$root/app"
done
rm -rf "$root/app-pages"

# Copies files to their own paths under the root, as what they point to.
put() { for file; do mkdir -p "$root$(dirname "$file")" && cp -Lf "$file" "$root$file"; done; }

# The shared libraries that programs and libraries ask of the system: `name => path (address)`, or the loader's path alone.
libraries_of() { ldd "$@" 2>/dev/null | awk '$3 ~ /^\// { print $3 } $2 ~ /^\(0x/ && $1 ~ /^\// { print $1 }' | grep -v "^$root" | sort -u; }

mkdir -p "$root/usr/local/bin" "$root/etc" "$root/home/node" "$root/proc" "$root/dev" "$root/tmp" "$root/var/cache/cuda" "$root/var/lib/graft"
cp -f "$(node -p process.execPath)" "$root/usr/local/bin/node"
put /bin/sh /usr/bin/find /usr/bin/test
[ ! -e /etc/ssl/certs/ca-certificates.crt ] || put /etc/ssl/certs/ca-certificates.crt
echo 'node:x:1000:1000::/home/node:/bin/sh' >"$root/etc/passwd"
echo 'node:x:1000:' >"$root/etc/group"
# shellcheck disable=SC2046 # each is one path
put $(libraries_of "$root/usr/local/bin/node" /bin/sh /usr/bin/find $(find "$root/app" -name '*.node' -o -name '*.so*' -type f))
echo "$root: $(du -sh "$root" | cut -f1)"
