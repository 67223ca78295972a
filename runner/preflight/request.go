package preflight

// Request is what a step asks the cluster for: the arguments of its decorators
// and the defaults of Metaflow's configuration, put together as Metaflow does it.
type Request struct {
	Step      string `json:"step"`
	Namespace string `json:"namespace"`
	// Requests and Limits are those of the container.
	Requests Amounts `json:"requests"`
	Limits   Amounts `json:"limits,omitempty"`

	NodeSelector   map[string]string `json:"nodeSelector,omitempty"`
	Tolerations    []Toleration      `json:"tolerations,omitempty"`
	ServiceAccount string            `json:"serviceAccount,omitempty"` // empty: the namespace's default
	Secrets        []string          `json:"secrets,omitempty"`
	PullSecrets    []string          `json:"pullSecrets,omitempty"`
	// Claims are persistent volume claims, and where they are mounted.
	Claims      map[string]string `json:"claims,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Image       string            `json:"image,omitempty"` // empty: the one of Python's version
	PullPolicy  string            `json:"pullPolicy,omitempty"`
	Port        int               `json:"port,omitempty"`
	// Tmpfs and SharedMemory are in MiB.
	Tmpfs        int64           `json:"tmpfs,omitempty"`
	TmpfsPath    string          `json:"tmpfsPath,omitempty"`
	SharedMemory int64           `json:"sharedMemory,omitempty"`
	Security     SecurityContext `json:"security,omitzero"`
	// Parallel: the step is several pods, made by a JobSet.
	Parallel bool `json:"parallel,omitempty"`

	// Unknown are the arguments of which nothing is known. What the request says
	// of them is missing, and nothing is concluded from that.
	Unknown map[string]bool `json:"unknown,omitempty"`
	// From says who has the last word on an argument; missing for a default.
	From map[string]Origin `json:"-"`
}

// Origin is where the value of an argument comes from.
type Origin string

// The origins of values.
const (
	FromKubernetes    Origin = "kubernetes" // the decorator, or --with
	FromResources     Origin = "resources"
	FromConfiguration Origin = "configuration"
)

// Toleration is one of Kubernetes.
type Toleration struct {
	Key      string `json:"key,omitempty"`
	Operator string `json:"operator,omitempty"`
	Value    string `json:"value,omitempty"`
	Effect   string `json:"effect,omitempty"`
	Seconds  *int64 `json:"seconds,omitempty"`
}

// SecurityContext is that of the container, as far as Metaflow can set it.
type SecurityContext struct {
	Privileged               *bool  `json:"privileged,omitempty"`
	AllowPrivilegeEscalation *bool  `json:"allowPrivilegeEscalation,omitempty"`
	RunAsNonRoot             *bool  `json:"runAsNonRoot,omitempty"`
	RunAsUser                *int64 `json:"runAsUser,omitempty"`
	RunAsGroup               *int64 `json:"runAsGroup,omitempty"`
}

// Sure reports whether the whole request is known: then the cluster can be asked
// what it would say to it.
func (r *Request) Sure() bool { return len(r.Unknown) == 0 }
