package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"
)

// The states of a version, as the server calls them.
const (
	start     = "START"
	loading   = "LOADING"
	available = "AVAILABLE"
	end       = "END"
)

// version is one of a model that the server has once seen.
type version struct {
	state string
	err   error
	// wanted says whether it was there when the server last looked.
	wanted bool
}

// model is what a server knows of a model.
type model struct {
	config   modelConfig
	versions map[int64]*version
}

// manager loads and unloads versions of models.
type manager struct {
	*configuration
	mutex   sync.Mutex
	changed *sync.Cond
	order   []string
	models  map[string]*model
	// slots are the loads that may run at once.
	slots chan struct{}
}

func newManager(c *configuration) *manager {
	m := &manager{configuration: c, models: map[string]*model{}, slots: make(chan struct{}, 4*runtime.NumCPU())}
	m.changed = sync.NewCond(&m.mutex)
	m.configured(c.models)
	return m
}

// start returns once every model has a version that serves, and fails where the first one to come to an end of its loading
// has failed. It waits for ever where there is nothing to load.
func (m *manager) start() error {
	go m.poll()
	if err := m.wait(m.order); err != nil {
		return err
	}
	m.mutex.Lock()
	m.slots = make(chan struct{}, max(1, m.number("num_load_threads")))
	m.mutex.Unlock()
	return nil
}

// poll looks for versions as often as the server is told to: never, once, or for ever.
func (m *manager) poll() {
	wait := m.number("file_system_poll_wait_seconds")
	for wait >= 0 {
		m.look()
		if wait == 0 {
			return
		}
		time.Sleep(time.Duration(wait) * time.Second)
	}
}

// look lists the versions of all models, and changes nothing where one of them cannot be listed.
func (m *manager) look() {
	m.mutex.Lock()
	configs := []modelConfig{}
	for _, name := range m.order {
		configs = append(configs, m.models[name].config)
	}
	m.mutex.Unlock()
	found := map[string]map[int64]string{}
	for _, config := range configs {
		versions, err := config.versionsUnder()
		if err != nil {
			fmt.Printf("FileSystemStoragePathSource encountered a filesystem access error: Could not find base path %s for servable %s with error %v\n", config.BasePath, config.Name, err)
			return
		}
		if len(versions) == 0 {
			fmt.Printf("No versions of servable %s found under base path %s\n", config.Name, config.BasePath)
		}
		found[config.Name] = versions
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for name, versions := range found {
		if model := m.models[name]; model != nil {
			m.want(model, versions)
		}
	}
}

// want begins to load versions that are new, and to unload those that are gone.
func (m *manager) want(model *model, found map[int64]string) {
	for number, known := range model.versions {
		if _, there := found[number]; !there {
			known.wanted = false
		}
	}
	for _, number := range descending(found) {
		known := model.versions[number]
		if known != nil && known.wanted {
			continue
		}
		if known != nil && known.state != end {
			known.wanted = true
			continue
		}
		model.versions[number] = &version{state: start, wanted: true}
		go m.load(model, number, found[number])
	}
	m.settle(model)
}

// settle unloads versions that nobody wants, but keeps them for as long as none of those that are wanted serves.
func (m *manager) settle(model *model) {
	wanted, serving := 0, 0
	for _, version := range model.versions {
		if version.wanted {
			wanted++
			if version.state == available {
				serving++
			}
		}
	}
	for number, version := range model.versions {
		if !version.wanted && version.state == available && (serving > 0 || wanted == 0) {
			version.state = end
			fmt.Printf("Unloaded servable version {name: %s version: %d}\n", model.config.Name, number)
		}
	}
	m.changed.Broadcast()
}

// load loads a version, with as many tries as the server has.
func (m *manager) load(model *model, number int64, directory string) {
	m.mutex.Lock()
	slots := m.slots
	m.mutex.Unlock()
	slots <- struct{}{}
	defer func() { <-slots }()
	m.become(model, number, loading, nil)
	tries := max(0, m.number("max_num_load_retries")) + 1
	var err error
	for try := int64(1); try <= tries; try++ {
		if err = m.loadOnce(directory); err == nil {
			fmt.Printf("Successfully loaded servable version {name: %s version: %d}\n", model.config.Name, number)
			m.become(model, number, available, nil)
			return
		}
		fmt.Printf("Loading servable %s failed, try %d of %d: %v\n", model.config.Name, try, tries, err)
		if try < tries {
			time.Sleep(time.Duration(m.number("load_retry_interval_micros")) * time.Microsecond)
		}
	}
	m.become(model, number, end, err)
}

// loadOnce takes its time. A version that holds a file `fails` cannot be loaded.
func (m *manager) loadOnce(directory string) error {
	time.Sleep(loadTime(directory))
	if _, err := os.Stat(filepath.Join(directory, "fails")); err == nil {
		return errors.New("the model is broken")
	}
	saved, _ := filepath.Glob(filepath.Join(directory, "saved_model.pb*"))
	if len(saved) == 0 {
		return fmt.Errorf("could not find SavedModel .pb or .pbtxt at supplied export directory path: %s", directory)
	}
	if m.batching == nil {
		return nil
	}
	if !m.truth("enable_per_model_batching_parameters") {
		return checkSizes(*m.batching)
	}
	own := filepath.Join(directory, "batching_params.pbtxt")
	if _, err := os.Stat(own); err != nil {
		return nil
	}
	read, err := readFile(own, "tensorflow.serving.BatchingParameters")
	if err != nil {
		return err
	}
	return checkSizes(read)
}

func (m *manager) become(model *model, number int64, state string, err error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	version := model.versions[number]
	version.state, version.err = state, err
	m.settle(model)
}

// wait returns once each of the models serves, or one of them has failed.
func (m *manager) wait(names []string) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for {
		settled := 0
		var failed error
		for _, name := range names {
			serves, ended := false, error(nil)
			for _, version := range m.models[name].versions {
				serves = serves || version.state == available
				if version.state == end && version.err != nil {
					ended = version.err
				}
			}
			if serves || ended != nil {
				settled++
			}
			if !serves && ended != nil {
				failed = fmt.Errorf("failed to start server: servable %s did not become available: %w", name, ended)
			}
		}
		if settled == len(names) {
			return failed
		}
		m.changed.Wait()
	}
}

