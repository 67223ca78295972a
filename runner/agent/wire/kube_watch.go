package wire

import "time"

// The methods of the agent for Kubernetes. KubeStates is what the agent says
// unasked, of runs that are followed.
const (
	KubeFollow   = "kube.follow"
	KubeUnfollow = "kube.unfollow"
	KubeStates   = "kube.states"
)

// KubeAccess says which cluster: as the user's settings have it, or as the run
// was launched.
type KubeAccess struct {
	// Kubeconfig is a path, or a list of paths as in $KUBECONFIG; empty: what kubectl takes.
	Kubeconfig string `json:"kubeconfig,omitempty"`
	Context    string `json:"context,omitempty"`
}

// KubeFollowParams asks to be told how the tasks of a run stand in a namespace.
type KubeFollowParams struct {
	Access    KubeAccess `json:"access"`
	Namespace string     `json:"namespace,omitempty"` // empty: that of the context
	Flow      string     `json:"flow"`
	Run       string     `json:"run"`
}

// KubeFollowReply names the namespace that is followed.
type KubeFollowReply struct {
	Namespace string `json:"namespace"`
}

// KubeStatesParams tells what changed of one run since the last time.
type KubeStatesParams struct {
	Flow   string      `json:"flow"`
	Run    string      `json:"run"`
	States []KubeState `json:"states,omitempty"`
	// Gone are tasks of which the cluster keeps nothing any more.
	Gone []KubeTask `json:"gone,omitempty"`
	// Problem is why the cluster is not seen at the moment, "" if it is.
	Problem string `json:"problem,omitempty"`
	// Synced: everything was listed once.
	Synced bool `json:"synced,omitempty"`
}

// KubeTask is one attempt at a task of the run.
type KubeTask struct {
	Step    string `json:"step"`
	Task    string `json:"task"`
	Attempt int    `json:"attempt"`
}

// KubeState is what the cluster says of it; see runner/kube.State.
type KubeState struct {
	KubeTask
	Phase     string    `json:"phase"`
	Over      bool      `json:"over,omitempty"`  // nothing more will happen to this attempt
	Stuck     bool      `json:"stuck,omitempty"` // it waits for what only people can change
	Since     time.Time `json:"since,omitzero"`
	Reason    string    `json:"reason,omitempty"`
	Message   string    `json:"message,omitempty"`
	ExitCode  *int      `json:"exitCode,omitempty"`
	Namespace string    `json:"namespace,omitempty"`
	Job       string    `json:"job,omitempty"`
	Pod       string    `json:"pod,omitempty"`
	Node      string    `json:"node,omitempty"`
	Image     string    `json:"image,omitempty"`
	Request   int64     `json:"request,omitempty"` // bytes of memory
	Limit     int64     `json:"limit,omitempty"`
	Peak      int64     `json:"peak,omitempty"` // the most that a sample saw
	PeakAt    time.Time `json:"peakAt,omitzero"`
}

// MaxKubeStates is how many states one notification tells: about 300 KB.
const MaxKubeStates = 500
