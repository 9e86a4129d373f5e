package main

import (
	"crypto/sha256"
	"fmt"
	"math"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/moby/buildkit/client/llb"
	digest "github.com/opencontainers/go-digest"
)

// report is the output. Times are medians in microseconds per vertex, a vertex being one entry of the definition.
type report struct {
	Shape       string          `json:"shape"`
	N           int             `json:"n"`
	Reps        int             `json:"reps"`
	Locations   bool            `json:"locations"`
	Vertices    int             `json:"vertices"`
	ConstructUS float64         `json:"construct_us"`
	MarshalUS   float64         `json:"marshal_us"`
	TotalUS     float64         `json:"total_us"` // construct and marshal together
	ToBytesUS   float64         `json:"to_bytes_us"`
	OpsBytes    int             `json:"ops_bytes"`
	OpsSHA256   string          `json:"ops_sha256"` // of the ops' digests, a newline after each
	PeakRSSKB   int64           `json:"peak_rss_kb"`
	GoMaxProcs  int             `json:"gomaxprocs"`
	Digests     []digest.Digest `json:"digests,omitempty"`
}

func summarise(cfg config, samples []sample, def *llb.Definition) report {
	peak := peakRSS() // before the digests below add to it
	vertices := len(def.Def)
	median := func(of func(sample) time.Duration) float64 { return medianPerVertex(samples, vertices, of) }
	digests := opDigests(def)
	r := report{
		Shape:       cfg.shape,
		N:           cfg.n,
		Reps:        cfg.reps,
		Locations:   cfg.locations,
		Vertices:    vertices,
		ConstructUS: median(func(s sample) time.Duration { return s.construct }),
		MarshalUS:   median(func(s sample) time.Duration { return s.marshal }),
		TotalUS:     median(func(s sample) time.Duration { return s.construct + s.marshal }),
		ToBytesUS:   median(func(s sample) time.Duration { return s.toBytes }),
		OpsBytes:    opsBytes(def),
		OpsSHA256:   hashLines(digests),
		PeakRSSKB:   peak,
		GoMaxProcs:  runtime.GOMAXPROCS(0),
	}
	if cfg.digests {
		r.Digests = digests
	}
	return r
}

// medianPerVertex is in microseconds, rounded to the nanosecond.
func medianPerVertex(samples []sample, vertices int, of func(sample) time.Duration) float64 {
	times := make([]time.Duration, len(samples))
	for i, s := range samples {
		times[i] = of(s)
	}
	slices.Sort(times)
	half := len(times) / 2
	twice := times[half] + times[len(times)-1-half]
	return math.Round(float64(twice)/2/float64(vertices)) / 1000
}

func opDigests(def *llb.Definition) []digest.Digest {
	digests := make([]digest.Digest, len(def.Def))
	for i, op := range def.Def {
		digests[i] = digest.FromBytes(op)
	}
	return digests
}

func opsBytes(def *llb.Definition) (total int) {
	for _, op := range def.Def {
		total += len(op)
	}
	return total
}

func hashLines(digests []digest.Digest) string {
	hash := sha256.New()
	for _, d := range digests {
		fmt.Fprintln(hash, d)
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// peakRSS is the process's largest resident size so far, in kilobytes (Linux's unit).
func peakRSS() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // only a bad argument can fail
	}
	return usage.Maxrss
}
