package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
)

// route is what REST knows of models: a name, a version or a label where there is one, and what is wanted.
var route = regexp.MustCompile(`^/v1/models(?:/([^/:]+)(?:/versions/(\d+)|/labels/([^/:]+))?(?:/(metadata)|:(predict|classify|regress))?)?$`)

// refusal is an answer of the server that says why there is no other.
type refusal struct {
	code int
	text string
}

func (s *server) rest(w http.ResponseWriter, r *http.Request) {
	if s.number("rest_api_num_threads") < 2 {
		// the event loop has the only thread
		<-r.Context().Done()
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Served-By", s.host)
	if r.Method == "POST" && r.URL.Path == "/crash" {
		// what a kill of the process does to its connections, which only the node itself could send
		os.Exit(137)
	}
	if r.Method == "GET" && r.URL.Path == s.metrics {
		for _, name := range s.names() {
			fmt.Fprintf(w, ":tensorflow:serving:request_count{model_name=%q,status=\"OK\"} %d\n", name, s.requests.Load())
		}
		return
	}
	if refused := s.answer(w, r); refused != nil {
		w.WriteHeader(refused.code)
		json.NewEncoder(w).Encode(map[string]string{"error": refused.text})
	}
}

func (s *server) answer(w http.ResponseWriter, r *http.Request) *refusal {
	parts := route.FindStringSubmatch(r.URL.EscapedPath())
	if parts == nil || (r.Method == "POST") != (parts[5] != "") {
		return &refusal{http.StatusBadRequest, fmt.Sprintf("Malformed request: %s %s", r.Method, r.URL.Path)}
	}
	name, _ := url.PathUnescape(parts[1])
	if name == "" {
		return &refusal{http.StatusBadRequest, "Missing model name in request."}
	}
	number, refused := s.asked(name, parts[2], parts[3])
	if refused != nil {
		return refused
	}
	if parts[4] == "" && parts[5] == "" {
		return s.status(w, name, number)
	}
	served, found := s.serving(name, number)
	if !found {
		return &refusal{http.StatusNotFound, fmt.Sprintf("Servable not found for request: %s", r.URL.Path)}
	}
	w.Header().Set("Served-Version", strconv.FormatInt(served, 10))
	if parts[5] == "" {
		fmt.Fprintf(w, `{"model_spec":{"name":%q,"version":"%d"},"metadata":{}}`, name, served)
		return nil
	}
	io.Copy(io.Discard, r.Body)
	s.work()
	fmt.Fprintf(w, `{"predictions":[%q]}`, s.host)
	return nil
}

// asked is the number that a version or a label stands for, or -1 where a request names neither.
func (s *server) asked(name, number, label string) (int64, *refusal) {
	if number != "" {
		parsed, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, &refusal{http.StatusBadRequest, "Failed to convert version: " + number}
		}
		return parsed, nil
	}
	if label == "" {
		return -1, nil
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if model := s.models[name]; model != nil {
		if labelled, there := model.config.Labels[label]; there {
			return labelled, nil
		}
	}
	return 0, &refusal{http.StatusBadRequest, "Unrecognized servable version label: " + label}
}

// serving is the version that answers: the one that was asked for, or the largest that serves.
func (s *server) serving(name string, number int64) (int64, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	model := s.models[name]
	if model == nil {
		return 0, false
	}
	for _, one := range descending(model.versions) {
		if model.versions[one].state == available && (number < 0 || number == one) {
			return one, true
		}
	}
	return 0, false
}

// status lists the versions that the server has seen, the largest first, whether they serve or not.
func (s *server) status(w http.ResponseWriter, name string, number int64) *refusal {
	type state struct {
		Version string            `json:"version"`
		State   string            `json:"state"`
		Status  map[string]string `json:"status"`
	}
	states := []state{}
	s.mutex.Lock()
	if model := s.models[name]; model != nil {
		for _, one := range descending(model.versions) {
			if number >= 0 && number != one {
				continue
			}
			version := model.versions[one]
			status := map[string]string{"error_code": "OK", "error_message": ""}
			if version.err != nil {
				status = map[string]string{"error_code": "UNKNOWN", "error_message": version.err.Error()}
			}
			states = append(states, state{strconv.FormatInt(one, 10), version.state, status})
		}
	}
	s.mutex.Unlock()
	if len(states) == 0 {
		return &refusal{http.StatusNotFound, fmt.Sprintf("Could not find any versions of model %s", name)}
	}
	json.NewEncoder(w).Encode(map[string][]state{"model_version_status": states})
	return nil
}
