package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// place makes versions of a model under a folder, each with these files.
func place(t *testing.T, folder string, versions string, files ...string) {
	t.Helper()
	if len(files) == 0 {
		files = []string{"saved_model.pb"}
	}
	for version := range strings.FieldsSeq(versions) {
		for _, file := range files {
			path := filepath.Join(folder, version, file)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// list is a file of models, written as NAME PATH REST of a config.
func list(t *testing.T, configs ...[3]string) string {
	t.Helper()
	var text strings.Builder
	for _, config := range configs {
		fmt.Fprintf(&text, "config { name: %q base_path: %q model_platform: \"tensorflow\" %s }\n", config[0], config[1], config[2])
	}
	path := filepath.Join(t.TempDir(), "models")
	if err := os.WriteFile(path, []byte("model_config_list {\n"+text.String()+"}"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

type outcome struct {
	server *server
	err    error
}

// started is a server that loads, in the background.
func started(t *testing.T, arguments ...string) <-chan outcome {
	t.Helper()
	flags, err := parseFlags(append([]string{"--load_retry_interval_micros=1000", "--max_num_load_retries=1"}, arguments...))
	if err != nil {
		t.Fatal(err)
	}
	c, err := configure(flags)
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan outcome, 1)
	go func() {
		s, err := newServer(c)
		result <- outcome{s, err}
	}()
	return result
}

func running(t *testing.T, arguments ...string) *server {
	t.Helper()
	select {
	case result := <-started(t, arguments...):
		if result.err != nil {
			t.Fatal(result.err)
		}
		return result.server
	case <-time.After(10 * time.Second):
		t.Fatal("the server does not start")
		return nil
	}
}

func waits(t *testing.T, result <-chan outcome) {
	t.Helper()
	select {
	case one := <-result:
		t.Fatal("the server did not wait:", one.err)
	case <-time.After(1500 * time.Millisecond):
	}
}

// ask is the code and the body of an answer of REST.
func (s *server) ask(method, path string) (int, string) {
	recorder := httptest.NewRecorder()
	s.rest(recorder, httptest.NewRequest(method, path, nil))
	return recorder.Code, recorder.Body.String()
}

func expect(t *testing.T, s *server, code int, requests ...string) {
	t.Helper()
	for _, request := range requests {
		method, path, _ := strings.Cut(request, " ")
		if got, body := s.ask(method, path); got != code {
			t.Errorf("%s: %d %s", request, got, body)
		}
	}
}

func eventually(t *testing.T, what string, happens func() bool) {
	t.Helper()
	for range 400 {
		if happens() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("never: " + what)
}

func TestPaths(t *testing.T) {
	folder := t.TempDir()
	place(t, folder+"/a", "1 2 00005 other")
	place(t, folder+"/b", "7")
	models := list(t,
		[3]string{"a", folder + "/a", `model_version_policy { specific { versions: 1 versions: 5 versions: 9 } } version_labels { key: "stable" value: 1 } version_labels { key: "gone" value: 9 }`},
		[3]string{"b", folder + "/b", ""})
	s := running(t, "--model_config_file="+models, "--allow_version_labels_for_unavailable_models=true", "--file_system_poll_wait_seconds=0")
	eventually(t, "both versions serve", func() bool {
		_, first := s.serving("a", 1)
		_, fifth := s.serving("a", 5)
		return first && fifth
	})
	expect(t, s, 200, "GET /v1/models/a", "GET /v1/models/a/metadata", "GET /v1/models/a/versions/1/metadata", "GET /v1/models/a/versions/5",
		"GET /v1/models/a/labels/stable/metadata", "GET /v1/models/b/versions/7", "GET /v1/models/%62/metadata",
		"POST /v1/models/a:predict", "POST /v1/models/a/labels/stable:predict", "POST /v1/models/b/versions/7:predict")
	expect(t, s, 404, "GET /v1/models/c", "GET /v1/models/c/metadata", "GET /v1/models/a/versions/2", "GET /v1/models/a/versions/2/metadata",
		"GET /v1/models/a/labels/gone/metadata", "POST /v1/models/a/versions/9:predict")
	expect(t, s, 400, "GET /v1/models", "GET /v1/models/a/labels/other/metadata", "GET /v1/models/a:predict", "POST /v1/models/a", "GET /",
		"GET /v1/models/a/versions/x", "GET /monitoring/prometheus/metrics")
	if _, body := s.ask("GET", "/v1/models/a/labels/stable/metadata"); !strings.Contains(body, `"version":"1"`) {
		t.Error(body)
	}
	if _, body := s.ask("GET", "/v1/models/a/metadata"); !strings.Contains(body, `"version":"5"`) {
		t.Error(body)
	}
}

func TestLabelsNeedTheirFlag(t *testing.T) {
	folder := t.TempDir()
	place(t, folder, "1")
	models := list(t, [3]string{"a", folder, `version_labels { key: "stable" value: 1 }`})
	if result := <-started(t, "--model_config_file="+models); result.err == nil {
		t.Error("the server started")
	}
}

func TestVersionPolicies(t *testing.T) {
	folder := t.TempDir()
	place(t, folder, "1 2 3")
	for policy, expected := range map[string][]int64{
		"":                           {3},
		"latest { }":                 {3},
		"latest { num_versions: 2 }": {3, 2},
		"latest { num_versions: 9 }": {3, 2, 1},
		"all { }":                    {3, 2, 1},
		"specific { versions: 2 }":   {2},
	} {
		if policy != "" {
			policy = "model_version_policy { " + policy + " }"
		}
		s := running(t, "--model_config_file="+list(t, [3]string{"a", folder, policy}), "--file_system_poll_wait_seconds=0")
		s.mutex.Lock()
		if seen := descending(s.models["a"].versions); fmt.Sprint(seen) != fmt.Sprint(expected) {
			t.Errorf("%s: %v", policy, seen)
		}
		s.mutex.Unlock()
	}
}

func TestOneMissingPathStopsAll(t *testing.T) {
	folder := t.TempDir()
	place(t, folder+"/a", "1")
	result := started(t, "--model_config_file="+list(t, [3]string{"a", folder + "/a", ""}, [3]string{"b", folder + "/b", ""}))
	waits(t, result)
	place(t, folder+"/b", "1")
	select {
	case one := <-result:
		if one.err != nil {
			t.Fatal(one.err)
		}
		expect(t, one.server, 200, "GET /v1/models/a/metadata", "GET /v1/models/b/metadata")
	case <-time.After(10 * time.Second):
		t.Fatal("the server waits on")
	}
}

func TestPolling(t *testing.T) {
	for _, poll := range []string{"0", "-1"} {
		folder := t.TempDir()
		result := started(t, "--model_base_path="+folder+"/a", "--file_system_poll_wait_seconds="+poll)
		time.Sleep(200 * time.Millisecond)
		place(t, folder+"/a", "1")
		waits(t, result)
	}
}

func TestVersionsComeAndGo(t *testing.T) {
	folder := t.TempDir()
	place(t, folder, "1")
	s := running(t, "--model_base_path="+folder, "--model_name=a")
	place(t, folder, "2", "fails")
	eventually(t, "2 has failed", func() bool {
		_, body := s.ask("GET", "/v1/models/a/versions/2")
		return strings.Contains(body, `"state":"END"`) && strings.Contains(body, "broken")
	})
	expect(t, s, 200, "GET /v1/models/a/metadata", "GET /v1/models/a/versions/1/metadata")
	expect(t, s, 404, "GET /v1/models/a/versions/2/metadata")
	place(t, folder, "3")
	eventually(t, "3 has taken the place of 1", func() bool {
		_, third := s.serving("a", 3)
		_, first := s.serving("a", 1)
		return third && !first
	})
	for _, version := range []string{"1", "2", "3"} {
		if err := os.RemoveAll(filepath.Join(folder, version)); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "nothing is served", func() bool { _, any := s.serving("a", -1); return !any })
	expect(t, s, 200, "GET /v1/models/a")
	expect(t, s, 404, "GET /v1/models/a/metadata", "POST /v1/models/a:predict")
}

func TestWhatDoesNotLoadEndsTheStart(t *testing.T) {
	batching := filepath.Join(t.TempDir(), "batching")
	if err := os.WriteFile(batching, []byte("max_batch_size { value: 8 } allowed_batch_sizes: 4"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, one := range map[string]struct {
		file      string
		arguments []string
	}{
		"a broken model":     {"fails", nil},
		"no model":           {"other", nil},
		"batches that clash": {"saved_model.pb", []string{"--enable_batching=true", "--batching_parameters_file=" + batching}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			place(t, folder, "1", one.file)
			select {
			case result := <-started(t, append(one.arguments, "--model_base_path="+folder)...):
				if result.err == nil {
					t.Error("the server started")
				}
			case <-time.After(10 * time.Second):
				t.Error("the server waits")
			}
		})
	}
}

func TestReload(t *testing.T) {
	folder := t.TempDir()
	place(t, folder+"/a", "1 2")
	place(t, folder+"/b", "1")
	both := `model_version_policy { all { } } version_labels { key: "stable" value: %d }`
	models := list(t, [3]string{"a", folder + "/a", fmt.Sprintf(both, 1)})
	s := running(t, "--model_config_file="+models, "--allow_version_labels_for_unavailable_models", "--model_config_file_poll_wait_seconds=1")
	replace := func(configs ...[3]string) {
		if err := os.Rename(list(t, configs...), models); err != nil {
			t.Fatal(err)
		}
	}
	labelled := func() int64 { number, _ := s.asked("a", "", "stable"); return number }
	replace([3]string{"a", folder + "/a", fmt.Sprintf(both, 2)}, [3]string{"b", folder + "/b", ""})
	eventually(t, "the label has moved", func() bool { return labelled() == 2 })
	eventually(t, "b is served", func() bool { _, found := s.serving("b", 1); return found })
	replace([3]string{"a", folder + "/a", fmt.Sprintf(both, 9)})
	time.Sleep(1500 * time.Millisecond)
	if labelled() != 2 {
		t.Error("a label has moved to a version that does not serve")
	}
	replace([3]string{"a", folder + "/a", ""})
	eventually(t, "b is gone", func() bool { _, found := s.serving("b", 1); return !found })
	expect(t, s, 404, "GET /v1/models/b")
}

func answers(address string) bool {
	connection, err := net.Dial("tcp", address)
	if err == nil {
		connection.Close()
	}
	return err == nil
}

// free is a port that nobody has.
func free(t *testing.T) int {
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func TestWithoutRestGrpcLivesOn(t *testing.T) {
	folder := t.TempDir()
	place(t, folder, "1")
	taken, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, one := range map[string]struct {
		rest       int
		monitoring string
		opens      bool
	}{
		"no metrics":                  {free(t), "", true},
		"a file that is not there":    {free(t), "/nowhere", false},
		"a port that another one has": {taken.Addr().(*net.TCPAddr).Port, "", false},
		"the port of gRPC":            {0, "/nowhere", false},
	} {
		grpc := free(t)
		if name == "the port of gRPC" {
			one.rest = grpc
		}
		s := running(t, "--model_base_path="+folder, fmt.Sprintf("--port=%d", grpc), fmt.Sprintf("--rest_api_port=%d", one.rest), "--monitoring_config_file="+one.monitoring)
		go s.open()
		eventually(t, name+": gRPC is open", func() bool { return answers(fmt.Sprintf(":%d", grpc)) })
		get := func() bool {
			response, err := (&http.Client{Timeout: 200 * time.Millisecond}).Get(fmt.Sprintf("http://localhost:%d/v1/models/default/metadata", one.rest))
			return err == nil && response.StatusCode == 200
		}
		if one.opens {
			eventually(t, name+": REST answers", get)
		} else if time.Sleep(100 * time.Millisecond); get() {
			t.Error(name, "opened REST")
		}
	}
}

func TestOneThreadNeverAnswers(t *testing.T) {
	folder := t.TempDir()
	place(t, folder, "1")
	s := running(t, "--model_base_path="+folder, "--rest_api_num_threads=1")
	web := httptest.NewServer(http.HandlerFunc(s.rest))
	defer web.Close()
	client := http.Client{Timeout: 300 * time.Millisecond}
	if response, err := client.Get(web.URL + "/v1/models/default"); err == nil {
		t.Error("answered", response.Status)
	}
}
