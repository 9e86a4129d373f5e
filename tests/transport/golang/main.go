// The other end of the tests' byte streams, in the Go libraries that buildkitd uses, on stdin and stdout.
//
//	peer serve         an HTTP/2 server with gRPC behind it, as buildkitd serves a frontend
//	peer call STEP...  a gRPC client, as buildkitd calls a session; a line of JSON a step on stderr
package main

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // a peer that has gone is an error of writing, as on any other connection
	switch {
	case len(os.Args) == 2 && os.Args[1] == "serve":
		serve(stdio{})
	case len(os.Args) > 2 && os.Args[1] == "call":
		call(stdio{}, os.Args[2:])
	default:
		fmt.Fprintln(os.Stderr, "usage: peer serve | peer call STEP...")
		os.Exit(2)
	}
}

// stdio is a connection over the process's pipes.
type stdio struct{}

func (stdio) Read(b []byte) (int, error)         { return os.Stdin.Read(b) }
func (stdio) Write(b []byte) (int, error)        { return os.Stdout.Write(b) }
func (stdio) LocalAddr() net.Addr                { return address{} }
func (stdio) RemoteAddr() net.Addr               { return address{} }
func (stdio) SetDeadline(t time.Time) error      { return nil }
func (stdio) SetReadDeadline(t time.Time) error  { return nil }
func (stdio) SetWriteDeadline(t time.Time) error { return nil }

func (stdio) Close() error {
	os.Stdin.Close()
	return os.Stdout.Close()
}

type address struct{}

func (address) Network() string { return "pipe" }
func (address) String() string  { return "stdio" }

// octets is a codec that leaves a *[]byte as it is, and takes protobuf messages as well.
type octets struct{}

func (octets) Name() string { return "proto" }

func (octets) Marshal(v any) (mem.BufferSlice, error) {
	if message, ok := v.(proto.Message); ok {
		data, err := proto.Marshal(message)
		return mem.BufferSlice{mem.SliceBuffer(data)}, err
	}
	return mem.BufferSlice{mem.SliceBuffer(*v.(*[]byte))}, nil
}

func (octets) Unmarshal(data mem.BufferSlice, v any) error {
	if message, ok := v.(proto.Message); ok {
		return proto.Unmarshal(data.Materialize(), message)
	}
	*v.(*[]byte) = data.Materialize()
	return nil
}
