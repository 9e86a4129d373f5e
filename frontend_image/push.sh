#!/usr/bin/env bash
# Builds the frontend image both ways for both platforms and pushes it to the registry beside the daemon: `make frontend-image`.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
python=${PYTHON_IMAGE:-python:3.11-slim}
name=$LLBPY_REGISTRY/llbpy/llbpy
platforms=(linux/amd64 linux/arm64)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { buildctl build --progress plain "$@"; }

build --frontend dockerfile.v0 --opt filename=Dockerfile.frontend --opt build-arg:PYTHON="$python" \
    --opt platform="$(IFS=,; echo "${platforms[*]}")" --local context=. --local dockerfile=. \
    --output "type=image,name=$name:latest,push=true"

described=()
for platform in "${platforms[@]}"; do
    tag=$name:from-build-py-${platform#linux/}
    llbpy dump -f frontend_image/build.py --arg python="$python" --platform "$platform" \
        --metadata-file "$work/meta.json" > "$work/image.llb"
    config=$(python -c 'import json, sys; print(json.load(open(sys.argv[1]))["buildctl.output"])' "$work/meta.json")
    build --local context=. --output "type=image,name=$tag,push=true,$config" < "$work/image.llb"
    described+=("$tag")
done
docker-buildx imagetools create --tag "$name:from-build-py" "${described[@]}"
