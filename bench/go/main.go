// Command llbpy-bench times BuildKit's own client/llb on a synthetic graph: building the state, marshalling it, and
// encoding the definition. It prints one JSON object; bench's Python twin builds the same graphs, byte for byte.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

type config struct {
	shape     string
	n         int
	reps      int
	locations bool
	digests   bool
}

func main() {
	cfg, err := parseFlags(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "llbpy-bench:", err)
		os.Exit(2)
	}
	if err := run(cfg); err != nil {
		fmt.Fprintln(os.Stderr, "llbpy-bench:", err)
		os.Exit(1)
	}
}

func parseFlags(args []string) (config, error) {
	var cfg config
	fs := flag.NewFlagSet("llbpy-bench", flag.ExitOnError)
	fs.StringVar(&cfg.shape, "shape", "chain", "graph to build: "+strings.Join(shapeNames(), ", "))
	fs.IntVar(&cfg.n, "n", 100, "steps of the shape")
	fs.IntVar(&cfg.reps, "reps", 9, "repetitions; the times are medians. Use 1 to measure peak memory")
	fs.BoolVar(&cfg.locations, "locations", false, "give every vertex a source location")
	fs.BoolVar(&cfg.digests, "digests", false, "also print the digest of every op, in order")
	_ = fs.Parse(args) // exits by itself on a bad flag
	return cfg, cfg.validate(fs.Args())
}

func (cfg config) validate(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q", rest[0])
	case !slices.Contains(shapeNames(), cfg.shape):
		return fmt.Errorf("unknown shape %q", cfg.shape)
	case cfg.n < 1 || cfg.reps < 1:
		return errors.New("-n and -reps must be at least 1")
	}
	return nil
}

func run(cfg config) error {
	samples, def, err := measure(cfg)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(summarise(cfg, samples, def))
}
