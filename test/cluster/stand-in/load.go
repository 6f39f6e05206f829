package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// result is what clients saw.
type result struct {
	Sent     int            `json:"sent"`
	Failed   int            `json:"failed"`
	Failures map[string]int `json:"failures"`
	ServedBy map[string]int `json:"servedBy"`
	Versions map[string]int `json:"versions"`
	mutex    sync.Mutex
}

func newResult() *result {
	return &result{Failures: map[string]int{}, ServedBy: map[string]int{}, Versions: map[string]int{}}
}

func (r *result) add(by served, err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.Sent++
	if err != nil {
		r.Failed++
		r.Failures[err.Error()]++
		return
	}
	r.ServedBy[by.host]++
	r.Versions[by.version]++
}

// put sends requests from many clients at a steady pace until it is told to stop, and then says how many failed and who
// served them.
func put(arguments []string) error {
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	mode := flags.String("mode", "keepalive", "new, keepalive or grpc")
	target := flags.String("target", "", "HOST:PORT")
	path := flags.String("path", "/", "path of the requests")
	clients := flags.Int("clients", 4, "clients at once")
	pause := flags.Duration("pause", 5*time.Millisecond, "wait of each client between two requests")
	timeout := flags.Duration("timeout", 10*time.Second, "time after which a request has failed")
	flags.Parse(arguments)
	var results atomic.Pointer[result]
	results.Store(newResult())
	var stopped atomic.Bool
	var group sync.WaitGroup
	for range *clients {
		group.Go(func() {
			caller := newCaller(*mode, *timeout)
			for !stopped.Load() {
				by, err := caller.call(*target, *path)
				results.Load().add(by, err)
				time.Sleep(*pause)
			}
		})
	}
	http.HandleFunc("GET /ready", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("GET /seen", func(w http.ResponseWriter, _ *http.Request) { results.Load().write(w) })
	http.HandleFunc("POST /forget", func(http.ResponseWriter, *http.Request) { results.Store(newResult()) })
	http.HandleFunc("POST /stop", func(w http.ResponseWriter, _ *http.Request) {
		stopped.Store(true)
		group.Wait()
		results.Load().write(w)
	})
	return http.ListenAndServe(":9090", nil)
}

func (r *result) write(w io.Writer) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	json.NewEncoder(w).Encode(r)
}

// served is who answered, with which version of the model.
type served struct{ host, version string }

// caller is a client with connections of its own.
type caller struct {
	grpc   bool
	client *http.Client
}

func newCaller(mode string, timeout time.Duration) *caller {
	transport := &http.Transport{MaxIdleConnsPerHost: 1, DisableKeepAlives: mode == "new", DialContext: (&net.Dialer{Timeout: timeout}).DialContext}
	if mode == "grpc" {
		transport.Protocols = new(http.Protocols)
		transport.Protocols.SetUnencryptedHTTP2(true)
	}
	return &caller{grpc: mode == "grpc", client: &http.Client{Transport: transport, Timeout: timeout}}
}

// call sends one request, and says who served it.
func (c *caller) call(target, path string) (served, error) {
	// an empty message in its frame, which is what gRPC sends; REST takes any body here
	request, err := http.NewRequest("POST", "http://"+target+path, bytes.NewReader([]byte{0, 0, 0, 0, 0}))
	if err != nil {
		return served{}, err
	}
	if c.grpc {
		request.Header.Set("Content-Type", "application/grpc")
		request.Header.Set("Te", "trailers")
	}
	response, err := c.client.Do(request)
	if err != nil {
		return served{}, cause(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return served{}, cause(err)
	}
	if response.StatusCode != http.StatusOK {
		return served{}, fmt.Errorf("status %d", response.StatusCode)
	}
	if status := response.Trailer.Get("Grpc-Status"); c.grpc && status != "0" {
		return served{}, fmt.Errorf("grpc status %s", status)
	}
	return served{response.Header.Get("Served-By"), response.Header.Get("Served-Version")}, nil
}

// cause is an error without addresses and ports, so that equal ones count together.
func cause(err error) error {
	var operation *net.OpError
	if errors.As(err, &operation) {
		return fmt.Errorf("%s: %w", operation.Op, operation.Err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("timeout")
	}
	return err
}
