package preflight

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Arguments are those of a decorator: nil, bool, int64, float64, string, []any,
// map[string]any, or Unknown where the file does not show the value.
type Arguments struct {
	Given map[string]any
	// Open: there may be others, behind a `**`.
	Open bool
}

// Unknown is a value that the file does not show.
type Unknown struct{}

// Configuration looks a setting of Metaflow up: METAFLOW_KUBERNETES_CPU. A set
// one is a text, or whatever a configuration file has.
type Configuration func(name string) (value any, set bool)

// Asked is what a step asks for when Metaflow runs it on Kubernetes with these
// arguments of @kubernetes, or of --with. resources is nil where the step has no
// @resources. It follows init and step_init of Metaflow's KubernetesDecorator,
// and what its command `kubernetes step` makes of the arguments.
func Asked(step string, kubernetes Arguments, resources *Arguments, config Configuration) Request {
	m := &merge{
		Request: Request{Step: step, Requests: Amounts{}, Limits: Amounts{}, Unknown: map[string]bool{}, From: map[string]Origin{}},
		given:   kubernetes, config: config,
	}
	m.place()
	m.things()
	m.meta()
	m.sizes(resources)
	m.volumes(resources)
	m.security()
	return m.Request
}

type merge struct {
	Request
	given  Arguments
	config Configuration
}

// argument is its value as given, else what Metaflow starts from.
func (m *merge) argument(name string, standard any) any {
	if v, ok := m.given.Given[name]; ok {
		m.From[name] = FromKubernetes
		return v
	}
	if m.given.Open {
		return Unknown{}
	}
	return standard
}

// or is the argument, or what is configured if it is not given or empty.
func (m *merge) or(name, setting string) any {
	v := m.argument(name, nil)
	if full, known := truth(v); full || !known {
		return v
	}
	if v, set := m.config("METAFLOW_KUBERNETES_" + setting); set {
		m.From[name] = FromConfiguration
		return v
	}
	return nil
}

// orJSON is the same where the setting is JSON.
func (m *merge) orJSON(name, setting string) any {
	v := m.or(name, setting)
	if s, ok := v.(string); ok && m.From[name] == FromConfiguration && s != "" {
		if err := json.Unmarshal([]byte(s), &v); err != nil {
			return Unknown{}
		}
	}
	return v
}

func (m *merge) unknown(name string) { m.Unknown[name] = true }

// text is a string or nothing.
func (m *merge) text(name string, v any) string {
	if full, known := truth(v); known && !full {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		m.unknown(name)
	}
	return s
}

func (m *merge) texts(name string, v any) []string {
	if full, known := truth(v); known && !full {
		return nil
	}
	list, ok := v.([]any)
	if s, single := v.(string); single && name == "secrets" {
		return []string{s}
	}
	var all []string
	for _, item := range list {
		s, isText := item.(string)
		ok = ok && isText
		all = append(all, s)
	}
	if !ok {
		m.unknown(name)
		return nil
	}
	return all
}

// place is where the pod may go.
func (m *merge) place() {
	if m.Namespace = m.text("namespace", m.or("namespace", "NAMESPACE")); m.Namespace == "" && !m.Unknown["namespace"] {
		m.Namespace = "default"
	}
	selector, ok := pairs(m.or("node_selector", "NODE_SELECTOR"), true)
	switch pool := m.argument("compute_pool", nil); {
	case !ok:
	case pool == Unknown{}:
		ok = false
	case pool != nil && pool != "":
		if selector == nil {
			selector = map[string]any{}
		}
		selector["outerbounds.co/compute-pool"] = pool
	}
	for key, v := range selector {
		s, isText := written(v)
		if ok = ok && isText && s != ""; ok {
			put(&m.NodeSelector, key, s)
		}
	}
	if !ok {
		m.NodeSelector = nil
		m.unknown("node_selector")
	}
	if m.Tolerations, ok = tolerations(m.orJSON("tolerations", "TOLERATIONS")); !ok {
		m.unknown("tolerations")
	}
}

// things are the objects of the namespace that the pod needs.
func (m *merge) things() {
	m.ServiceAccount = m.text("service_account", m.or("service_account", "SERVICE_ACCOUNT"))
	m.Secrets = m.texts("secrets", m.argument("secrets", nil))
	if configured, set := m.config("METAFLOW_KUBERNETES_SECRETS"); set {
		s, isText := configured.(string)
		if !isText {
			m.unknown("secrets")
		}
		for name := range strings.SplitSeq(s, ",") {
			if name != "" && !slices.Contains(m.Secrets, name) {
				m.Secrets = append(m.Secrets, name)
			}
		}
	}
	m.PullSecrets = m.texts("image_pull_secrets", m.orJSON("image_pull_secrets", "IMAGE_PULL_SECRETS"))
	claims, ok := pairs(m.orJSON("persistent_volume_claims", "PERSISTENT_VOLUME_CLAIMS"), true)
	for name, path := range claims {
		s, isText := path.(string)
		ok = ok && isText
		put(&m.Claims, name, s)
	}
	if !ok {
		m.Claims = nil
		m.unknown("persistent_volume_claims")
	}
}

