# The one daemon as an image for buildx's docker-container driver. The context is the folder of its programs.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends git
COPY buildkitd buildctl buildkit-qemu-aarch64 runc /usr/local/bin/
ENTRYPOINT ["buildkitd"]
