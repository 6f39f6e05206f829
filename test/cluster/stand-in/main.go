// Package main stands in for tensorflow_model_server, for a gateway in front of it, for who publishes a model, and for clients under load, in the
// stories that the cluster tests tell. It behaves as the server is known to: ports open only after the model is loaded,
// SIGTERM has no handler, flags that it does not know are ignored, and the last one wins.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

func main() {
	var err error
	switch name := filepath.Base(os.Args[0]); name {
	case "tensorflow_model_server":
		err = serve(os.Args[1:])
	case "gateway":
		err = gateway()
	case "publish":
		err = publish(os.Args[1:])
	case "sleep":
		var seconds int
		seconds, err = strconv.Atoi(os.Args[1])
		time.Sleep(time.Duration(seconds) * time.Second)
	case "load":
		err = put(os.Args[1:])
	default:
		err = fmt.Errorf("no program of this name: %s", name)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(255)
	}
}
