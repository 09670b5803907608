#!/bin/sh
# Builds the image of the Dockerfile where no container engine runs, and rehearses a deployment in it.
#
#   apt-get install --no-install-recommends buildah debootstrap
#   npm ci && npm run build:binary && scripts/deploy/rehearse-image.sh
#
# Needs root, on Debian. Two things are not those of a real build: the base images are made here, from
# Debian's packages and the Node of node_modules; and steps run in a chroot, without namespaces or seccomp.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
work=$(mktemp -d)
trap 'b umount --all >/dev/null; rm -rf "$work"' EXIT

b() {
  step=$1
  shift
  buildah --root "$work/store" --runroot "$work/run" "$step" "$@"
}

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
echo "=== Bases: Debian $suite, and Node $(node_modules/.bin/node --version) on it"
debootstrap --variant=minbase --include=ca-certificates "$suite" "$work/base" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
# As the slim images are.
rm -rf "$work/base/usr/share/doc"/* "$work/base/usr/share/man"/* "$work/base/usr/share/locale"/* \
  "$work/base/var/cache/apt"/* "$work/base/var/lib/apt/lists"/*
base=$(b from scratch)
b copy --quiet "$base" "$work/base" /
b config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$base"
b commit --quiet "$base" localhost/run-base >/dev/null
b copy --quiet "$base" node_modules/node-linux-*/bin/node /usr/local/bin/node >/dev/null
b copy --quiet "$base" "$(npm root --global)/npm" /usr/local/lib/node_modules/npm >/dev/null
b run --isolation chroot "$base" -- sh -c 'ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
  apt-get update -qq && apt-get install -qq -y --no-install-recommends libatomic1 libstdc++6' >"$work/log" 2>&1
b config --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "$base"
b commit --quiet "$base" localhost/build-base >/dev/null

echo "=== Dockerfile"
# The registry and the authorities of this machine, for the build alone.
npmrc=$(npm config get globalconfig)
[ -e "$npmrc" ] || npmrc=/dev/null
b build --pull-never --isolation chroot --format docker --network host --quiet \
  --volume "$npmrc:/usr/local/lib/node_modules/npm/npmrc:ro" \
  --volume /etc/ssl/certs/ca-certificates.crt:/etc/ssl/certs/ca-certificates.crt:ro \
  --build-arg BUILD_IMAGE=localhost/build-base --build-arg RUN_IMAGE=localhost/run-base \
  --build-arg REVISION="$(git rev-parse HEAD)" --tag localhost/sync-agent . >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
b inspect --type image localhost/sync-agent |
  node -p 'JSON.stringify(JSON.parse(require("fs").readFileSync(0)).Docker.config, null, 2)'
image=$(b from --pull-never localhost/sync-agent)
mkdir "$work/image"
cp -a "$(b mount "$image")/." "$work/image/"
du -sh "$work/image"

echo "=== Half an hour of a deployment in it, its root read-only, as user 65533"
IMAGE_ROOT=$work/image ARTEFACT=binary node_modules/.bin/node "$root/scripts/test.ts" test/e2e/operator.test.ts
