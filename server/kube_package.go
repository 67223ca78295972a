package server

import (
	"strings"

	"flowls/analysis/catalog"
	"flowls/runner/local"
	"flowls/runner/runstate"
	"flowls/server/stepedit"
)

// lackedPackage is nil unless a task on a cluster failed for a module of which the
// package is known.
func (s *stepView) lackedPackage(script string) *stepedit.Lacked {
	if s.failure == nil || s.failure.Exception == nil || s.podOf(s.failure) == nil || exceptionClass(s.failure.Exception) != "ModuleNotFoundError" {
		return nil
	}
	m := noModule().FindStringSubmatch(strings.TrimSpace(s.failure.Exception.Message))
	if m == nil {
		return nil
	}
	top, _, _ := strings.Cut(m[1], ".")
	lacks := &stepedit.Lacked{Name: catalog.KnownPackages().Provider(top), Top: atTop(userFrames(s.failure.Exception, script))}
	if lacks.Name == "" {
		return nil
	}
	if s.of.record != nil {
		lacks.Version = local.PackageVersion(s.of.record.Interpreter, lacks.Name)
	}
	return lacks
}

func atTop(frames []runstate.Frame) bool {
	return len(frames) > 0 && frames[len(frames)-1].Function == "<module>"
}
