# Name a digest to pin it: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:...
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY .build ./.build
COPY src ./src
RUN npm run build && mv dist /app

# The final image has no env with which the first line of the program could find node.
# Until the program runs, SIGUSR1 would open the debugger.
RUN sed -i '1s|.*|#!/usr/local/bin/node --disable-sigusr1|' /app/main.js && chmod 755 /app/main.js \
 && install -d -o 65532 -g 65532 /app/compile-cache /image/var/lib/cutover-watch

# Node.js, the libraries it is linked with, and the licenses of both, at the paths they have here.
RUN cp --parents -L /usr/local/bin/node $(ldd /usr/local/bin/node | grep -o '/[^ ]*') \
      $(ls -d /usr/local/LICENSE /usr/share/doc/libc6/copyright /usr/share/doc/libstdc++6/copyright 2>/dev/null) /image \
 && ln -s /app/main.js /image/usr/local/bin/cutover-watch \
 && mkdir /image/etc \
 && echo 'cutover-watch:x:65532:65532::/var/lib/cutover-watch:/sbin/nologin' > /image/etc/passwd \
 && echo 'cutover-watch:x:65532:' > /image/etc/group \
 && echo 'hosts: files dns' > /image/etc/nsswitch.conf

# One poll of nobody, by the user and at the path it will have: what Node.js compiled is kept for every start to come.
USER 65532:65532
RUN echo '{ "atlas": { "baseUrl": "http://127.0.0.1:9" }, "retry": { "attempts": 1 }, "state": { "path": ":memory:" }, \
      "http": { "listen": "127.0.0.1:9" }, "migrations": ["000000000000000000000000/000000000000000000000000"] }' > /tmp/nobody.json \
 && export NODE_COMPILE_CACHE=/app/compile-cache MONGODB_ATLAS_PUBLIC_API_KEY=nobody MONGODB_ATLAS_PRIVATE_API_KEY=nobody \
 && for command in 'run --once' healthcheck; do node /app/main.js $command -c /tmp/nobody.json || test $? = 69; done

FROM scratch
# A build adds what only it knows with --label (see config/container.md): an empty label would be worse than none.
LABEL org.opencontainers.image.title="cutover-watch" \
      org.opencontainers.image.description="Watches MongoDB Atlas push live migrations and says, in structured log events, when each is ready for cutover" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image /
COPY --from=build /app /app
COPY LICENSE /app/
# By its parent, so that the folder itself gets this owner.
COPY --from=build --chown=65532:65532 /image/var/lib /var/lib
ENV PATH=/usr/local/bin \
    NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/compile-cache \
    CUTOVER_WATCH_CONFIG=/etc/cutover-watch/cutover-watch.yaml \
    STATE_DIRECTORY=/var/lib/cutover-watch
USER 65532:65532
WORKDIR /var/lib/cutover-watch
VOLUME /var/lib/cutover-watch
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["cutover-watch", "healthcheck"]
ENTRYPOINT ["cutover-watch"]
CMD ["run"]
