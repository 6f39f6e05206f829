package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// configured reads a command line in which FILE stands for a file with this content.
func configured(t *testing.T, content string, arguments ...string) (*configuration, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	for i := range arguments {
		arguments[i] = strings.ReplaceAll(arguments[i], "FILE", path)
	}
	flags, err := parseFlags(arguments)
	if err != nil {
		t.Fatal(err)
	}
	return configure(flags)
}

const base = "--model_base_path=/models/demo"

func TestModelList(t *testing.T) {
	c, err := configured(t, `
model_config_list {
  config {
    name: "ranker"
    base_path: "gs://bucket/ranker"
    model_platform: "tensorflow"
    model_version_policy { specific { versions: 42 versions: 9007199254740993 } }
    version_labels { key: "stable" value: 42 }
  }
  config { name: "tagger" base_path: "/m/t\303\251" model_platform: "tensorflow" model_version_policy { latest { num_versions: 2 } } }
  config { name: "all" base_path: "/m/all" model_platform: "tensorflow" model_version_policy { all { } } }
  config { name: "newest" base_path: "/m/newest" model_platform: "tensorflow" }
}`, "--model_config_file=FILE")
	if err != nil {
		t.Fatal(err)
	}
	ranker := c.models[0]
	if ranker.Policy != "specific" || ranker.Versions[1] != 9007199254740993 || ranker.Labels["stable"] != 42 {
		t.Error(ranker)
	}
	if tagger := c.models[1]; tagger.BasePath != "/m/té" || tagger.Policy != "latest" || tagger.Count != 2 {
		t.Error(tagger)
	}
	if c.models[2].Policy != "all" || c.models[3].Count != 1 {
		t.Error(c.models)
	}
	if err := c.checkLabels(); err == nil {
		t.Error("labels need a flag")
	}
	c.values["allow_version_labels_for_unavailable_models"] = "true"
	if err := c.checkLabels(); err != nil {
		t.Error(err)
	}
}

func TestWhatEndsTheServer(t *testing.T) {
	list := func(config string) string { return "model_config_list { config { " + config + " } }" }
	fine := `name: "a" base_path: "/a" model_platform: "tensorflow"`
	for name, one := range map[string]struct {
		content   string
		arguments []string
	}{
		"no model":                     {"", nil},
		"a relative path":              {"", []string{"--model_base_path=models"}},
		"a missing list":               {"", []string{"--model_config_file=FILE-elsewhere"}},
		"no list in the file":          {"", []string{"--model_config_file=FILE"}},
		"a list of JSON":               {`{"model_config_list": {}}`, []string{"--model_config_file=FILE"}},
		"an unknown field":             {list(fine + ` version: 1`), []string{"--model_config_file=FILE"}},
		"labels in JSON":               {list(fine + ` version_labels { "a": 1 }`), []string{"--model_config_file=FILE"}},
		"two policies":                 {list(fine + ` model_version_policy { all { } latest { } }`), []string{"--model_config_file=FILE"}},
		"no platform":                  {list(`name: "a" base_path: "/a"`), []string{"--model_config_file=FILE"}},
		"another platform":             {list(`name: "a" base_path: "/a" model_platform: "onnx"`), []string{"--model_config_file=FILE"}},
		"logging":                      {list(fine + ` logging_config { }`), []string{"--model_config_file=FILE"}},
		"a relative path in the list":  {list(`name: "a" base_path: "a" model_platform: "tensorflow"`), []string{"--model_config_file=FILE"}},
		"one name twice":               {list(fine) + list(fine), []string{"--model_config_file=FILE"}},
		"batching that is not on":      {"", []string{base, "--batching_parameters_file=FILE"}},
		"a batching field unwrapped":   {"max_batch_size: 1", []string{base, "--enable_batching", "--batching_parameters_file=FILE"}},
		"no batch threads":             {"num_batch_threads { value: 0 }", []string{base, "--enable_batching", "--batching_parameters_file=FILE"}},
		"splitting without a size":     {"enable_large_batch_splitting { value: true }", []string{base, "--enable_batching", "--batching_parameters_file=FILE"}},
		"all three parallelisms":       {"", []string{base, "--tensorflow_session_parallelism=1", "--tensorflow_intra_op_parallelism=1", "--tensorflow_inter_op_parallelism=1"}},
		"a bad session configuration":  {"threads: 1", []string{base, "--tensorflow_session_config_file=FILE"}},
		"a bad TLS configuration":      {"server_key: \"a\nb\"", []string{base, "--ssl_config_file=FILE"}},
		"TLS and ALTS":                 {"", []string{base, "--ssl_config_file=FILE", "--use_alts_credentials"}},
		"no way to gRPC":               {"", []string{base, "--port=0"}},
		"a channel argument without =": {"", []string{base, "--grpc_channel_arguments=a=1,b"}},
		"a factory of threads":         {"", []string{base, "--thread_pool_factory_config_file=FILE"}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := configured(t, one.content, one.arguments...); err == nil {
				t.Error("was taken")
			}
		})
	}
}

func TestWhatTheServerTakes(t *testing.T) {
	for name, one := range map[string]struct {
		content   string
		arguments []string
	}{
		"an empty list":                {"model_config_list { }", []string{"--model_config_file=FILE"}},
		"two of three parallelisms":    {"", []string{base, "--tensorflow_session_parallelism=1", "--tensorflow_intra_op_parallelism=1"}},
		"a session configuration":      {"gpu_options { allow_growth: true }", []string{base, "--tensorflow_session_config_file=FILE"}},
		"batching without a file":      {"", []string{base, "--enable_batching"}},
		"a bad file of the metrics":    {"nonsense", []string{base, "--monitoring_config_file=FILE"}},
		"a socket instead of a port":   {"", []string{base, "--port=0", "--grpc_socket_path=/tmp/s"}},
		"a platform in batching's way": {"", []string{base, "--platform_config_file=FILE", "--batching_parameters_file=FILE"}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := configured(t, one.content, one.arguments...); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAllowedSizes(t *testing.T) {
	for content, fine := range map[string]bool{
		"": true,
		"max_batch_size { value: 8 } allowed_batch_sizes: 2 allowed_batch_sizes: 8": true,
		"allowed_batch_sizes: 1000":                                                 true,
		"max_batch_size { value: 8 } allowed_batch_sizes: 2":                        false,
		"max_batch_size { value: 8 } allowed_batch_sizes: 8 allowed_batch_sizes: 8": false,
		"allowed_batch_sizes: 8":                                                    false,
	} {
		read, err := parse(content, "tensorflow.serving.BatchingParameters")
		if err != nil {
			t.Fatal(err)
		}
		if err := checkSizes(read); (err == nil) != fine {
			t.Errorf("%s: %v", content, err)
		}
	}
}

func TestMetricsPath(t *testing.T) {
	for content, expected := range map[string]string{
		"prometheus_config { enable: true path: \"/m\" }": "/m",
		"prometheus_config { enable: true }":              "/monitoring/prometheus/metrics",
		"prometheus_config { path: \"/m\" }":              "",
		"prometheus: true":                                "error",
	} {
		c, err := configured(t, content, base, "--monitoring_config_file=FILE")
		if err != nil {
			t.Fatal(err)
		}
		path, err := c.metricsPath()
		if (err != nil) != (expected == "error") || (err == nil && path != expected) {
			t.Errorf("%s: %q %v", content, path, err)
		}
	}
}
