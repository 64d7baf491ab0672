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
# OpenShift runs it as a user of its choice in group 0, which may therefore write what user 65532 may.
RUN sed -i '1s|.*|#!/usr/local/bin/node --disable-sigusr1|' /app/main.js && chmod 755 /app/main.js \
 && install -d -o 65532 -g 0 -m 775 /app/compile-cache /image/var/lib/cutover-watch

# Node.js, the libraries it is linked with, and the licenses of both, at the paths they have here. All are added to the SBOM.
RUN libraries=$(ldd /usr/local/bin/node | grep -o '/[^ ]*') \
 && packages=$(echo "$libraries" | sed 's|.*/|*/|' | xargs dpkg-query -S | cut -d: -f1 | sort -u) \
 && cp --parents -L /usr/local/bin/node $libraries \
      $(ls -d /usr/local/LICENSE $(printf '/usr/share/doc/%s/copyright\n' $packages) 2>/dev/null) /image \
 && . /etc/os-release \
 && node .build/sbom-of-install.ts /app/sbom.cdx.json $(dpkg-query -W \
      -f "pkg:deb/$ID/\${Package}@\${Version}?arch=\${Architecture}&distro=$ID-$VERSION_ID " $packages) \
 && ln -s /app/main.js /image/usr/local/bin/cutover-watch \
 && mkdir /image/etc \
 && echo 'cutover-watch:x:65532:65532::/var/lib/cutover-watch:/sbin/nologin' > /image/etc/passwd \
 && echo 'cutover-watch:x:65532:' > /image/etc/group \
 && echo 'hosts: files dns' > /image/etc/nsswitch.conf

# One poll of nobody, by the user and at the path it will have: what Node.js compiled is kept for every start to come.
# Node.js keeps it for this user alone; another one compiles again.
USER 65532:0
RUN umask 002 \
 && echo '{ "atlas": { "baseUrl": "http://127.0.0.1:9" }, "retry": { "attempts": 1 }, "state": { "path": ":memory:" }, \
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
COPY --from=build --chown=65532:0 /image/var/lib /var/lib
# Messages about files say what helps in a container. With MALLOC_, glibc gives freed memory back, in place of a pool for
# each thread: of the 40 MB that 100 migrations take, 10.
ENV PATH=/usr/local/bin \
    container=oci \
    NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/compile-cache \
    CUTOVER_WATCH_CONFIG=/etc/cutover-watch/cutover-watch.yaml \
    STATE_DIRECTORY=/var/lib/cutover-watch \
    MALLOC_ARENA_MAX=1 \
    MALLOC_TRIM_THRESHOLD_=65536
USER 65532:65532
WORKDIR /var/lib/cutover-watch
VOLUME /var/lib/cutover-watch
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["cutover-watch", "healthcheck"]
ENTRYPOINT ["cutover-watch"]
CMD ["run"]
