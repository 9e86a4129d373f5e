"""A web shop's image: the build file of 20 steps that `llbpy dump` is timed on."""

from llbpy import Build, State, bind, cache, image, output, scratch, secret, target

GO_CACHES = (cache("/root/.cache/go-build"), cache("/go/pkg/mod"))
NPM_CACHE = cache("/root/.npm", sharing="locked")


def server(build: Build, version: str) -> State:
    """Six steps: the program and its migration tool."""
    go = (
        image("docker.io/library/golang:1.26-alpine", platform=build.build_platform, inherit=False)
        .run("apk add --no-cache git ca-certificates", mounts=[cache("/var/cache/apk", sharing="locked")])
        .dir("/src")
        .env(CGO_ENABLED="0", GOOS=build.target_platform.os, GOARCH=build.target_platform.architecture)
    )
    modules = build.context(include=["go.mod", "go.sum"])
    fetched = go.run(["go", "mod", "download"], mounts=[bind(modules, "/src"), *GO_CACHES], name="fetch modules")
    mounts = [bind(build.context(include=["**/*.go", "go.*"]), "/src"), output("/out"), *GO_CACHES]
    vetted = fetched.run(["go", "vet", "./..."], mounts=mounts)
    flags = f"-ldflags=-s -w -X main.version={version}"
    app = vetted.run(["go", "build", flags, "-o", "/out/app", "./cmd/app"], mounts=mounts, name=f"compile {version}")
    tool = vetted.run(["go", "build", "-o", "/out/migrate", "./cmd/migrate"], mounts=mounts, name="compile migrate")
    return scratch().copy([app.output("/out"), tool.output("/out")], "/bin/")


def assets(build: Build) -> State:
    """Five steps: what browsers load."""
    node = image("docker.io/library/node:22-alpine", platform=build.build_platform, inherit=False).dir("/web")
    manifests = build.context(include=["web/package.json", "web/package-lock.json"])
    installed = node.copy(manifests["/web"], "/web").run(
        ["npm", "ci"], mounts=[NPM_CACHE, secret("npmrc", target="/root/.npmrc", optional=True)], name="npm ci"
    )
    sources = installed.copy(build.context(include=["web/src", "web/public"])["/web"], "/web", exclude=["**/*.test.ts"])
    return sources.run("npm run lint").run(["npm", "run", "build"], env={"NODE_ENV": "production"}, network="none")


@target(default=True, tags=["example/shop:{version}"])
def shop(build: Build, version: str = "1.0.0") -> State:
    """The shop: nine steps that put the parts together."""
    program, web = server(build, version), assets(build)
    base = image("docker.io/library/debian:bookworm-slim", inherit=False)
    return (
        base.run(
            """
            apt-get update
            apt-get install -y --no-install-recommends ca-certificates tzdata
            """,
            mounts=[cache("/var/cache/apt", sharing="locked"), cache("/var/lib/apt", sharing="locked")],
            name="install packages",
        )
        .run(["useradd", "--system", "--uid", "1000", "shop"])
        .mkdir("/srv/shop", owner=(1000, 1000))
        .copy(program["/bin/app"], "/usr/local/bin/app", mode=0o755)
        .copy(program["/bin/migrate"], "/usr/local/bin/migrate", mode=0o755)
        .copy(web["/web/dist"], "/srv/shop/static", owner=(1000, 1000))
        .write("/etc/shop.conf", "listen = 0.0.0.0:8080\nstatic = /srv/shop/static\n")
        .symlink("/usr/local/bin/app", "/usr/local/bin/shop")
        .run(["/usr/local/bin/app", "--check-config"], user="shop", network="none")
        .dir("/srv/shop")
        .user("shop")
        .config(entrypoint=["/usr/local/bin/app"], cmd=["serve"], expose=[8080], labels={"version": version})
    )
