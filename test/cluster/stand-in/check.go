package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// check says what the server understood of a command line, and fails on whatever would stop it, keep it from answering or
// be ignored. It opens nothing but the files that the command line names.
func check(c *configuration) error {
	if len(c.unknown) > 0 {
		return fmt.Errorf("unknown arguments: %q", c.unknown)
	}
	if err := c.checkLabels(); err != nil {
		return err
	}
	if c.batching != nil {
		if err := checkSizes(*c.batching); err != nil {
			return err
		}
	}
	if c.tls != nil {
		if _, err := credentials(*c.tls); err != nil {
			return err
		}
	}
	path, err := c.metricsPath()
	if err != nil {
		return err
	}
	if c.number("rest_api_port") == c.number("port") || c.number("rest_api_num_threads") < 2 || c.number("grpc_max_threads") < 2 {
		return fmt.Errorf("a port would never answer")
	}
	understood := map[string]any{"flags": c.values, "models": c.models, "metrics": path}
	return json.NewEncoder(os.Stdout).Encode(understood)
}
