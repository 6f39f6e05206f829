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
	"os"
	"sync"
	"time"
)

// result is what clients saw, printed at the end.
type result struct {
	Sent     int            `json:"sent"`
	Failed   int            `json:"failed"`
	Failures map[string]int `json:"failures"`
	ServedBy map[string]int `json:"servedBy"`
	mutex    sync.Mutex
}

func (r *result) add(by string, err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.Sent++
	if err != nil {
		r.Failed++
		r.Failures[err.Error()]++
		return
	}
	r.ServedBy[by]++
}

// put sends requests from many clients at a steady pace for a time, and says how many failed and who served them.
func put(arguments []string) error {
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	mode := flags.String("mode", "keepalive", "new, keepalive or grpc")
	target := flags.String("target", "", "HOST:PORT")
	path := flags.String("path", "/", "path of the requests")
	clients := flags.Int("clients", 4, "clients at once")
	pause := flags.Duration("pause", 5*time.Millisecond, "wait of each client between two requests")
	duration := flags.Duration("duration", 10*time.Second, "time for which they send")
	countAfter := flags.Duration("count-after", 0, "time after which requests count")
	timeout := flags.Duration("timeout", 10*time.Second, "time after which a request has failed")
	flags.Parse(arguments)
	results := &result{Failures: map[string]int{}, ServedBy: map[string]int{}}
	begin := time.Now()
	end := begin.Add(*duration)
	var group sync.WaitGroup
	for range *clients {
		group.Go(func() {
			caller := newCaller(*mode, *timeout)
			for time.Now().Before(end) {
				by, err := caller.call(*target, *path)
				if time.Since(begin) >= *countAfter {
					results.add(by, err)
				}
				time.Sleep(*pause)
			}
		})
	}
	group.Wait()
	return json.NewEncoder(os.Stdout).Encode(results)
}

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
func (c *caller) call(target, path string) (string, error) {
	// an empty message in its frame, which is what gRPC sends; REST takes any body here
	request, err := http.NewRequest("POST", "http://"+target+path, bytes.NewReader([]byte{0, 0, 0, 0, 0}))
	if err != nil {
		return "", err
	}
	if c.grpc {
		request.Header.Set("Content-Type", "application/grpc")
		request.Header.Set("Te", "trailers")
	}
	response, err := c.client.Do(request)
	if err != nil {
		return "", cause(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return "", cause(err)
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %d", response.StatusCode)
	}
	if status := response.Trailer.Get("Grpc-Status"); c.grpc && status != "0" {
		return "", fmt.Errorf("grpc status %s", status)
	}
	return response.Header.Get("Served-By"), nil
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
