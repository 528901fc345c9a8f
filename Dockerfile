# Two images from one file:
#   docker build --target http .      measures over HTTP only; small
#   docker build --target browser .   the default: also home pages, eForms and accessibility, with Debian's Chromium
# The base image is pinned by version. Pin it by digest too (python:…@sha256:…) once you have pulled it from a registry you trust.
FROM python:3.11.13-slim-bookworm AS base

FROM base AS build
WORKDIR /build
COPY requirements.lock ./
# Everything is fetched once and checked against the hashes of the lock file. What follows installs from these files alone, so
# there is one version to choose from, and what only development needs stays out of the image.
# hadolint ignore=DL3013 # hatchling's version is that of the lock file: there is no index to find another one
RUN pip download --no-cache-dir --disable-pip-version-check --require-hashes --no-deps --only-binary :all: \
    --dest /wheels --requirement requirements.lock && \
    pip install --no-cache-dir --disable-pip-version-check --root-user-action ignore --no-index --find-links /wheels hatchling
COPY . .
# pip compiles to byte code here; where the file system is read-only every start would compile everything.
# hadolint ignore=DL3013 # as above
RUN pip wheel --no-cache-dir --disable-pip-version-check --no-index --no-deps --no-build-isolation --wheel-dir /wheels . && \
    python -m venv --without-pip /opt/thuocdo && \
    pip --python /opt/thuocdo/bin/python install --no-cache-dir --disable-pip-version-check --compile --no-index \
    --find-links /wheels thuocdo

FROM build AS build-http
# Playwright brings a Node of its own, which only drives browsers: 120 MB.
RUN rm /opt/thuocdo/lib/python3.11/site-packages/playwright/driver/node

FROM base AS runtime
LABEL org.opencontainers.image.title="Thước Đo" \
      org.opencontainers.image.description="Measures Vietnamese online public-service portals from outside, and ranks them" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.source="https://github.com/thuocdo/thuocdo" \
      org.opencontainers.image.base.name="python:3.11.13-slim-bookworm"
# HOME: only /data and /tmp may be written to, and caches of programs do not belong into the data.
ENV PATH=/opt/thuocdo/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp
RUN groupadd --gid 10001 thuocdo && \
    useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin thuocdo && \
    install --directory --owner=thuocdo --group=thuocdo --mode=0750 /data
# The default of data_dir is ./data, that is /data here. No THUOCDO_DATA_DIR: the environment would win over the demo's own settings.
WORKDIR /
VOLUME /data
EXPOSE 8321
# By bash alone: starting a Python every half minute would take CPU from measurements.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/${THUOCDO_WEB__PORT:-8321} && printf 'GET /-/ready HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && grep -q '^HTTP/1.* 200' <&3"]
ENTRYPOINT ["thuocdo"]
CMD ["run"]

FROM runtime AS http
COPY --from=build-http /opt/thuocdo /opt/thuocdo
USER 10001:10001

FROM runtime AS browser
# Fonts: without any a page draws no text, and the times of its first and largest paint mean nothing.
# hadolint ignore=DL3008 # Debian keeps only the newest security release: a pinned Chromium cannot be installed a week later
RUN apt-get update && \
    apt-get install --yes --no-install-recommends chromium-headless-shell fonts-dejavu-core fonts-liberation2 libatomic1 && \
    rm -rf /var/lib/apt/lists/*
ENV THUOCDO_BROWSER=/usr/bin/chromium-headless-shell
COPY --from=build /opt/thuocdo /opt/thuocdo
USER 10001:10001
