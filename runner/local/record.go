package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Status is where a run stands.
type Status string

const (
	Starting  Status = "starting" // folder made, process not yet up
	Running   Status = "running"
	Succeeded Status = "succeeded"
	Failed    Status = "failed"
	Stopped   Status = "stopped" // on request
	// Lost: the supervisor is gone and left no exit record (killed, or the
	// machine was restarted). How the run ended, only its data store can tell.
	Lost Status = "lost"
)

// Done reports whether the run has ended.
func (s Status) Done() bool { return s != Starting && s != Running }

// recordVersion 2 added Options and Configs, and logs in two files. Version 1 is
// read; a newer one is refused: what it asks for may not be known here.
const recordVersion = 2

// VersionError: a record was written by a newer flowls.
type VersionError struct {
	Path    string
	Version int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s was written by a newer flowls (format %d, this one reads up to %d): update flowls to see the run", e.Path, e.Version, recordVersion)
}

func checkVersion(path string, version int) error {
	switch {
	case version > recordVersion:
		return &VersionError{path, version}
	case version < 1:
		return fmt.Errorf("%s is damaged: it has no version", path)
	}
	return nil
}

// Record is a run as its folder tells it.
type Record struct {
	Spec
	Version   int       `json:"version"`
	StartedAt time.Time `json:"startedAt"`
	// EnvNames are the names of Spec.Env, for the user to see; values are not recorded.
	EnvNames []string `json:"envNames,omitempty"`
	// Supervisor owns the run; Leader is the Python process, leader of its process group.
	Supervisor Process `json:"supervisor"`
	Leader     Process `json:"leader"`
	// Boot identifies the boot of the machine that the process ids belong to.
	Boot string `json:"boot,omitempty"`

	// Below: derived when the record is read.

	folder string
	// RunID is Metaflow's run id, "" while unknown.
	RunID  string `json:"-"`
	Status Status `json:"-"`
	Exit   *Exit  `json:"-"`
}

// Process is a process id made unambiguous: ids are reused, the pair is not.
type Process struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start"` // start time in the unit of the system, since boot
}

// Exit is how a run ended.
type Exit struct {
	Version int       `json:"version"`
	Status  Status    `json:"status"`
	Code    int       `json:"code"`             // exit code; -1 when ended by a signal or never started
	Signal  string    `json:"signal,omitempty"` // name of the signal that ended it
	Error   string    `json:"error,omitempty"`  // why it could not be started
	EndedAt time.Time `json:"endedAt"`
}

// Folder is the run's folder.
func (r *Record) Folder() string { return r.folder }

// RunIDPath is the file in which Metaflow writes its run id.
func (r *Record) RunIDPath() string { return filepath.Join(r.folder, runIDFile) }

// OutputPath is the file with the run's output, both streams.
func (r *Record) OutputPath() string { return filepath.Join(r.folder, outputFile) }

// StderrPath is the file with what the run wrote to stderr.
func (r *Record) StderrPath() string { return filepath.Join(r.folder, stderrFile) }

// ScriptText is the text of the flow's file as it was when the run started.
func (r *Record) ScriptText() ([]byte, error) {
	return readBounded(filepath.Join(r.folder, scriptFile), maxScript)
}

// EndedAt is when the run ended, zero while it runs or when nobody knows.
func (r *Record) EndedAt() time.Time {
	if r.Exit == nil {
		return time.Time{}
	}
	return r.Exit.EndedAt
}

// Stoppable reports whether processes of the run are (or may be) alive.
func (r *Record) Stoppable() bool {
	if !r.Status.Done() {
		return true
	}
	return r.Status == Lost && len(r.survivors()) > 0
}

const (
	recordFile     = "run.json"
	exitFile       = "exit.json"
	reserveFile    = "exit.reserve"
	runIDFile      = "run_id"
	outputFile     = "output.log"
	stderrFile     = "stderr.log"
	scriptFile     = "script.py"
	supervisorFile = "supervisor.log"
)

// maxRecord bounds what is read of a record: folders may be written by anyone
// who can write to the state folder, among them a full disk.
const maxRecord = 1 << 20

func readRecord(dir string) (*Record, error) {
	var r Record
	if err := readJSON(filepath.Join(dir, recordFile), &r); err != nil {
		return nil, err
	}
	if err := checkVersion(filepath.Join(dir, recordFile), r.Version); err != nil {
		return nil, err
	}
	r.folder = dir
	if id, err := readBounded(filepath.Join(dir, runIDFile), 256); err == nil {
		r.RunID = strings.TrimSpace(string(id))
	}
	if err := r.derive(); err != nil {
		return nil, err
	}
	return &r, nil
}

// derive finds Status and Exit. The order matters: a supervisor writes
// exit.json before it dies, so "dead" is looked at first and the exit record
// after it; the other way round a run that ends in between would look lost.
func (r *Record) derive() error {
	alive := r.Supervisor.PID != 0 && r.sameBoot() && r.Supervisor.alive()
	var exit Exit
	err := readJSON(filepath.Join(r.folder, exitFile), &exit)
	switch {
	case err == nil:
		if err := checkVersion(filepath.Join(r.folder, exitFile), exit.Version); err != nil {
			return err
		}
		r.Exit, r.Status = &exit, exit.Status
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case r.Supervisor.PID == 0:
		// Between making the folder and the supervisor's first record. A start
		// takes milliseconds; one that old was cut off.
		r.Status = Starting
		if time.Since(r.StartedAt).Abs() > startTimeout { // also when the clock was set back
			r.Status = Lost
		}
	case alive && r.Leader.PID == 0:
		r.Status = Starting
	case alive:
		r.Status = Running
	default:
		r.Status = Lost
	}
	return nil
}

func (r *Record) sameBoot() bool { return r.Boot == "" || r.Boot == bootID() }

func readBounded(path string, limit int64) ([]byte, error) {
	// The kind is looked at before the opening: opening a FIFO would block.
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	buf := make([]byte, info.Size())
	n, err := f.ReadAt(buf, 0)
	if n < len(buf) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return buf, nil
}

func readJSON(path string, into any) error {
	data, err := readBounded(path, maxRecord)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// writeJSON replaces path in one step: after a crash the file is the old one or the new one.
func writeJSON(path string, value any) error {
	if err := placeJSON(path, value, true); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// placeJSON replaces path in one step for who looks at it meanwhile. Only with
// sync the file is whole after a crash of the machine too; a disk may take long
// for that.
func placeJSON(path string, value any, sync bool) (err error) {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(append(data, '\n')); err != nil {
		return err
	}
	if sync {
		if err = f.Sync(); err != nil {
			return err
		}
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
