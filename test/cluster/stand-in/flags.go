package main

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// kind is how the server reads the value of a flag.
type kind int

const (
	text kind = iota
	truth
	int32s
	int64s
	float
)

type fact struct {
	kind  kind
	value string
}

var handlers = strconv.Itoa(4 * runtime.NumCPU())

// known are all flags of the server, with the values that it starts from.
var known = map[string]fact{
	"port":                                        {int32s, "8500"},
	"grpc_socket_path":                            {text, ""},
	"rest_api_port":                               {int32s, "0"},
	"rest_api_num_threads":                        {int32s, handlers},
	"rest_api_timeout_in_ms":                      {int32s, "30000"},
	"rest_api_enable_cors_support":                {truth, "false"},
	"grpc_channel_arguments":                      {text, ""},
	"grpc_max_threads":                            {int32s, handlers},
	"use_alts_credentials":                        {truth, "false"},
	"ssl_config_file":                             {text, ""},
	"enable_grpc_healthcheck_service":             {truth, "false"},
	"enable_profiler":                             {truth, "true"},
	"enable_serialization_as_tensor_content":      {truth, "false"},
	"model_name":                                  {text, "default"},
	"model_base_path":                             {text, ""},
	"model_config_file":                           {text, ""},
	"model_config_file_poll_wait_seconds":         {int32s, "0"},
	"file_system_poll_wait_seconds":               {int32s, "1"},
	"allow_version_labels_for_unavailable_models": {truth, "false"},
	"num_load_threads":                            {int32s, "0"},
	"num_unload_threads":                          {int32s, "0"},
	"max_num_load_retries":                        {int32s, "5"},
	"load_retry_interval_micros":                  {int64s, "60000000"},
	"flush_filesystem_caches":                     {truth, "true"},
	"saved_model_tags":                            {text, "serve"},
	"enable_model_warmup":                         {truth, "true"},
	"num_request_iterations_for_warmup":           {int32s, "0"},
	"enable_signature_method_name_check":          {truth, "false"},
	"prefer_tflite_model":                         {truth, "false"},
	"num_tflite_pools":                            {int32s, strconv.Itoa(runtime.NumCPU())},
	"num_tflite_interpreters_per_pool":            {int32s, "1"},
	"remove_unused_fields_from_bundle_metagraph":  {truth, "true"},
	"enable_batching":                             {truth, "false"},
	"batching_parameters_file":                    {text, ""},
	"enable_per_model_batching_parameters":        {truth, "false"},
	"tensorflow_session_parallelism":              {int64s, "0"},
	"tensorflow_intra_op_parallelism":             {int64s, "0"},
	"tensorflow_inter_op_parallelism":             {int64s, "0"},
	"tensorflow_session_config_file":              {text, ""},
	"per_process_gpu_memory_fraction":             {float, "0"},
	"platform_config_file":                        {text, ""},
	"xla_cpu_compilation_enabled":                 {truth, "false"},
	"xla_gpu_compilation_enabled":                 {truth, "false"},
	"mixed_precision":                             {text, ""},
	"thread_pool_factory_config_file":             {text, ""},
	"skip_initialize_tpu":                         {truth, "false"},
	"monitoring_config_file":                      {text, ""},
	"version":                                     {truth, "false"},
}

// flags are the values of a command line.
type flags struct {
	values  map[string]string
	unknown []string
}

// parseFlags reads a command line as the server does: only --name=value, and the last one wins. What it does not know is
// kept aside; a value that it cannot read is an error.
func parseFlags(arguments []string) (flags, error) {
	parsed := flags{values: map[string]string{}}
	for name, fact := range known {
		parsed.values[name] = fact.value
	}
	var bad error
	for _, argument := range arguments {
		name, value, hasValue := strings.Cut(strings.TrimPrefix(argument, "--"), "=")
		fact, isKnown := known[name]
		if !strings.HasPrefix(argument, "--") || !isKnown || (!hasValue && fact.kind != truth) {
			parsed.unknown = append(parsed.unknown, argument)
			continue
		}
		if !hasValue {
			value = "true"
		}
		if !fact.kind.reads(value) {
			bad = fmt.Errorf("couldn't interpret value %s for flag %s", value, name)
			continue
		}
		parsed.values[name] = value
	}
	if bad == nil && len(parsed.unknown) > 0 && parsed.unknown[0] == "--help" {
		bad = fmt.Errorf("help")
	}
	return parsed, bad
}

// reads says whether the server takes a text as a value. Numbers may follow spaces, and nothing may follow them.
func (k kind) reads(value string) bool {
	number := strings.TrimLeft(value, " \t\n\v\f\r")
	var err error
	switch k {
	case truth:
		return value == "true" || value == "false"
	case int32s:
		_, err = strconv.ParseInt(number, 10, 32)
	case int64s:
		_, err = strconv.ParseInt(number, 10, 64)
	case float:
		_, err = strconv.ParseFloat(number, 32)
	}
	return err == nil
}

func (f flags) text(name string) string { return f.values[name] }

func (f flags) truth(name string) bool { return f.values[name] == "true" }

func (f flags) number(name string) int64 {
	value, _ := strconv.ParseInt(strings.TrimSpace(f.values[name]), 10, 64)
	return value
}

func printUsage(w io.Writer) {
	fmt.Fprintln(w, "usage: tensorflow_model_server\nFlags:")
	for _, name := range slices.Sorted(maps.Keys(known)) {
		fmt.Fprintf(w, "\t--%s=%s\n", name, known[name].value)
	}
}
