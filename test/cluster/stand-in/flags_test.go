package main

import "testing"

func TestFlags(t *testing.T) {
	parsed, err := parseFlags([]string{
		"--port=1", "--port=2", "--enable_batching", "--enable_profiler=false", "--load_retry_interval_micros=-5",
		"--per_process_gpu_memory_fraction=0.5", "--model_name=", "--max_num_load_retries= 7",
	})
	if err != nil || len(parsed.unknown) > 0 {
		t.Fatal(err, parsed.unknown)
	}
	if parsed.number("port") != 2 {
		t.Error("the last one wins")
	}
	if !parsed.truth("enable_batching") || parsed.truth("enable_profiler") {
		t.Error("truth values are set by their name alone, and by true and false")
	}
	if parsed.number("load_retry_interval_micros") != -5 || parsed.number("max_num_load_retries") != 7 || parsed.text("model_name") != "" {
		t.Error("values are read as they stand", parsed.values)
	}
	if parsed.number("file_system_poll_wait_seconds") != 1 || parsed.number("rest_api_port") != 0 {
		t.Error("what is left out has the server's own value")
	}
}

func TestUnknownFlagsAreIgnored(t *testing.T) {
	parsed, err := parseFlags([]string{"--port", "1", "-port=1", "port=1", "--Port=1", "--prot=1", "--port-=1", "--rest_api_port=5"})
	if err != nil || parsed.number("port") != 8500 || parsed.number("rest_api_port") != 5 {
		t.Fatal(err, parsed.values)
	}
	if len(parsed.unknown) != 7 {
		t.Error("seven are not understood:", parsed.unknown)
	}
}

func TestBadValuesEndTheServer(t *testing.T) {
	for _, argument := range []string{
		"--enable_batching=1", "--enable_batching=True", "--enable_batching=", "--port=", "--port=8500x", "--port=0x1f", "--port=1e3",
		"--port=2147483648", "--port=1.0", "--port=1 ", "--load_retry_interval_micros=9223372036854775808",
		"--per_process_gpu_memory_fraction=half", "--help",
	} {
		if parsed, err := parseFlags([]string{argument}); err == nil {
			t.Error(argument, "was read", parsed.unknown)
		}
	}
	if _, err := parseFlags([]string{"--port=2147483647", "--load_retry_interval_micros=9223372036854775807"}); err != nil {
		t.Error(err)
	}
}
