package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
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
