# One image for everything that Windlass runs: workers of every role and the HTTP API. The command says which.
# It is made from the package, so make that first:  npm pack && docker build --tag windlass:0.1.0 .
#
# A team whose deploy scripts need more (kubectl, a cloud's command line) builds its devops image from this one:
#   FROM windlass:0.1.0
#   USER root
#   RUN apt-get update && apt-get install -y --no-install-recommends …
#   USER node
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS package
WORKDIR /opt/windlass
# What it depends on, to the byte as the lock file has it; nothing of it runs while it is installed.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY windlass-*.tgz /tmp/package/
# Temporal's native part comes for every platform; an image has one.
RUN tar --extract --gzip --strip-components=1 --no-same-owner --file /tmp/package/windlass-*.tgz \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
       ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} + \
  && rm package-lock.json .npmrc

FROM ${NODE_IMAGE}
# git for the repositories, ssh for those behind it, tini so that scripts' left-over children are reaped.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates git openssh-client tini \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node /var/lib/windlass /var/lib/windlass/store /var/lib/windlass/work \
  && ln -s /opt/windlass/bin/windlass.cjs /usr/local/bin/windlass
# Written by root and read by all: the program cannot change itself.
COPY --from=package /opt/windlass /opt/windlass
# The root file system may be read-only: /var/lib/windlass and /tmp are what is written to.
ENV NODE_ENV=production HOME=/var/lib/windlass/work WINDLASS_CONFIG=/etc/windlass/windlass.yaml
WORKDIR /var/lib/windlass
USER node
ENTRYPOINT ["tini", "--", "windlass"]
CMD ["--help"]