// meta is what the cluster's rules may look at.
func (m *merge) meta() {
	m.PullPolicy = m.text("image_pull_policy", m.or("image_pull_policy", "IMAGE_PULL_POLICY"))
	m.image()
	for _, of := range []struct {
		name, setting string
		to            *map[string]string
	}{{"labels", "LABELS", &m.Labels}, {"annotations", "ANNOTATIONS", &m.Annotations}} {
		given, ok := pairs(m.argument(of.name, nil), true)
		configured, set := m.config("METAFLOW_KUBERNETES_" + of.setting)
		if s, isText := configured.(string); set && isText && s != "" {
			fromConfig, fits := pairs(s, false)
			ok = ok && fits
			if fromConfig != nil {
				maps.Copy(fromConfig, given)
				given = fromConfig
			}
		} else if set && !isText {
			ok = false
		}
		for key, v := range given {
			s, isText := v.(string)
			ok = ok && (isText || v == nil)
			put(of.to, key, s)
		}
		if !ok {
			*of.to = nil
			m.unknown(of.name)
		}
	}
}

func (m *merge) image() {
	v := m.argument("image", nil)
	if full, known := truth(v); known && !full {
		v = m.configured("METAFLOW_KUBERNETES_CONTAINER_IMAGE", "METAFLOW_DEFAULT_CONTAINER_IMAGE")
	}
	m.Image = m.text("image", v)
	registry := m.text("image", m.configured("METAFLOW_KUBERNETES_CONTAINER_REGISTRY", "METAFLOW_DEFAULT_CONTAINER_REGISTRY"))
	host, _, path := strings.Cut(m.Image, "/")
	if m.Image != "" && registry != "" && !(path && (strings.ContainsAny(host, ".:") || host == "localhost")) {
		m.Image = strings.TrimRight(registry, "/") + "/" + m.Image
	}
}

func (m *merge) configured(names ...string) any {
	for _, name := range names {
		if v, set := m.config(name); set {
			return v
		}
	}
	return nil
}

func (m *merge) security() {
	fields, ok := pairs(m.argument("security_context", nil), true)
	for key, v := range fields {
		var flag *bool
		var number *int64
		switch v := v.(type) {
		case bool:
			flag = &v
		case int64:
			number = &v
		case nil:
			continue
		}
		switch {
		case key == "privileged" && flag != nil:
			m.Security.Privileged = flag
		case key == "allow_privilege_escalation" && flag != nil:
			m.Security.AllowPrivilegeEscalation = flag
		case key == "run_as_non_root" && flag != nil:
			m.Security.RunAsNonRoot = flag
		case key == "run_as_user" && number != nil:
			m.Security.RunAsUser = number
		case key == "run_as_group" && number != nil:
			m.Security.RunAsGroup = number
		default:
			ok = false
		}
	}
	if !ok {
		m.unknown("security_context")
	}
}

func put(to *map[string]string, key, value string) {
	if *to == nil {
		*to = map[string]string{}
	}
	(*to)[key] = value
}

// pairs are a dictionary, or a text `key=value,key=value`, in which values may be
// missing unless both are required. Nothing has none.
func pairs(v any, both bool) (map[string]any, bool) {
	if full, known := truth(v); known && !full {
		return nil, true
	}
	switch v := v.(type) {
	case map[string]any:
		return maps.Clone(v), true
	case string:
		all := map[string]any{}
		for part := range strings.SplitSeq(v, ",") {
			key, value, found := strings.Cut(part, "=")
			if _, twice := all[key]; twice || both && !found {
				return nil, false
			}
			all[key] = value
		}
		return all, true
	}
	return nil, false
}

func tolerations(v any) ([]Toleration, bool) {
	if full, known := truth(v); known && !full {
		return nil, true
	}
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	var all []Toleration
	for _, item := range list {
		fields, ok := item.(map[string]any)
		if !ok {
			return nil, false
		}
		var t Toleration
		for key, v := range fields {
			if v == nil {
				continue
			}
			if key == "toleration_seconds" {
				n, isNumber := number(v)
				if !isNumber {
					return nil, false
				}
				t.Seconds = new(int64(n))
				continue
			}
			to := map[string]*string{"key": &t.Key, "operator": &t.Operator, "value": &t.Value, "effect": &t.Effect}[key]
			s, isText := v.(string)
			if to == nil || !isText {
				return nil, false
			}
			*to = s
		}
		all = append(all, t)
	}
	return all, true
}

// truth is whether Python takes a value for true, if that is known.
func truth(v any) (is, known bool) {
	switch v := v.(type) {
	case nil:
		return false, true
	case bool:
		return v, true
	case int64:
		return v != 0, true
	case float64:
		return v != 0, true
	case string:
		return v != "", true
	case []any:
		return len(v) > 0, true
	case map[string]any:
		return len(v) > 0, true
	}
	return false, false
}

// number is what Python's float makes of a value, where that is plain.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case string:
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil && plainNumber(v)
	}
	return 0, false
}

// written is what Python's str makes of a text or number, in a spelling that
// Kubernetes reads alike.
func written(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), v < 1e16 && (v >= 1e-4 || v == 0)
	}
	return "", false
}
