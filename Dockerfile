# segkit in a container. Written for Docker 20.10 or later; it has not been built by the project's own checks, which have no
# Docker.
#   docker build --build-arg COMMIT=$(git describe --always --dirty) -t segkit .
#   docker run --rm -v "$PWD:/work" segkit study
#   docker run --rm -v "$PWD:/work" -v ~/data:/data segkit study Examples/Studies/breast-to-busi.yaml
FROM swift:6.2-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        pkg-config libpng-dev libtiff-dev libjpeg-dev zlib1g-dev libzstd-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN swift build -c release --product segkit \
    && install -D "$(swift build -c release --show-bin-path)/segkit" /opt/segkit/bin/segkit
ARG COMMIT=
RUN install -d /opt/segkit/share/segkit && printf '%s\n' "$COMMIT" > /opt/segkit/share/segkit/commit

# The slim image holds the Swift runtime where the program looks for it.
FROM swift:6.2-bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpng16-16 libtiff6 libjpeg62-turbo zlib1g libzstd1 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/segkit /usr/local
ENV SEGKIT_DATA=/data
WORKDIR /work
ENTRYPOINT ["segkit"]
CMD ["--help"]
