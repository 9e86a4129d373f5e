package main

import (
	"context"
	"runtime"
	"time"

	"github.com/moby/buildkit/client/llb"
)

// sample holds the times of one repetition.
type sample struct {
	construct, marshal, toBytes time.Duration
}

// measure returns one sample a repetition, and the definition of the last one.
func measure(cfg config) ([]sample, *llb.Definition, error) {
	samples := make([]sample, cfg.reps)
	var def *llb.Definition
	for i := range samples {
		def = nil // the collection below must also free the previous repetition
		runtime.GC()
		var err error
		if samples[i], def, err = repeat(cfg); err != nil {
			return nil, nil, err
		}
	}
	return samples, def, nil
}

// repeat builds its graph anew, because vertices remember what they were marshalled to.
func repeat(cfg config) (s sample, def *llb.Definition, err error) {
	start := time.Now()
	state := build(cfg)
	built := time.Now()
	def, err = state.Marshal(context.Background(), llb.LinuxAmd64, llb.LocalUniqueID("bench"))
	marshalled := time.Now()
	if err != nil {
		return s, nil, err
	}
	_, err = def.ToPB().Marshal()
	s = sample{built.Sub(start), marshalled.Sub(built), time.Since(marshalled)}
	return s, def, err
}
