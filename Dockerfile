# syntax=docker/dockerfile:1
# sync-agent as one executable beside git-sync, non-root, for a read-only root file system.
#
#   docker build --build-arg REVISION="$(git rev-parse HEAD)" --build-arg VERSION="$(npm pkg get version)" -t sync-agent .
#
# For a build that can be repeated give the bases by digest: --build-arg BUILD_IMAGE=node@sha256:...

ARG BUILD_IMAGE=node:26.10.0-bookworm-slim
ARG RUN_IMAGE=debian:12.11-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /build
# strip, which takes the debug information out of the executable.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends binutils \
 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
COPY scripts/runtime/package.json scripts/runtime/
RUN npm ci
COPY . .
ARG REVISION=unknown
RUN REVISION="${REVISION}" npm run build:binary

FROM ${RUN_IMAGE}
# git reads the repository; libatomic is the one library that Node needs beyond the base image's.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git libatomic1 libstdc++6 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* \
 && install --directory --owner=65533 --group=65533 --mode=0700 /var/lib/sync-agent
COPY --from=build /build/dist/sync-agent /usr/local/bin/sync-agent
COPY --from=build /build/LICENSE /build/dist/THIRD-PARTY-LICENSES.txt /build/dist/NODE-LICENSE.txt /usr/local/share/doc/sync-agent/

# The user git-sync runs as. Mount a volume at /var/lib/sync-agent: the state, the only thing written.
USER 65533:65533
# glibc would keep a heap for every thread that ever rendered.
ENV STATE_DIRECTORY=/var/lib/sync-agent \
    HOME=/var/lib/sync-agent \
    MALLOC_ARENA_MAX=2
VOLUME /var/lib/sync-agent
WORKDIR /etc/sync-agent
STOPSIGNAL SIGTERM
# Asks the running agent, so it wants `status: { listen }` in the configuration.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["sync-agent", "status", "--exit-code"]
ENTRYPOINT ["sync-agent"]
CMD ["run"]

ARG REVISION=unknown
ARG VERSION=unknown
LABEL org.opencontainers.image.title="sync-agent" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.description="Keeps an HTTP inserter API in step with the Markdown articles of a Git repository" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="${REVISION}"
