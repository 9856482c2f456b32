# One image for everything that Windlass runs: workers of every role and the HTTP API. The command says which.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /opt/windlass
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
# git for the repositories, ssh for those behind it, tini so that scripts' left-over children are reaped.
# A team whose deploy scripts need more (kubectl, a cloud's command line) builds its devops image from this one.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates git openssh-client tini \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node /var/lib/windlass /var/lib/windlass/store /var/lib/windlass/work
WORKDIR /opt/windlass
COPY --from=packages /opt/windlass/node_modules ./node_modules
COPY package.json LICENSE ./
COPY bin ./bin
COPY src ./src
COPY docker/check-worker.mjs docker/check-api.mjs ./docker/
ENV NODE_ENV=production WINDLASS_CONFIG=/etc/windlass/windlass.yaml
USER node
# The image's own Node runs the sources.
ENTRYPOINT ["tini", "--", "node", "--disable-warning=ExperimentalWarning", "/opt/windlass/src/cli/main.ts"]
CMD ["--help"]
