package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// versionsUnder lists the directories of versions that a model should have loaded, by number. A base path that is not there
// is an error; one without versions is not.
func (m modelConfig) versionsUnder() (map[int64]string, error) {
	if strings.Contains(m.BasePath, "://") {
		return nil, &os.PathError{Op: "list", Path: m.BasePath, Err: os.ErrInvalid}
	}
	entries, err := os.ReadDir(m.BasePath)
	if err != nil {
		return nil, err
	}
	found := map[int64]string{}
	for _, entry := range entries {
		if version, err := strconv.ParseInt(entry.Name(), 10, 64); err == nil && version >= 0 {
			found[version] = filepath.Join(m.BasePath, entry.Name())
		}
	}
	return m.chosen(found), nil
}

// chosen are the versions that the policy takes of those that are there.
func (m modelConfig) chosen(found map[int64]string) map[int64]string {
	chosen := map[int64]string{}
	switch m.Policy {
	case "all":
		return found
	case "specific":
		for _, version := range m.Versions {
			if directory, there := found[version]; there {
				chosen[version] = directory
			}
		}
	default:
		for _, version := range descending(found)[:min(m.Count, len(found))] {
			chosen[version] = found[version]
		}
	}
	return chosen
}

// publish puts a version under a base path at once, as a pipeline should: no server sees half of it.
func publish(arguments []string) error {
	base, version := arguments[0], arguments[1]
	unfinished := filepath.Join(base, ".unfinished")
	if err := os.MkdirAll(unfinished, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(unfinished, "saved_model.pb"), nil, 0o644); err != nil {
		return err
	}
	return os.Rename(unfinished, filepath.Join(base, version))
}

// loadTime is how long a version takes to load: as LOAD_SECONDS says, or else a file `seconds` in its directory.
func loadTime(directory string) time.Duration {
	text := os.Getenv("LOAD_SECONDS")
	if content, err := os.ReadFile(filepath.Join(directory, "seconds")); err == nil && text == "" {
		text = strings.TrimSpace(string(content))
	}
	seconds, _ := strconv.ParseFloat(text, 64)
	return time.Duration(seconds * float64(time.Second))
}
