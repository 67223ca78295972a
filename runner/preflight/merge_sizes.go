package preflight

import (
	"slices"
	"strings"
)

// standard are the sizes that Metaflow starts from; those of the configuration
// take their place only while they are as they are.
var standard = map[string]string{"cpu": "1", "memory": "4096", "disk": "10240"}

// sizes are the amounts of resources: the larger of @kubernetes and @resources.
func (m *merge) sizes(resources *Arguments) {
	guaranteed := m.guaranteed()
	for _, size := range []struct{ name, setting, unit, resource string }{
		{"cpu", "CPU", "", CPU}, {"memory", "MEMORY", "M", Memory}, {"disk", "DISK", "M", Disk},
	} {
		v := m.size(size.name, size.setting, resources)
		s, ok := written(v)
		amount, reads := ParseAmount(s + size.unit)
		if !ok || !reads || amount <= 0 { // by itself Metaflow refuses 0
			m.unknown(size.name)
			continue
		}
		m.Requests[size.resource] = amount
		if guaranteed {
			m.Limits[size.resource] = amount
		}
	}
	m.extended()
	m.gpu(resources)
}

func (m *merge) size(name, setting string, resources *Arguments) any {
	own := m.argument(name, standard[name])
	if own == standard[name] {
		if v, set := m.config("METAFLOW_KUBERNETES_" + setting); set && v != "" {
			own, m.From[name] = v, FromConfiguration
		}
	}
	if resources == nil {
		return own
	}
	other, given := resources.Given[name]
	switch {
	case !given && resources.Open:
		return Unknown{}
	case !given && name != "disk":
		other = standard[name]
	}
	mine, known := orZero(own)
	theirs, alsoKnown := orZero(other)
	if !known || !alsoKnown {
		return Unknown{}
	}
	if given && (theirs > mine || theirs == mine && m.From[name] != FromKubernetes) {
		m.From[name] = FromResources
	} else if theirs > mine {
		delete(m.From, name)
	}
	return max(mine, theirs)
}

// orZero is Python's float(v or 0).
func orZero(v any) (float64, bool) {
	if full, known := truth(v); known && !full {
		return 0, true
	}
	return number(v)
}

func (m *merge) guaranteed() bool {
	v := m.argument("qos", "")
	if v == "" {
		configured, set := m.config("METAFLOW_KUBERNETES_QOS")
		if !set {
			return false
		}
		v, m.From["qos"] = configured, FromConfiguration
	}
	s, ok := v.(string)
	if !ok || !slices.Contains([]string{"guaranteed", "burstable"}, strings.ToLower(s)) {
		m.unknown("qos")
	}
	return strings.EqualFold(s, "guaranteed")
}

// extended resources are counted by name. They may even be cpu: then they win.
func (m *merge) extended() {
	all, ok := pairs(m.argument("extended_resources", nil), true)
	for name, v := range all {
		s, isText := written(v)
		amount, reads := ParseAmount(s)
		if ok = ok && isText && reads && amount >= 0; ok {
			m.Requests[name], m.Limits[name] = amount, amount
		}
	}
	if !ok {
		m.Requests, m.Limits = Amounts{}, Amounts{}
		for _, name := range []string{"extended_resources", "cpu", "memory", "disk"} {
			m.unknown(name)
		}
	}
}

func (m *merge) gpu(resources *Arguments) {
	v := m.overridden("gpu", m.argument("gpu", nil), resources)
	vendor := m.or("gpu_vendor", "GPU_VENDOR")
	if vendor == nil || vendor == "" {
		vendor = "nvidia"
	}
	maker, ok := vendor.(string)
	if v == nil {
		return
	}
	n, isNumber := number(v)
	if _, isFloat := v.(float64); !ok || !isNumber || isFloat || n < 0 || n != float64(int64(n)) {
		m.unknown("gpu")
		return
	}
	m.Requests[maker+".com/gpu"], m.Limits[maker+".com/gpu"] = Units(int64(n)), Units(int64(n))
}

// overridden: what @resources says of an argument wins.
func (m *merge) overridden(name string, own any, resources *Arguments) any {
	if resources == nil {
		return own
	}
	if v, given := resources.Given[name]; given && v != nil {
		m.From[name] = FromResources
		return v
	} else if !given && resources.Open {
		return Unknown{}
	}
	return own
}

// volumes are the memory that the pod sees as files, and its port.
func (m *merge) volumes(resources *Arguments) {
	whole := func(name string, v any) int64 {
		if full, known := truth(v); known && !full {
			return 0
		}
		n, ok := number(v)
		if !ok || n != float64(int64(n)) || n < 0 {
			m.unknown(name)
		}
		return int64(n)
	}
	m.SharedMemory = whole("shared_memory", m.overridden("shared_memory", m.or("shared_memory", "SHARED_MEMORY"), resources))
	m.Port = int(whole("port", m.or("port", "PORT")))
	size := m.argument("tmpfs_size", nil)
	if full, known := truth(size); known && !full {
		use, known := truth(m.argument("use_tmpfs", nil))
		switch {
		case !known:
			size = Unknown{}
		case use: // half of the memory of this decorator, before @resources has a say
			size = Unknown{}
			own := m.argument("memory", standard["memory"])
			if v, set := m.config("METAFLOW_KUBERNETES_MEMORY"); set && own == standard["memory"] && v != "" {
				own = v
			}
			if n, ok := number(own); ok {
				size = int64(n) / 2
			}
		}
	}
	if m.Tmpfs = whole("tmpfs_size", size); m.Tmpfs > 0 {
		m.TmpfsPath = m.text("tmpfs_path", m.argument("tmpfs_path", "/metaflow_temp"))
	}
}
