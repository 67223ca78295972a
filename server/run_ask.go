package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"flowls/runner/local"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// Answers to the question with what to run. LSP has no input box: values are
// edited in a JSON document in the state folder, and the command is given again
// to run with them. Saving does not run: a save is no decision to execute.
const answerEdit = "Edit values"

// way is where a flow shall run, in the words of the questions.
type way struct {
	verb, where string
	command     string // whose trust it needs
	run         string // how to run it once the values are edited
	kubernetes  bool
}

var (
	onMachine = way{verb: "Run", command: commandRun, run: "Run with parameters"}
	onCluster = way{verb: "Launch", where: " on Kubernetes", command: commandLaunch, run: "Launch on Kubernetes", kubernetes: true}
)

// of makes a plan one for this way.
func (w way) of(p plan) (plan, error) {
	if w.kubernetes {
		if err := p.target.fitsKubernetes(p.spec.Options); err != nil {
			return plan{}, err
		}
		p.spec.Kubernetes = &local.Kubernetes{}
	}
	return p, nil
}

func init() {
	commandTable = append(commandTable, define(commandRunWithParameters,
		"Asks with which values a flow shall be run, and runs it. Clients with input boxes ask by themselves: see `flowls/runForm`.",
		true, runWithParameters))
}

func runWithParameters(ctx context.Context, call commandCall, a FlowArgument) (LaunchResult, error) {
	t, err := call.target(ctx, a.URI, a.Flow)
	if err != nil {
		return LaunchResult{}, err
	}
	r := call.server.runs
	if r.registry == nil {
		return LaunchResult{}, errNoPlace()
	}
	r.s.background("ask for values", func(ctx context.Context) { r.askValues(ctx, call, t, onMachine) })
	return LaunchResult{Offered: commandRun}, nil
}

func (r *runs) askValues(ctx context.Context, call commandCall, t flowTarget, w way) {
	answerRun, answerDefaults := w.verb+" with these values", w.verb+" with defaults"
	last, err := r.lastValues(t, local.Run)
	var actions []string
	message := w.verb + " " + t.flow + w.where + ": with which values?"
	kind := protocol.MessageTypeInfo
	if err == nil && last != nil {
		if _, err = r.planValues(t, last); err == nil {
			message = fmt.Sprintf("%s %s%s with %s?", w.verb, t.flow, w.where, valuesText(last, t.fields()))
			actions = append(actions, answerRun)
		}
	}
	if err != nil {
		kind, message = protocol.MessageTypeWarning, fmt.Sprintf("The values for %s cannot be used: %s. Edit them.", t.flow, userText(err))
	}
	actions = append(actions, answerEdit)
	if _, err := t.give(nil, nil, t.dir()); err == nil {
		actions = append(actions, answerDefaults)
	}
	launch := func(call commandCall, p plan, err error) error {
		if err == nil {
			p, err = w.of(p)
		}
		if err == nil {
			_, err = r.launcher.launch(ctx, call, p)
		}
		return err
	}
	switch r.question(ctx, kind, message, actions...) {
	case answerRun:
		r.later(ctx, call, t, w.command, func(call commandCall, t flowTarget) error {
			p, err := r.planValues(t, last)
			return launch(call, p, err)
		})
	case answerDefaults:
		r.later(ctx, call, t, w.command, func(call commandCall, t flowTarget) error {
			return launch(call, plan{target: t, spec: local.Spec{Kind: local.Run}}, nil)
		})
	case answerEdit:
		if err := r.editValues(ctx, t, last, w); err != nil {
			r.s.client.showMessage(protocol.MessageTypeError, userText(err))
		}
	}
}

func (r *runs) planValues(t flowTarget, v *local.Values) (plan, error) {
	g, err := t.give(v.Parameters, v.Configs, t.dir())
	if err != nil {
		return plan{}, err
	}
	p := plan{target: t, spec: local.Spec{Kind: local.Run, Options: v.Options, Configs: g.configs, Args: g.args, Env: g.env}, given: &g}
	return p, p.check()
}

// valuesText is what differs from the defaults, in one line.
func valuesText(v *local.Values, fields []RunField) string {
	var words []string
	secret := func(name string) bool {
		return slices.ContainsFunc(fields, func(f RunField) bool { return f.Name == name && f.Secret })
	}
	for _, values := range []map[string]any{v.Parameters, v.Configs} {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			switch {
			case values[name] == nil:
			case secret(name):
				words = append(words, name+"=…")
			default:
				words = append(words, name+"="+plainText(values[name]))
			}
		}
	}
	spec := local.Spec{Kind: local.Run, Options: v.Options}
	if line := spec.OptionsLine(); line != "" {
		words = append(words, line)
	}
	if len(words) == 0 {
		return "defaults"
	}
	return strings.Join(words, ", ")
}

// editValues shows the document with the values, made complete: what is not in
// it gets its default, or null.
func (r *runs) editValues(ctx context.Context, t flowTarget, last *local.Values, w way) error {
	v := local.Values{Kind: local.Run, Flow: t.flow, Script: t.script, About: about(t.fields()), Parameters: map[string]any{}, Configs: map[string]any{}}
	if last != nil {
		v.Parameters, v.Configs, v.Options = maps.Clone(last.Parameters), maps.Clone(last.Configs), last.Options
	}
	for _, f := range t.fields() {
		values := &v.Parameters
		value := f.Default
		if f.Kind == "Config" {
			values, value = &v.Configs, nil // a Config's own file or value may be long: null says it as well
		}
		if *values == nil {
			*values = map[string]any{}
		}
		if _, there := (*values)[f.Name]; !there {
			(*values)[f.Name] = value
		}
	}
	return r.editDocument(ctx, v, "Edit the values, save, and give the command “"+w.run+"” again. null stands for the default.")
}

// editDocument writes a document for the user to edit, shows it and says how.
func (r *runs) editDocument(ctx context.Context, v local.Values, how string) error {
	path := r.registry.ValuesPath(v.Kind, v.Script, v.Flow)
	if _, err := r.registry.LastValues(v.Kind, v.Script, v.Flow); err == nil { // else what the user wrote is left as it is, for them to mend
		if err := r.registry.Remember(v); err != nil {
			return launchError("the values of %s cannot be written: %v", v.Flow, err)
		}
	} else {
		var newer *local.VersionError
		if errors.As(err, &newer) {
			return launchError("%v", err)
		}
	}
	if r.s.client.can.showDocument {
		shown, err := r.s.client.ShowDocument(ctx, &protocol.ShowDocumentParams{URI: uri.File(path), TakeFocus: new(true)})
		if err == nil && shown != nil && shown.Success {
			r.s.client.showMessage(protocol.MessageTypeInfo, how)
			return nil
		}
	}
	r.s.client.showMessage(protocol.MessageTypeInfo, how+" They are in "+path)
	return nil
}
