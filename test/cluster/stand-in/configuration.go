package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// configuration is what a command line and the files that it names mean.
type configuration struct {
	flags
	models []modelConfig
	// batching is nil where requests are not put together.
	batching *message
	tls      *message
}

// modelConfig is a model that the server is told to serve.
type modelConfig struct {
	Name     string           `json:"name"`
	BasePath string           `json:"basePath"`
	Policy   string           `json:"policy"`
	Count    int              `json:"count,omitempty"`
	Versions []int64          `json:"versions,omitempty"`
	Labels   map[string]int64 `json:"labels,omitempty"`
}

// configure reads what the server reads before it loads a model, and fails where it would end.
func configure(flags flags) (*configuration, error) {
	c := &configuration{flags: flags}
	if c.truth("use_alts_credentials") && c.text("ssl_config_file") != "" {
		return nil, errors.New("use_alts_credentials and ssl_config_file exclude each other")
	}
	if c.number("port") == 0 && c.text("grpc_socket_path") == "" {
		return nil, errors.New("at least one of port and grpc_socket_path must be set")
	}
	if c.text("thread_pool_factory_config_file") != "" {
		return nil, errors.New("no thread pool factory is registered")
	}
	if err := c.readSession(); err != nil {
		return nil, err
	}
	var err error
	if c.models, err = c.readModels(); err != nil {
		return nil, err
	}
	if path := c.text("ssl_config_file"); path != "" {
		read, err := readFile(path, "tensorflow.serving.SSLConfig")
		if err != nil {
			return nil, err
		}
		c.tls = &read
	}
	for item := range strings.SplitSeq(c.text("grpc_channel_arguments"), ",") {
		if item != "" && !strings.Contains(item, "=") {
			return nil, fmt.Errorf("the server crashes on the channel argument %q", item)
		}
	}
	return c, nil
}

// readSession reads what sessions are made with, of which a platform configuration takes the place.
func (c *configuration) readSession() error {
	if path := c.text("platform_config_file"); path != "" {
		// its content is of types that are not known here
		return nil
	}
	if c.number("tensorflow_session_parallelism") > 0 && c.number("tensorflow_intra_op_parallelism") > 0 && c.number("tensorflow_inter_op_parallelism") > 0 {
		return errors.New("tensorflow_session_parallelism cannot be set with both tensorflow_intra_op_parallelism and tensorflow_inter_op_parallelism")
	}
	path := c.text("batching_parameters_file")
	if !c.truth("enable_batching") && path != "" {
		return errors.New("batching_parameters_file is set without enable_batching")
	}
	if c.truth("enable_batching") {
		read, err := parse("", "tensorflow.serving.BatchingParameters")
		if path != "" {
			read, err = readFile(path, "tensorflow.serving.BatchingParameters")
		}
		if err != nil {
			return err
		}
		if err := checkScheduler(read); err != nil {
			return err
		}
		c.batching = &read
	}
	if path := c.text("tensorflow_session_config_file"); path != "" {
		if _, err := readFile(path, "tensorflow.ConfigProto"); err != nil {
			return err
		}
	}
	return nil
}

// checkScheduler refuses what the scheduler of batches refuses.
func checkScheduler(batching message) error {
	splits := batching.has("enable_large_batch_splitting") && batching.at("enable_large_batch_splitting").truth("value")
	most := batching.number("max_batch_size", 1000)
	switch {
	case most < 1:
		return errors.New("max_batch_size must be at least 1")
	case batching.number("batch_timeout_micros", 0) < 0:
		return errors.New("batch_timeout_micros must be at least 0")
	case batching.number("num_batch_threads", 1) < 1:
		return errors.New("num_batch_threads must be at least 1")
	case batching.number("max_enqueued_batches", 10) < 0, splits && batching.number("max_enqueued_batches", 10) == 0:
		return errors.New("max_enqueued_batches is too small")
	case splits && !batching.has("max_batch_size"):
		return errors.New("max_batch_size must be set where batches are split")
	case splits && batching.number("max_execution_batch_size", most) > most:
		return errors.New("max_batch_size must be at least max_execution_batch_size")
	}
	return nil
}

