// Marshals a graph with BuildKit's own client, for the tests that build it beside the same graph from llbpy.
//
// usage: llb-go SALT > definition
package main

import (
	"context"
	"log"
	"os"

	"github.com/moby/buildkit/client/llb"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: llb-go SALT > definition")
	}
	definition, err := graph(os.Args[1]).Marshal(context.Background(), llb.LinuxAmd64)
	if err != nil {
		log.Fatal(err)
	}
	if err := llb.WriteTo(definition, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// graph is what the target `graph` of test_golang.py is: a source, commands with mounts, file operations, merge and diff.
func graph(salt string) llb.State {
	base := llb.Image("docker.io/library/busybox:latest").AddEnv("SALT", salt).Dir("/srv")
	compile := base.Run(
		llb.Shlex(`/bin/sh -c 'echo $SALT > /out/made; cat /src/file >> /out/made'`),
		llb.AddMount("/src", llb.Scratch().File(llb.Mkfile("/file", 0o600, []byte("source "+salt)), llb.WithCustomName("source")), llb.Readonly),
		llb.AddMount("/cache", llb.Scratch(), llb.AsPersistentCacheDir("llbpy-e2e-golang", llb.CacheMountLocked)),
		llb.AddMount("/tmp", llb.Scratch(), llb.Tmpfs()),
		llb.WithCustomName("compile"),
	)
	made := compile.AddMount("/out", llb.Scratch())
	changed := base.Run(llb.Args([]string{"/bin/sh", "-c", "echo changed > /etc/changed"}), llb.WithCustomName("change")).Root()
	shipped := llb.Scratch().File(
		llb.Mkdir("/app", 0o711, llb.WithParents(true), llb.WithUIDGID(7, 8)).
			Copy(made, "/made", "/app/", &llb.CopyInfo{FollowSymlinks: true, CreateDestPath: true}),
		llb.WithCustomName("ship"),
	)
	only := llb.Diff(base, changed, llb.WithCustomName("difference"))
	return llb.Merge([]llb.State{shipped, only}, llb.WithCustomName("together"))
}
