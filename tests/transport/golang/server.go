package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"

	"golang.org/x/net/http2"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

const largest = 16 << 20 // bytes of a message, as in buildkitd

// service answers what tests/transport/service.py answers.
type service struct {
	base      *http.Server
	cancelled atomic.Int32
}

func serve(conn net.Conn) {
	own := &service{base: &http.Server{}}
	server := grpc.NewServer(
		grpc.MaxRecvMsgSize(largest),
		grpc.MaxSendMsgSize(largest),
		grpc.ForceServerCodecV2(octets{}),
		grpc.UnknownServiceHandler(own.handle),
	)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	h2 := &http2.Server{}
	if err := http2.ConfigureServer(own.base, h2); err != nil {
		panic(err)
	}
	h2.ServeConn(conn, &http2.ServeConnOpts{Handler: server, BaseConfig: own.base})
}

func (s *service) handle(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	switch method {
	case "/test.Peer/Echo":
		return echo(stream)
	case "/test.Peer/Down":
		return down(stream)
	case "/test.Peer/Up":
		return up(stream)
	case "/test.Peer/Fail":
		return fail(stream)
	case "/test.Peer/Metadata":
		return metadataBack(stream)
	case "/test.Peer/Hang":
		return s.hang(stream)
	case "/test.Peer/Cancelled":
		return answer(stream, []byte(fmt.Sprint(s.cancelled.Load())))
	case "/test.Peer/Goodbye":
		go s.base.Shutdown(context.Background())
		return answer(stream, []byte("bye"))
	}
	return status.Errorf(codes.Unimplemented, "no method %s", method)
}

func receive(stream grpc.ServerStream) ([]byte, error) {
	var message []byte
	err := stream.RecvMsg(&message)
	return message, err
}

func answer(stream grpc.ServerStream, message []byte) error {
	if _, err := receive(stream); err != nil {
		return err
	}
	return stream.SendMsg(&message)
}

func echo(stream grpc.ServerStream) error {
	for {
		message, err := receive(stream)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.SendMsg(&message); err != nil {
			return err
		}
	}
}

func down(stream grpc.ServerStream) error {
	request, err := receive(stream)
	if err != nil {
		return err
	}
	var count, size int
	if _, err := fmt.Sscan(string(request), &count, &size); err != nil {
		return err
	}
	for i := range count {
		message := pattern(i, size)
		if err := stream.SendMsg(&message); err != nil {
			return err
		}
	}
	return nil
}

func up(stream grpc.ServerStream) error {
	sum, count, size := sha256.New(), 0, 0
	for {
		message, err := receive(stream)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		sum.Write(message)
		count, size = count+1, size+len(message)
	}
	message := fmt.Appendf(nil, "%d %d %x", count, size, sum.Sum(nil))
	return stream.SendMsg(&message)
}

func fail(stream grpc.ServerStream) error {
	request, err := receive(stream)
	if err != nil {
		return err
	}
	var wanted spb.Status
	if err := proto.Unmarshal(request, &wanted); err != nil {
		return err
	}
	return status.FromProto(&wanted).Err()
}

func metadataBack(stream grpc.ServerStream) error {
	received, _ := metadata.FromIncomingContext(stream.Context())
	head, tail := metadata.MD{}, metadata.MD{}
	for name, values := range received {
		if strings.HasPrefix(name, "x-") {
			head["head-"+name], tail["tail-"+name] = values, values
		}
	}
	if err := stream.SetHeader(head); err != nil {
		return err
	}
	stream.SetTrailer(tail)
	return answer(stream, nil)
}

func (s *service) hang(stream grpc.ServerStream) error {
	if err := answer(stream, []byte("hanging")); err != nil {
		return err
	}
	<-stream.Context().Done()
	s.cancelled.Add(1)
	return stream.Context().Err()
}

// pattern is the i-th message of a series.
func pattern(i, size int) []byte {
	message := make([]byte, size)
	for at := range message {
		message[at] = byte(i + at)
	}
	return message
}
