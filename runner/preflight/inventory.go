package preflight

// Inventory is what a cluster has. A part that could not be listed is nil:
// nothing is said about it.
type Inventory struct {
	Nodes      []Node   `json:"nodes"`
	Namespaces []string `json:"namespaces"` // names
	// Grows: something adds nodes when they are needed, such as an autoscaler. Then
	// that no node fits does not mean that none will.
	Grows bool `json:"grows,omitempty"`
	// In has what is in the namespaces that were asked for.
	In map[string]Namespace `json:"in"`
}

// Namespace is what is in one.
type Namespace struct {
	Missing     bool         `json:"missing,omitempty"` // there is no such namespace
	Quotas      []Quota      `json:"quotas"`
	LimitRanges []LimitRange `json:"limitRanges"`
	Accounts    []string     `json:"accounts"`
	Secrets     []string     `json:"secrets"` // names; nothing reads what is in them
	Claims      []string     `json:"claims"`
}

// Node is a node of the cluster.
type Node struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"`
	Taints []Taint           `json:"taints,omitempty"`
	Closed bool              `json:"closed,omitempty"` // to new pods
	// Free is what the node can give when nothing but its daemons runs there.
	Free Amounts `json:"free"`
}

// Taint keeps pods away that do not tolerate it.
type Taint struct {
	Key    string `json:"key"`
	Value  string `json:"value,omitempty"`
	Effect string `json:"effect"`
}

// Quota bounds what all pods of a namespace ask for together. It has those only
// that count for Metaflow's tasks.
type Quota struct {
	Name string  `json:"name"`
	Hard Amounts `json:"hard"`
}

// LimitRange bounds single containers or pods.
type LimitRange struct {
	Name string `json:"name"`
	// Pod: the bounds are those of a pod, else of a container.
	Pod            bool    `json:"pod,omitempty"`
	Default        Amounts `json:"default,omitempty"` // limits of containers that set none
	DefaultRequest Amounts `json:"defaultRequest,omitempty"`
	Min            Amounts `json:"min,omitempty"`
	Max            Amounts `json:"max,omitempty"`
	MaxRatio       Amounts `json:"maxRatio,omitempty"` // of limit to request, in thousandths
}
