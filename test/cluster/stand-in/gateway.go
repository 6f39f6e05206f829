package main

import (
	"context"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// gateway answers each request with one of its own to the model at TF_SERVING_HOST, which it sends again, after
// a pause that grows, where it failed: for longer than a pod that broke down stays in its Service. It stops as a web
// server should: it asks its clients to leave, then takes no new connections, and ends the requests under way.
func gateway() error {
	target := os.Getenv("TF_SERVING_HOST")
	mode, path := "grpc", "/tensorflow.serving.PredictionService/Predict"
	if strings.EqualFold(os.Getenv("PROTOCOL"), "rest") {
		mode, path = "keepalive", "/v1/models/"+os.Getenv("TF_SERVING_MODEL_NAME")+":predict"
	}
	upstream := newCaller(mode, 20*time.Second)
	var leaving atomic.Bool
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if leaving.Load() {
			w.Header().Set("Connection", "close")
		}
		by, err := upstream.call(target, path)
		for pause := 50 * time.Millisecond; err != nil && pause < 3*time.Second; pause *= 2 {
			time.Sleep(pause)
			by, err = upstream.call(target, path)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.Header().Set("Served-By", by.host)
		w.Header().Set("Served-Version", by.version)
	})
	server := &http.Server{Addr: ":" + os.Getenv("PORT"), Handler: handler}
	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, syscall.SIGTERM)
	go func() {
		<-stopped
		leaving.Store(true)
		time.Sleep(2 * time.Second)
		server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}
