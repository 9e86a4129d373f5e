package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// result is what a step saw.
type result struct {
	Step    string
	Code    int
	Message string
	Status  string // google.rpc.Status in base64
	Count   int    // of messages received
	Size    int    // of all their bytes
	Sum     string // sha256 of them
	Head    metadata.MD
	Tail    metadata.MD
}

func call(conn net.Conn, steps []string) {
	var once sync.Once
	dial := func(context.Context, string) (net.Conn, error) {
		var found net.Conn
		once.Do(func() { found = conn })
		if found == nil {
			return nil, fmt.Errorf("only one connection")
		}
		return found, nil
	}
	client, err := grpc.NewClient("passthrough:///localhost",
		grpc.WithContextDialer(dial),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(
			grpc.ForceCodecV2(octets{}), grpc.MaxCallRecvMsgSize(largest), grpc.MaxCallSendMsgSize(largest),
		),
	)
	if err != nil {
		panic(err)
	}
	output := json.NewEncoder(os.Stderr)
	for _, step := range steps {
		if err := output.Encode(run(client, step)); err != nil {
			panic(err)
		}
	}
	client.Close()
}

// run takes a step apart, NAME[:NUMBER...], and does it.
func run(client *grpc.ClientConn, step string) result {
	words := strings.Split(step, ":")
	var numbers []int
	for _, word := range words[1:] {
		number, err := strconv.Atoi(word)
		if err != nil {
			panic(err)
		}
		numbers = append(numbers, number)
	}
	found := result{Step: step}
	switch words[0] {
	case "echo": // messages, bytes of each: one by one
		found.exchange(client, "Echo", series(numbers[0], numbers[1]), true)
	case "flood": // messages, bytes of each: all at once
		found.exchange(client, "Echo", series(numbers[0], numbers[1]), false)
	case "up":
		found.exchange(client, "Up", series(numbers[0], numbers[1]), false)
	case "down":
		found.exchange(client, "Down", [][]byte{fmt.Appendf(nil, "%d %d", numbers[0], numbers[1])}, false)
	case "fail": // code, bytes of details
		found.exchange(client, "Fail", [][]byte{failure(numbers[0], numbers[1])}, false)
	case "metadata":
		found.exchange(client, "Metadata", [][]byte{nil}, false)
	case "unknown":
		found.exchange(client, "Unknown", [][]byte{nil}, false)
	case "flight": // calls, bytes of each
		found.flight(client, numbers[0], numbers[1])
	case "hang":
		found.hang(client)
	case "cancelled":
		found.exchange(client, "Cancelled", [][]byte{nil}, false)
	case "health":
		found.health(client)
	case "slow": // messages, bytes of each, milliseconds before the first is read
		found.slow(client, numbers[0], numbers[1], numbers[2])
	default:
		panic(step)
	}
	return found
}

func series(count, size int) [][]byte {
	var messages [][]byte
	for i := range count {
		messages = append(messages, pattern(i, size))
	}
	return messages
}

func failure(code, size int) []byte {
	data, err := proto.Marshal(&spb.Status{
		Code:    int32(code),
		Message: "50% of ünïcödé\nand more",
		Details: []*anypb.Any{{TypeUrl: "test/details+json", Value: pattern(0, size)}},
	})
	if err != nil {
		panic(err)
	}
	return data
}

func open(ctx context.Context, client *grpc.ClientConn, method string) grpc.ClientStream {
	desc := &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
	stream, err := client.NewStream(ctx, desc, "/test.Peer/"+method)
	if err != nil {
		panic(err)
	}
	return stream
}

func (r *result) exchange(client *grpc.ClientConn, method string, messages [][]byte, inTurn bool) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "x-text", "one", "x-text", "two", "x-raw-bin", "\x00\xff,")
	stream := open(ctx, client, method)
	answers := make(chan []byte)
	go func() {
		for _, message := range messages {
			if stream.SendMsg(&message) != nil {
				return
			}
			if inTurn {
				<-answers
			}
		}
		stream.CloseSend()
	}()
	var channel chan<- []byte
	if inTurn {
		channel = answers
	}
	r.drain(stream, channel)
}

// drain reads a stream to its end.
func (r *result) drain(stream grpc.ClientStream, answers chan<- []byte) {
	sum := sha256.New()
	for {
		var message []byte
		err := stream.RecvMsg(&message)
		if err != nil {
			r.end(err)
			break
		}
		sum.Write(message)
		r.Count, r.Size = r.Count+1, r.Size+len(message)
		if answers != nil {
			answers <- message
		}
	}
	r.Sum = fmt.Sprintf("%x", sum.Sum(nil))
	r.Head, _ = stream.Header()
	r.Tail = stream.Trailer()
}

func (r *result) end(err error) {
	if err == io.EOF {
		return
	}
	state := status.Convert(err)
	r.Code, r.Message = int(state.Code()), state.Message()
	data, err := proto.Marshal(state.Proto())
	if err != nil {
		panic(err)
	}
	r.Status = base64.StdEncoding.EncodeToString(data)
}

func (r *result) flight(client *grpc.ClientConn, calls, size int) {
	results := make([]result, calls)
	var all sync.WaitGroup
	for i := range calls {
		all.Go(func() { results[i].exchange(client, "Echo", [][]byte{pattern(i, size)}, false) })
	}
	all.Wait()
	for i, one := range results {
		if one.Code != 0 || one.Sum != fmt.Sprintf("%x", sha256.Sum256(pattern(i, size))) {
			r.Code, r.Message = one.Code, fmt.Sprintf("call %d: %s", i, one.Message)
		}
		r.Count, r.Size = r.Count+one.Count, r.Size+one.Size
	}
}

// hang begins a call, waits for its first message, and gives it up.
func (r *result) hang(client *grpc.ClientConn) {
	ctx, cancel := context.WithCancel(context.Background())
	stream := open(ctx, client, "Hang")
	empty := []byte{}
	stream.SendMsg(&empty)
	var message []byte
	if err := stream.RecvMsg(&message); err != nil {
		panic(err)
	}
	cancel()
	r.drain(stream, nil)
}

// health asks as buildkitd does of a session.
func (r *result) health(client *grpc.ClientConn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	answer, err := grpc_health_v1.NewHealthClient(client).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		r.end(err)
		return
	}
	r.Message = answer.Status.String()
}

func (r *result) slow(client *grpc.ClientConn, count, size, wait int) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	stream := open(ctx, client, "Down")
	request := fmt.Appendf(nil, "%d %d", count, size)
	stream.SendMsg(&request)
	stream.CloseSend()
	time.Sleep(time.Duration(wait) * time.Millisecond)
	r.drain(stream, nil)
}