// checkSizes refuses allowed sizes with which no version loads.
func checkSizes(batching message) error {
	sizes := batching.list("allowed_batch_sizes")
	for i := 1; i < sizes.Len(); i++ {
		if sizes.Get(i).Int() <= sizes.Get(i-1).Int() {
			return errors.New("allowed_batch_sizes entries must be monotonically increasing")
		}
	}
	if n := sizes.Len(); n > 0 && sizes.Get(n-1).Int() != batching.number("max_batch_size", 1000) {
		return errors.New("last entry in allowed_batch_sizes must match max_batch_size")
	}
	return nil
}

// readModels reads which models are served, from the flags or from the file that takes their place.
func (c *configuration) readModels() ([]modelConfig, error) {
	path := c.text("model_config_file")
	models := []modelConfig{{Name: c.text("model_name"), BasePath: c.text("model_base_path"), Policy: "latest", Count: 1}}
	if path != "" {
		read, err := readFile(path, "tensorflow.serving.ModelServerConfig")
		if err != nil {
			return nil, err
		}
		if models, err = listed(read); err != nil {
			return nil, err
		}
	} else if c.text("model_base_path") == "" {
		return nil, errors.New("both server_options.model_base_path and server_options.model_config_file are empty")
	}
	names := map[string]bool{}
	for _, model := range models {
		if names[model.Name] {
			return nil, fmt.Errorf("illegal to list model %s multiple times in config list", model.Name)
		}
		names[model.Name] = true
		if !strings.HasPrefix(model.BasePath, "/") && !strings.Contains(model.BasePath, "://") {
			return nil, fmt.Errorf("expected model %s to have an absolute path or URI; got base_path()=%s", model.Name, model.BasePath)
		}
	}
	return models, nil
}

func listed(config message) ([]modelConfig, error) {
	if config.has("custom_model_config") || !config.has("model_config_list") {
		return nil, errors.New("the server has no use for another config than model_config_list")
	}
	configs := config.at("model_config_list").list("config")
	models := []modelConfig{}
	for i := range configs.Len() {
		one := message{configs.Get(i).Message()}
		model := modelConfig{Name: one.text("name"), BasePath: one.text("base_path"), Policy: "latest", Count: 1, Labels: map[string]int64{}}
		if platform := one.text("model_platform"); platform != "tensorflow" {
			return nil, fmt.Errorf("model %s has the platform %q, which the server does not have", model.Name, platform)
		}
		if one.has("logging_config") {
			return nil, errors.New("no request-logger-creator provided")
		}
		one.Get(one.field("version_labels")).Map().Range(func(label protoreflect.MapKey, version protoreflect.Value) bool {
			model.Labels[label.String()] = version.Int()
			return true
		})
		policy := one.at("model_version_policy")
		switch {
		case policy.has("all"):
			model.Policy, model.Count = "all", 0
		case policy.has("specific"):
			model.Policy, model.Count = "specific", 0
			versions := policy.at("specific").list("versions")
			for i := range versions.Len() {
				model.Versions = append(model.Versions, versions.Get(i).Int())
			}
		case policy.has("latest"):
			latest := policy.at("latest")
			model.Count = max(1, int(latest.Get(latest.field("num_versions")).Uint()))
		}
		models = append(models, model)
	}
	return models, nil
}

// checkLabels refuses labels of a server that starts, unless a flag says that their versions may come later.
func (c *configuration) checkLabels() error {
	for _, model := range c.models {
		if len(model.Labels) > 0 && !c.truth("allow_version_labels_for_unavailable_models") {
			return fmt.Errorf("request to assign a label to a version of model %s that is not currently available for inference", model.Name)
		}
	}
	return nil
}

// metricsPath is where metrics are, or nothing where they are off.
func (c *configuration) metricsPath() (string, error) {
	path := c.text("monitoring_config_file")
	if path == "" {
		return "", nil
	}
	read, err := readFile(path, "tensorflow.serving.MonitoringConfig")
	if err != nil {
		return "", err
	}
	prometheus := read.at("prometheus_config")
	if !prometheus.truth("enable") {
		return "", nil
	}
	if own := prometheus.text("path"); own != "" {
		return own, nil
	}
	return "/monitoring/prometheus/metrics", nil
}

// channelArgument is a number among the comma-separated arguments of the gRPC channel, or 0.
func (c *configuration) channelArgument(key string) int {
	for item := range strings.SplitSeq(c.text("grpc_channel_arguments"), ",") {
		if name, value, found := strings.Cut(item, "="); found && name == key {
			parsed, _ := strconv.Atoi(value)
			return parsed
		}
	}
	return 0
}
