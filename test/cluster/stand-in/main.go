// Package main stands in for tensorflow_model_server, for a gateway in front of it, for who publishes a model, and for
// clients under load, in the stories that the cluster tests tell. It behaves as the server is known to: it reads flags and
// files as strictly, ports open only after all models are loaded, and SIGTERM has no handler. With STAND_IN_CHECK set it
// only says what it understood, and fails on what the server would ignore.
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
