FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="cutover-watch" \
      org.opencontainers.image.description="Watches MongoDB Atlas push live migrations" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production \
    CUTOVER_WATCH_CONFIG=/etc/cutover-watch/cutover-watch.yaml \
    STATE_DIRECTORY=/var/lib/cutover-watch
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN install -d -o 1000 -g 1000 -m 750 /var/lib/cutover-watch
USER 1000:1000
VOLUME /var/lib/cutover-watch
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["run"]
