package main

import (
	"fmt"
	"strconv"
	"strings"
)

// known are the flags whose value the stand-in heeds or checks, with the value that the server itself starts from.
var known = map[string]string{
	"port": "8500", "rest_api_port": "0", "model_name": "default", "model_base_path": "",
	"file_system_poll_wait_seconds": "1", "max_num_load_retries": "5", "load_retry_interval_micros": "60000000",
	"rest_api_timeout_in_ms": "30000", "rest_api_num_threads": "8", "grpc_max_threads": "8", "grpc_channel_arguments": "",
	"enable_grpc_healthcheck_service": "false", "monitoring_config_file": "", "enable_batching": "false",
	"batching_parameters_file": "", "tensorflow_intra_op_parallelism": "0", "tensorflow_inter_op_parallelism": "0",
	"enable_profiler": "false",
}

var booleans = map[string]bool{"enable_grpc_healthcheck_service": true, "enable_batching": true, "enable_profiler": true}

// parseFlags reads a command line as the server does: only --name=value, the last one wins, and what it does not know is
// printed and otherwise ignored.
func parseFlags(arguments []string) (map[string]string, error) {
	values := map[string]string{}
	for name, value := range known {
		values[name] = value
	}
	for _, argument := range arguments {
		name, value, hasValue := strings.Cut(strings.TrimPrefix(argument, "--"), "=")
		_, isKnown := known[name]
		if !strings.HasPrefix(argument, "--") || !isKnown || (!hasValue && !booleans[name]) {
			fmt.Println("unknown argument:", argument)
			continue
		}
		if booleans[name] {
			if !hasValue {
				value = "true"
			}
			if value != "true" && value != "false" {
				return nil, fmt.Errorf("couldn't interpret value %s for flag %s", value, name)
			}
		} else if _, err := strconv.Atoi(known[name]); err == nil {
			if _, err := strconv.Atoi(value); err != nil {
				return nil, fmt.Errorf("couldn't interpret value %s for flag %s", value, name)
			}
		}
		values[name] = value
	}
	if values["enable_batching"] == "false" && values["batching_parameters_file"] != "" {
		return nil, fmt.Errorf("batching_parameters_file without enable_batching")
	}
	return values, nil
}

func number(values map[string]string, name string) int {
	value, _ := strconv.Atoi(values[name])
	return value
}

// channelArgument is a number among the comma-separated arguments of the gRPC channel, or 0.
func channelArgument(values map[string]string, key string) int {
	for _, part := range strings.Split(values["grpc_channel_arguments"], ",") {
		if name, value, found := strings.Cut(part, "="); found && name == key {
			parsed, _ := strconv.Atoi(value)
			return parsed
		}
	}
	return 0
}