// configured puts a list of models in the place of the one before, and returns the names of those that are new.
func (m *manager) configured(configs []modelConfig) []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	var added []string
	m.order = nil
	for _, config := range configs {
		m.order = append(m.order, config.Name)
		if known := m.models[config.Name]; known != nil {
			known.config = config
			continue
		}
		added = append(added, config.Name)
		m.models[config.Name] = &model{config: config, versions: map[int64]*version{}}
	}
	for name, model := range m.models {
		if !slices.Contains(m.order, name) {
			m.want(model, nil)
			delete(m.models, name)
		}
	}
	return added
}

// followConfig reads the list of models again as often as the server is told to. One that is new and has nothing to load
// keeps it waiting for ever.
func (m *manager) followConfig() {
	wait := m.number("model_config_file_poll_wait_seconds")
	for wait > 0 && m.text("model_config_file") != "" {
		time.Sleep(time.Duration(wait) * time.Second)
		configs, err := m.readModels()
		if err == nil {
			err = m.checkMoves(configs)
		}
		if err == nil {
			err = m.wait(m.configured(configs))
		}
		if err != nil {
			fmt.Println("Failed to reload the model config:", err)
		}
	}
}

// checkMoves refuses labels on versions that do not serve; a flag lets new labels through, but no move of one.
func (m *manager) checkMoves(configs []modelConfig) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, config := range configs {
		known := m.models[config.Name]
		for label, number := range config.Labels {
			if known != nil {
				if version := known.versions[number]; version != nil && version.state == available {
					continue
				}
			}
			moved := false
			if known != nil {
				before, there := known.config.Labels[label]
				moved = there && before != number
			}
			if moved || !m.truth("allow_version_labels_for_unavailable_models") {
				return fmt.Errorf("request to assign label %s to version %d of model %s, which is not currently available for inference", label, number, config.Name)
			}
		}
	}
	return nil
}

// descending are the keys of a map, the largest first.
func descending[Value any](of map[int64]Value) []int64 {
	return slices.SortedFunc(maps.Keys(of), func(a, b int64) int { return cmp.Compare(b, a) })
}
