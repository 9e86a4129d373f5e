package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
)

const (
	alpine = "docker.io/library/alpine:3.20"
	golang = "docker.io/library/golang:1.22"
)

var shapes = map[string]func(b *builder, n int) llb.State{
	"chain":   chain,
	"wide":    wide,
	"copies":  copies,
	"diamond": diamond,
}

func shapeNames() []string {
	return slices.Sorted(maps.Keys(shapes))
}

func build(cfg config) llb.State {
	b := &builder{}
	if cfg.locations {
		b.file = llb.NewSourceMap(nil, "build.py", "Python", []byte("# a synthetic build\n"))
	}
	return shapes[cfg.shape](b, cfg.n)
}

// chain is n runs in a row, each with a cache, a tmpfs and a read-only mount, on a base with ten variables.
func chain(b *builder, n int) llb.State {
	s := b.image(alpine)
	for i := range 10 {
		s = s.AddEnv(fmt.Sprintf("KEY_%d", i), fmt.Sprintf("value-%d", i))
	}
	src := b.image(golang)
	for i := range n {
		s = b.run(s,
			llb.Args([]string{"sh", "-c", fmt.Sprintf("echo step %d", i)}),
			llb.AddMount("/cache", llb.Scratch(), llb.AsPersistentCacheDir("bench-cache", llb.CacheMountShared)),
			llb.AddMount("/tmp", llb.Scratch(), llb.Tmpfs()),
			llb.AddMount("/src", src, llb.Readonly),
			llb.WithCustomNamef("step %d", i),
		)
	}
	return s
}

// wide is n images with a run on each, all merged.
func wide(b *builder, n int) llb.State {
	states := make([]llb.State, n)
	for i := range states {
		image := b.image(fmt.Sprintf("docker.io/library/img%d:latest", i))
		states[i] = b.run(image, llb.Args([]string{"true", strconv.Itoa(i)}))
	}
	return b.merge(states)
}

// copies is n copies in a row from one image into another.
func copies(b *builder, n int) llb.State {
	src, s := b.image(golang), b.image(alpine)
	for i := range n {
		s = b.copy(s, src, fmt.Sprintf("/src/file%d", i), fmt.Sprintf("/dst/file%d", i))
	}
	return s
}

// diamond is n levels of two runs on the level below, merged.
func diamond(b *builder, n int) llb.State {
	s := b.image(alpine)
	for i := range n {
		left := b.run(s, llb.Args([]string{"sh", "-c", fmt.Sprintf("left %d", i)}))
		right := b.run(s, llb.Args([]string{"sh", "-c", fmt.Sprintf("right %d", i)}))
		s = b.merge([]llb.State{left, right})
	}
	return s
}

// builder makes vertices; with a file, each gets the next line of it as its source location.
type builder struct {
	file *llb.SourceMap
	line int32
}

func (b *builder) image(ref string) llb.State {
	if b.file == nil {
		return llb.Image(ref)
	}
	return llb.Image(ref, b.nextLine())
}

func (b *builder) run(s llb.State, opts ...llb.RunOption) llb.State {
	if b.file != nil {
		opts = append(opts, b.nextLine())
	}
	return s.Run(opts...).Root()
}

func (b *builder) copy(s, src llb.State, from, to string) llb.State {
	if b.file == nil {
		return s.File(llb.Copy(src, from, to))
	}
	return s.File(llb.Copy(src, from, to), b.nextLine())
}

func (b *builder) merge(states []llb.State) llb.State {
	if b.file == nil {
		return llb.Merge(states)
	}
	return llb.Merge(states, b.nextLine())
}

func (b *builder) nextLine() llb.ConstraintsOpt {
	b.line++
	at := &pb.Position{Line: b.line}
	return b.file.Location([]*pb.Range{{Start: at, End: at}})
}
