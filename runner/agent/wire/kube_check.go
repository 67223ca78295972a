package wire

import "flowls/runner/preflight"

// The methods of the agent that compare steps with a cluster. They hold to five
// requests a second, after the first twenty.
const (
	KubeInventory = "kube.inventory"
	KubeCheck     = "kube.check"
	KubeUnstock   = "kube.unstock"
	// KubeStocked is what the agent says unasked of a cluster that is followed.
	KubeStocked = "kube.stocked"
)

// KubeInventoryParams asks what a cluster has.
type KubeInventoryParams struct {
	Access     KubeAccess `json:"access"`
	Namespaces []string   `json:"namespaces"`
	// MaxAge is how old the answer may be, in milliseconds.
	MaxAge int `json:"maxAge,omitempty"`
	// Known is the Version that the caller has: if it is still that, the answer has no inventory.
	Known string `json:"known,omitempty"`
	// Follow has the agent follow what the cluster has, in these namespaces, until
	// KubeUnstock; KubeStocked tells when to ask again. The answers cost the cluster
	// nothing then.
	Follow bool `json:"follow,omitempty"`
}

// KubeStock names a cluster that is followed: no longer, or with news.
type KubeStock struct {
	Access KubeAccess `json:"access"`
}

// KubeInventoryReply has what could be listed.
type KubeInventoryReply struct {
	Inventory *preflight.Inventory `json:"inventory,omitempty"`
	Version   string               `json:"version"`
	// Problems say what could not be listed; nothing is concluded from these parts.
	Problems []string `json:"problems,omitempty"`
	// Took is how long listing took, in milliseconds.
	Took int `json:"took"`
}

// KubeCheckParams asks what only a cluster itself can say about steps: whether the
// user may, and whether its rules let the jobs pass. It makes nothing there.
type KubeCheckParams struct {
	Where
	Access   KubeAccess          `json:"access"`
	Requests []preflight.Request `json:"requests"`
	// Store is the kind of data store, and Root its place; of s3 the bucket is asked for.
	Store string `json:"store,omitempty"`
	Root  string `json:"root,omitempty"`
	// Profile of Metaflow's configuration, empty for that of the environment.
	Profile string `json:"profile,omitempty"`
	// JobSet is the API of steps that run in parallel, "group/version"; empty is Metaflow's own.
	JobSet string `json:"jobSet,omitempty"`
	// Within is how many milliseconds there are: what is not known by then is left
	// out. 0 is the agent's own bound, after which the cluster is at fault.
	Within int `json:"within,omitempty"`
}

// KubeCheckReply has what speaks against a launch. Findings and Notes of the flow
// as a whole are those of the step "".
type KubeCheckReply struct {
	Findings map[string][]preflight.Finding `json:"findings"`
	// Notes are what works less well, and what could not be asked.
	Notes []string `json:"notes,omitempty"`
	// Late: within the time that was given not all of it could be asked.
	Late bool `json:"late,omitempty"`
}
