# Baton in a small image: the built pages are inside the binary, it and the search model are all there is, and it does not run as root.
#   docker build -t baton .    docker run -p 8080:8080 -v baton:/data baton

FROM node:22-bookworm-slim AS web
WORKDIR /src
COPY package.json package-lock.json tsconfig.base.json ./
COPY web-shared web-shared
COPY web-widget web-widget
COPY web-console web-console
RUN npm ci --no-audit --no-fund && npm run build

FROM rust:1-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs askama.toml ./
COPY src src
COPY migrations migrations
COPY demo demo
COPY scripts scripts
# Named in Cargo.toml, so Cargo asks for them, though none is built here.
COPY benches benches
COPY examples examples
COPY tests tests
COPY docs docs
COPY config config
COPY --from=web /src/web-widget/dist web-widget/dist
COPY --from=web /src/web-console/dist web-console/dist
RUN cargo build --locked --release --bin baton && strip target/release/baton && mkdir -p /empty/data

# What knowledge is searched with by meaning (decision 0011): 23 MB, taken only with the checksums in scripts/.
FROM python:3-slim-bookworm AS model
COPY scripts /scripts
RUN BATON_MODEL_DIR=/model /scripts/model.sh

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/release/baton /usr/bin/baton
COPY --from=model /model /usr/share/baton/model
COPY --from=build --chown=nonroot:nonroot /empty/data /data
ENV BATON__SERVER__LISTEN=0.0.0.0:8080 BATON__DATA__DIR=/data BATON__AI__SEARCH_MODEL_DIR=/usr/share/baton/model
WORKDIR /data
VOLUME /data
EXPOSE 8080
# Drains: load balancers are told, clients sent to another node, work finished. Give it `drain_limit_ms` and a little more.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/baton"]
CMD ["serve"]
