package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"
)

// load waits for a version under the base path, for ever and without a port open, and loads the largest one. A version
// that holds a file `fails` cannot be loaded; a file `seconds` says how long loading takes.
func load(values map[string]string) (int, error) {
	base := values["model_base_path"]
	version := largestVersion(base)
	for ; version < 0; version = largestVersion(base) {
		fmt.Println("No versions of servable", values["model_name"], "found under base path", base)
		time.Sleep(time.Duration(max(1, number(values, "file_system_poll_wait_seconds"))) * time.Second)
	}
	directory := filepath.Join(base, strconv.Itoa(version))
	tries := number(values, "max_num_load_retries") + 1
	for try := 1; try <= tries; try++ {
		time.Sleep(loadTime(directory))
		if _, err := os.Stat(filepath.Join(directory, "fails")); err != nil {
			return version, nil
		}
		fmt.Println("Loading servable", values["model_name"], "failed, try", try, "of", tries)
		if try < tries {
			time.Sleep(time.Duration(number(values, "load_retry_interval_micros")) * time.Microsecond)
		}
	}
	return 0, fmt.Errorf("failed to start server: servable %s did not become available", values["model_name"])
}

// follow looks for larger versions where the server is told to, and serves the old one until the new one is loaded.
func follow(values map[string]string, serving *atomic.Int64) {
	wait := number(values, "file_system_poll_wait_seconds")
	for wait > 0 {
		time.Sleep(time.Duration(wait) * time.Second)
		version := largestVersion(values["model_base_path"])
		if int64(version) <= serving.Load() {
			continue
		}
		time.Sleep(loadTime(filepath.Join(values["model_base_path"], strconv.Itoa(version))))
		serving.Store(int64(version))
		fmt.Println("Serving version", version)
	}
}

// publish puts a version under a base path at once, as a pipeline should: no server sees half of it.
func publish(arguments []string) error {
	base, version := arguments[0], arguments[1]
	unfinished := filepath.Join(base, ".unfinished")
	if err := os.MkdirAll(unfinished, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(unfinished, "saved_model.pb"), nil, 0o644); err != nil {
		return err
	}
	return os.Rename(unfinished, filepath.Join(base, version))
}

func largestVersion(base string) int {
	entries, _ := os.ReadDir(base)
	largest := -1
	for _, entry := range entries {
		if version, err := strconv.Atoi(entry.Name()); err == nil && version > largest {
			largest = version
		}
	}
	return largest
}

func loadTime(directory string) time.Duration {
	text := os.Getenv("LOAD_SECONDS")
	if content, err := os.ReadFile(filepath.Join(directory, "seconds")); err == nil && text == "" {
		text = string(content)
	}
	seconds, _ := strconv.ParseFloat(text, 64)
	return time.Duration(seconds * float64(time.Second))
}
