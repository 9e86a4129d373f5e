#!/usr/bin/env bash
# Shows the project at work on two examples: `make demo`, which gives the daemon, the registry and buildctl.
set -euo pipefail
exec 2>&1
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
out=$PWD/.tools/demo
image=$LLBPY_REGISTRY/demo/wordcount:1.1
rm -rf "$out"
mkdir -p "$out"

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
show() { printf '\n\033[36m$ %s\033[0m\n' "$*" && eval "$*"; }
field() { python -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$@"; }

cd examples/hello
say "A build file is Python. The smallest one:"
show 'cat build.py'
say "What it can build, with which arguments, and how:"
show 'llbpy targets'
show 'llbpy graph'
say "dump writes the bytes that BuildKit's own client would make of it, and a stock buildctl builds them:"
show 'llbpy dump --arg name="$(id -un)" | buildctl build --progress plain --output type=local,dest=$out/hello'
show 'cat $out/hello/hello.txt'

cd ../zipapp
say "A program in several steps: its sources are compiled, tested and packed, and put into an image."
show 'llbpy targets'
show 'llbpy graph image'
say "Built, and built again for a new version: what has to do with that runs again, and the tests do not."
show 'llbpy dump --arg version=1.0 | buildctl build --progress plain --local context=. --output type=local,dest=$out/1.0'
show 'llbpy dump --arg version=1.1 | buildctl build --progress plain --local context=. --output type=local,dest=$out/1.1'
show '$out/1.1/wordcount.pyz --version'
show '$out/1.1/wordcount.pyz --limit 3 build.py'
say "The same program as an image, pushed with its config, which dump writes to a file as buildctl takes it:"
show 'llbpy dump image --arg version=1.1 --metadata-file $out/meta.json > $out/image.llb'
show 'config=$(field $out/meta.json buildctl.output)'
show 'buildctl build --progress plain --local context=. --output "type=image,name=$image,push=true,$config" < $out/image.llb'
say "What the registry has of it now:"
show 'docker-buildx imagetools inspect --format "{{json .Image}}" $image'

say "None of this has to be installed: the first line of a build file names its frontend, an image. Here it is made:"
show 'buildctl build --progress plain --frontend dockerfile.v0 --opt filename=Dockerfile.frontend \
    --opt build-arg:PYTHON=python:3.11-slim --local context=../.. --local dockerfile=../.. \
    --output type=image,name=$LLBPY_REGISTRY/llbpy/llbpy:latest,push=true'
export BUILDX_BUILDER=demo-$$
docker-buildx create --name "$BUILDX_BUILDER" --driver remote "$BUILDKIT_HOST" > "$out/builder"
trap 'docker-buildx rm "$BUILDX_BUILDER" > "$out/builder"' EXIT
say "With it, docker buildx asks a build file what it takes, checks it and builds it, as it does a Dockerfile:"
show 'docker-buildx build --progress quiet -f build.py --call outline --target image .'
show 'docker-buildx build --progress quiet -f build.py --check .'
show 'docker-buildx build --progress plain -f build.py --build-arg version=1.2 --output type=local,dest=$out/1.2 .'
show '$out/1.2/wordcount.pyz --version'
echo
