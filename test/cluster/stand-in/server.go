package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// server is what stands in for tensorflow_model_server.
type server struct {
	*manager
	host     string
	latency  time.Duration
	metrics  string
	requests atomic.Int64
	hung     atomic.Bool
}

func serve(arguments []string) error {
	// the server has no handler: as process 1 it lives on, anywhere else the signal ends it
	if os.Getpid() == 1 {
		signal.Ignore(syscall.SIGTERM)
	}
	flags, err := parseFlags(arguments)
	if err != nil {
		printUsage(os.Stdout)
		return err
	}
	if flags.truth("version") {
		fmt.Println("TensorFlow ModelServer: stand-in")
		return nil
	}
	if len(flags.unknown) > 0 {
		fmt.Println("unknown argument:", flags.unknown[0])
		printUsage(os.Stdout)
	}
	configuration, err := configure(flags)
	if err != nil {
		return err
	}
	if os.Getenv("STAND_IN_CHECK") != "" {
		return check(configuration)
	}
	go stayAlive()
	s, err := newServer(configuration)
	if err != nil {
		return err
	}
	return s.open()
}

// stayAlive keeps Go from ending a program that waits for what will never happen.
func stayAlive() {
	for {
		time.Sleep(time.Hour)
	}
}

// newServer loads what there is to load. No port is open before that.
func newServer(c *configuration) (*server, error) {
	if err := c.checkLabels(); err != nil {
		return nil, err
	}
	host, _ := os.Hostname()
	milliseconds, _ := strconv.Atoi(os.Getenv("LATENCY_MS"))
	s := &server{manager: newManager(c), host: host, latency: time.Duration(milliseconds) * time.Millisecond}
	if err := s.start(); err != nil {
		return nil, err
	}
	go s.followConfig()
	return s, nil
}

// open opens the ports, gRPC first, and serves for ever.
func (s *server) open() error {
	if after, _ := strconv.Atoi(os.Getenv("HANG_AFTER_SECONDS")); after > 0 {
		time.AfterFunc(time.Duration(after)*time.Second, func() { s.hung.Store(true) })
	}
	if err := s.openGrpc(); err != nil {
		return err
	}
	if err := s.openRest(); err != nil {
		// the server waits for the end of gRPC, which does not come
		fmt.Println("Failed to start server:", err)
	}
	select {}
}

func (s *server) openGrpc() error {
	var encryption *tls.Config
	if s.tls != nil {
		var err error
		if encryption, err = credentials(*s.tls); err != nil {
			return err
		}
	}
	if port := s.number("port"); port > 0 {
		grpc, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
		if err != nil {
			return err
		}
		go s.serveGrpc(grpc, encryption)
	}
	if path := s.text("grpc_socket_path"); path != "" {
		grpc, err := net.Listen("unix", path)
		if err != nil {
			return err
		}
		go s.serveGrpc(grpc, encryption)
	}
	fmt.Printf("Running gRPC ModelServer at 0.0.0.0:%d\n", s.number("port"))
	return nil
}

// openRest fails where the file of the metrics is bad. Where the port cannot be had, the server lives on without REST.
func (s *server) openRest() error {
	port := s.number("rest_api_port")
	if port == 0 {
		return nil
	}
	if port == s.number("port") {
		fmt.Println("rest_api_port cannot be the same as the port of gRPC: REST is off")
		return nil
	}
	var err error
	if s.metrics, err = s.metricsPath(); err != nil {
		return err
	}
	rest, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		fmt.Println("Failed to start HTTP Server:", err)
		return nil
	}
	go http.Serve(s.hanging(rest), http.HandlerFunc(s.rest))
	return nil
}

// credentials are those of gRPC. PEM that is none is an error, as it is to the server.
func credentials(config message) (*tls.Config, error) {
	pair, err := tls.X509KeyPair([]byte(config.text("server_cert")), []byte(config.text("server_key")))
	if err != nil {
		return nil, err
	}
	encryption := &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2"}}
	if config.truth("client_verify") {
		encryption.ClientCAs, encryption.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
		if !encryption.ClientCAs.AppendCertsFromPEM([]byte(config.text("custom_ca"))) {
			return nil, errors.New("custom_ca holds no certificate")
		}
	}
	return encryption, nil
}

// names are those of the models.
func (s *server) names() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.order)
}

// serveGrpc gives every connection its own age, at the end of which the client is told to leave.
func (s *server) serveGrpc(listener net.Listener, encryption *tls.Config) {
	age := time.Duration(s.channelArgument("grpc.max_connection_age_ms")) * time.Millisecond
	grace := time.Duration(s.channelArgument("grpc.max_connection_age_grace_ms")) * time.Millisecond
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(encryption == nil)
	protocols.SetHTTP2(encryption != nil)
	for {
		connection, err := s.hanging(listener).Accept()
		if err != nil {
			return
		}
		if encryption != nil {
			connection = tls.Server(connection, encryption)
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
	w.Header().Set("Served-By", s.host)
	io.Copy(io.Discard, r.Body)
	status := "0"
	switch {
	case s.number("grpc_max_threads") < 2:
		// one thread waits for calls
		status = "8"
	case strings.HasSuffix(r.URL.Path, "/Predict"):
		// the message says nothing, so that the first model is meant
		name := s.names()[0]
		served, found := s.serving(name, -1)
		if !found {
			status = "5"
			break
		}
		w.Header().Set("Served-Version", strconv.FormatInt(served, 10))
		s.work()
	case r.URL.Path == "/grpc.health.v1.Health/Check" && s.truth("enable_grpc_healthcheck_service"):
		// the message {status: SERVING} in its frame
		w.Write([]byte{0, 0, 0, 0, 2, 8, 1})
	default:
		status = "12"
	}
	w.Header().Set("Grpc-Status", status)
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
