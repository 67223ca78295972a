package artifact

import (
	"strings"

	"flowls/analysis/flow"
)

// reserved are the attributes that every flow has: the ones of FlowSpec, and
// those that a task gets before its step runs.
var reserved = map[string]bool{
	"cmd": true, "foreach_stack": true, "index": true, "input": true, "merge_artifacts": true, "name": true, "next": true, "script_name": true,
	"_EPHEMERAL": true, "_NON_PARAMETERS": true, "_cached_input": true, "_catch_exception": true, "_check_parameters": true,
	"_control_mapper_tasks": true, "_control_task_is_mapper_zero": true, "_current_step": true, "_datastore": true, "_exception": true,
	"_find_input": true, "_flow_decorators": true, "_flow_mutators": true, "_flow_state": true, "_foreach_num_splits": true,
	"_foreach_stack": true, "_foreach_values": true, "_foreach_var": true, "_get_foreach_item_value": true, "_get_parameters": true,
	"_graph": true, "_graph_info": true, "_init_attrs": true, "_init_graph": true, "_iteration_stack": true, "_parallel_ubf_iter": true,
	"_process_config_decorators": true, "_set_constants": true, "_set_datastore": true, "_steps": true, "_success": true, "_task_ok": true,
	"_transition": true, "_unbounded_foreach": true, "_validate_ubf_step": true, "_configs_processed": true, "_main": true,
}

// Reserved reports whether Metaflow itself gives every flow that attribute.
func Reserved(name string) bool { return reserved[name] || dunder(name) }

func dunder(name string) bool { return strings.HasPrefix(name, "__") && strings.HasSuffix(name, "__") }

// private is the name that Python makes of a private one in a class.
func private(name, class string) string {
	class = strings.TrimLeft(class, "_")
	if !strings.HasPrefix(name, "__") || dunder(name) || class == "" {
		return name
	}
	return "_" + class + name
}

// Definition is what the class body says about a name: its method or its
// value, whichever is in force; both nil without any.
func Definition(f *flow.Flow, name string) (*flow.Method, *flow.Attribute) {
	methods, attributes := f.Methods[name], f.Attributes[name]
	switch {
	case len(methods) > 0 && (len(attributes) == 0 || methods[0].Rank <= attributes[0].Rank):
		return methods[0], nil
	case len(attributes) > 0:
		return nil, attributes[0]
	}
	return nil, nil
}

// Setter is what setting a property runs, nil for one without a setter.
func Setter(f *flow.Flow, name string) *flow.Method {
	for _, m := range f.Methods[name] {
		if m.Property && len(m.Args) > 1 {
			return m
		}
	}
	return nil
}

// defined reports whether every task has the attribute, whatever the steps do.
func defined(f *flow.Flow, name string) bool {
	// typing.Generic leaves a value in each class that builds on it.
	return Reserved(name) || name == "_is_protocol" || len(f.Methods[name])+len(f.Attributes[name]) > 0
}
