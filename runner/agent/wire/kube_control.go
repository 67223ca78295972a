package wire

import "time"

// What the agent does with work on a cluster, each by a command of the user.
const (
	KubeWork = "kube.work"
	KubeTake = "kube.take"
	KubeLog  = "kube.log"
)

// KubeOwner says whose work is meant; what is empty is not asked for.
type KubeOwner struct {
	Flow  string    `json:"flow,omitempty"`
	Run   string    `json:"run,omitempty"`
	User  string    `json:"user,omitempty"`
	Since time.Time `json:"since,omitzero"` // older work is another run's
}

// KubeWorkParams asks for what has not finished.
type KubeWorkParams struct {
	Access     KubeAccess `json:"access"`
	Namespaces []string   `json:"namespaces"`
	Of         KubeOwner  `json:"of"`
}

// KubeWorkReply has it by run.
type KubeWorkReply struct {
	Runs []KubeWorkOfRun `json:"runs"`
}

// KubeWorkOfRun is what a cluster holds of one run.
type KubeWorkOfRun struct {
	Flow  string    `json:"flow"`
	Run   string    `json:"run"`
	User  string    `json:"user,omitempty"`
	Jobs  int       `json:"jobs"` // that have not finished, sets of jobs included
	Pods  int       `json:"pods"` // that have not ended
	Since time.Time `json:"since,omitzero"`
}

// KubeTakeParams asks to delete the unfinished work of one run, and to wait for the
// end of its pods.
type KubeTakeParams struct {
	Access     KubeAccess `json:"access"`
	Namespaces []string   `json:"namespaces"`
	Of         KubeOwner  `json:"of"`
	Wait       int        `json:"wait"` // seconds
}

// KubeTakeReply says what was deleted, and what is left.
type KubeTakeReply struct {
	Jobs int `json:"jobs"`
	Pods int `json:"pods"` // that have not ended yet
}

// KubeLogParams asks for what a container printed behind a mark.
type KubeLogParams struct {
	Access    KubeAccess `json:"access"`
	Namespace string     `json:"namespace"`
	Pod       string     `json:"pod"`
	Container string     `json:"container"`
	After     KubeMark   `json:"after,omitzero"`
	Room      int        `json:"room"` // bytes
}

// KubeMark says how much of a log was read; the zero value is nothing.
type KubeMark struct {
	At   time.Time `json:"at,omitzero"`
	Same int       `json:"same,omitempty"`
}

// KubeLogReply has the lines in their order.
type KubeLogReply struct {
	Lines   []KubeLogLine `json:"lines"`
	After   KubeMark      `json:"after,omitzero"`
	Skipped bool          `json:"skipped,omitempty"` // lines before these are not kept
	Ended   bool          `json:"ended,omitempty"`   // there is no more
	Problem string        `json:"problem,omitempty"` // why it cannot be read at the moment
}

// KubeLogLine is one line.
type KubeLogLine struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}
