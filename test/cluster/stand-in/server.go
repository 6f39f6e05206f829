package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// server is what stands in for tensorflow_model_server.
type server struct {
	values   map[string]string
	version  atomic.Int64
	host     string
	latency  time.Duration
	requests atomic.Int64
	hung     atomic.Bool
}

func serve(arguments []string) error {
	// the server has no handler: as process 1 it lives on, anywhere else the signal ends it
	if os.Getpid() == 1 {
		signal.Ignore(syscall.SIGTERM)
	}
	values, err := parseFlags(arguments)
	if err != nil {
		return err
	}
	version, err := load(values)
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	milliseconds, _ := strconv.Atoi(os.Getenv("LATENCY_MS"))
	s := &server{values: values, host: host, latency: time.Duration(milliseconds) * time.Millisecond}
	s.version.Store(int64(version))
	go follow(values, &s.version)
	if after, _ := strconv.Atoi(os.Getenv("HANG_AFTER_SECONDS")); after > 0 {
		time.AfterFunc(time.Duration(after)*time.Second, func() { s.hung.Store(true) })
	}
	grpc, err := net.Listen("tcp", ":"+values["port"])
	if err != nil {
		return err
	}
	go s.serveGrpc(grpc)
	if number(values, "rest_api_port") > 0 {
		// where the port cannot be had, the server lives on without REST
		if rest, err := net.Listen("tcp", ":"+values["rest_api_port"]); err == nil {
			go http.Serve(s.hanging(rest), http.HandlerFunc(s.rest))
		} else {
			fmt.Println("Failed to start HTTP Server:", err)
		}
	}
	fmt.Println("Running gRPC ModelServer at 0.0.0.0:" + values["port"])
	select {}
}

// serveGrpc gives every connection its own age, at the end of which the client is told to leave.
func (s *server) serveGrpc(listener net.Listener) {
	age := time.Duration(channelArgument(s.values, "grpc.max_connection_age_ms")) * time.Millisecond
	grace := time.Duration(channelArgument(s.values, "grpc.max_connection_age_grace_ms")) * time.Millisecond
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	for {
		connection, err := s.hanging(listener).Accept()
		if err != nil {
			return
		}
		one := &http.Server{Handler: http.HandlerFunc(s.grpc), Protocols: protocols}
		go one.Serve(single(connection))
		if age > 0 {
			jitter := 0.9 + 0.2*rand.Float64()
			time.AfterFunc(time.Duration(float64(age)*jitter), func() {
				ctx, cancel := context.WithTimeout(context.Background(), grace)
				defer cancel()
				if one.Shutdown(ctx) != nil {
					one.Close()
				}
			})
		}
	}
}

func (s *server) grpc(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("Trailer", "Grpc-Status")
	s.sign(w)
	io.Copy(io.Discard, r.Body)
	status := "0"
	switch {
	case strings.HasSuffix(r.URL.Path, "/Predict"):
		s.work()
	case r.URL.Path == "/grpc.health.v1.Health/Check" && s.values["enable_grpc_healthcheck_service"] == "true":
		// the message {status: SERVING} in its frame
		w.Write([]byte{0, 0, 0, 0, 2, 8, 1})
	default:
		status = "12"
	}
	w.Header().Set("Grpc-Status", status)
}

func (s *server) rest(w http.ResponseWriter, r *http.Request) {
	model := "/v1/models/" + s.values["model_name"]
	w.Header().Set("Content-Type", "application/json")
	s.sign(w)
	switch {
	case r.Method == "GET" && r.URL.Path == model:
		fmt.Fprintf(w, `{"model_version_status":[{"version":"%d","state":"AVAILABLE","status":{"error_code":"OK","error_message":""}}]}`, s.version.Load())
	case r.Method == "GET" && r.URL.Path == model+"/metadata":
		fmt.Fprintf(w, `{"model_spec":{"name":%q,"version":"%d"},"metadata":{}}`, s.values["model_name"], s.version.Load())
	case r.Method == "POST" && r.URL.Path == model+":predict":
		io.Copy(io.Discard, r.Body)
		s.work()
		fmt.Fprintf(w, `{"predictions":[%q]}`, s.host)
	case r.Method == "POST" && r.URL.Path == "/crash":
		// what a kill of the process does to its connections, which only the node itself could send
		os.Exit(137)
	case r.Method == "GET" && r.URL.Path == "/monitoring/prometheus/metrics" && s.values["monitoring_config_file"] != "":
		fmt.Fprintf(w, ":tensorflow:serving:request_count{model_name=%q,status=\"OK\"} %d\n", s.values["model_name"], s.requests.Load())
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, `{"error":"Servable not found for request: %s"}`, r.URL.Path)
	}
}

// sign says who answers, with what.
func (s *server) sign(w http.ResponseWriter) {
	w.Header().Set("Served-By", s.host)
	w.Header().Set("Served-Version", strconv.FormatInt(s.version.Load(), 10))
}

func (s *server) work() {
	time.Sleep(s.latency)
	s.requests.Add(1)
}

// hanging is a listener that no longer takes connections once the server hangs; its queue then fills up.
func (s *server) hanging(listener net.Listener) net.Listener {
	return hanging{listener, &s.hung}
}

type hanging struct {
	net.Listener
	hung *atomic.Bool
}

func (h hanging) Accept() (net.Conn, error) {
	// a sleep, since Go ends a program in which nothing will ever happen again
	for h.hung.Load() {
		time.Sleep(time.Hour)
	}
	return h.Listener.Accept()
}

// single is a listener of one connection.
func single(connection net.Conn) net.Listener {
	s := &one{connections: make(chan net.Conn, 1), done: make(chan struct{}), address: connection.LocalAddr()}
	s.connections <- connection
	return s
}

type one struct {
	connections chan net.Conn
	done        chan struct{}
	closed      atomic.Bool
	address     net.Addr
}

func (o *one) Accept() (net.Conn, error) {
	select {
	case connection := <-o.connections:
		return connection, nil
	case <-o.done:
		return nil, net.ErrClosed
	}
}

func (o *one) Close() error {
	if o.closed.CompareAndSwap(false, true) {
		close(o.done)
	}
	return nil
}

func (o *one) Addr() net.Addr { return o.address }
