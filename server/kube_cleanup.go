package server

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"slices"
	"strings"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/local"
	"flowls/runner/runstate"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// CleanUpArgument is the argument of flowls.cleanUp.
type CleanUpArgument struct {
	URI    uri.URI  `json:"uri" doc:"A flow's document: Metaflow's settings are those of its folder."`
	Flow   string   `json:"flow" doc:"Name of the flow."`
	Delete []string `json:"delete,omitempty" doc:"Runs whose leftovers are deleted, as 'Flow/run id' from an answer before; absent means that nothing is deleted without a question to the user."`
}

// CleanUpResult is the answer of flowls.cleanUp.
type CleanUpResult struct {
	Namespaces []string   `json:"namespaces" doc:"Namespaces in which the user's work was looked for."`
	User       string     `json:"user" doc:"The user, as Metaflow knows them."`
	Leftovers  []Leftover `json:"leftovers" doc:"What no launcher owns any more, by run."`
	Others     []Leftover `json:"others" doc:"Work of runs that are not known on this machine: they may go on elsewhere. It is deleted only if it is named."`
	Deleted    []string   `json:"deleted" doc:"Runs whose leftovers were deleted."`
	Asked      bool       `json:"asked" doc:"Whether the user is being asked what shall be deleted."`
}

// Leftover is what a cluster holds of one run.
type Leftover struct {
	Run   string `json:"run" doc:"Flow and Metaflow's id of the run: 'Flow/id'."`
	Jobs  int    `json:"jobs" doc:"Jobs that have not finished."`
	Pods  int    `json:"pods" doc:"Pods that have not ended: these take up room."`
	Since string `json:"since,omitempty" doc:"When the oldest job was made, RFC 3339."`
	Why   string `json:"why" doc:"What is known of the run."`
}

func init() {
	commandTable = append(commandTable, define(commandCleanUp,
		"Lists what runs of the user left in the cluster, jobs that no launcher owns any more, and deletes it once the user has said so. It starts `flowls agent`, which reads the kubeconfig.",
		true, cleanUp))
}

func cleanUp(ctx context.Context, call commandCall, a CleanUpArgument) (CleanUpResult, error) {
	t, err := call.target(ctx, a.URI, a.Flow)
	if err != nil {
		return CleanUpResult{}, err
	}
	k := call.server.kube
	access := accessOf(call.snapshot.Settings)
	namespaces := slices.Concat(t.kubeNamespaces("", nil), k.launchedInto(access))
	slices.Sort(namespaces)
	place := &local.Cluster{Kubeconfig: access.Kubeconfig, Context: access.Context, Namespaces: slices.Compact(namespaces)}
	result := CleanUpResult{Namespaces: place.Namespaces, User: t.metaflowUser(), Leftovers: []Leftover{}, Others: []Leftover{}, Deleted: []string{}}
	if result.User == "" {
		return result, launchError("nobody knows who you are: set METAFLOW_USER in the environment that the editor is started from")
	}
	var reply wire.KubeWorkReply
	params := wire.KubeWorkParams{Access: access, Namespaces: place.Namespaces, Of: wire.KubeOwner{User: result.User}}
	if err := k.link.Call(ctx, wire.KubeWork, params, &reply); err != nil {
		return result, remoteError(ctx, err)
	}
	known, err := t.runsAlive(call.server.runs)
	if err != nil {
		return result, launchError("what runs here cannot be told, so nothing is deleted: %v", err)
	}
	for _, r := range reply.Runs {
		left := Leftover{Run: r.Flow + "/" + r.Run, Jobs: r.Jobs, Pods: r.Pods}
		if !r.Since.IsZero() {
			left.Since = r.Since.UTC().Format(time.RFC3339)
		}
		life := known(r.Flow, r.Run)
		switch left.Why = life.why; {
		case life.ended:
			result.Leftovers = append(result.Leftovers, left)
		case !life.goesOn:
			result.Others = append(result.Others, left)
		}
	}
	switch {
	case a.Delete != nil:
		result.Deleted, err = k.cleanUp(ctx, place, result, a.Delete)
		return result, err
	case len(result.Leftovers) == 0:
		call.server.client.showMessage(protocol.MessageTypeInfo, result.message())
	default:
		result.Asked = true
		k.s.background("ask what to clean up", func(ctx context.Context) { k.askCleanUp(ctx, call, place, result) })
	}
	return result, nil
}

// launchedInto are the namespaces of a cluster that runs of this user went to.
func (k *kubeWatch) launchedInto(access wire.KubeAccess) (namespaces []string) {
	if k.s.runs.registry == nil {
		return nil
	}
	records, err := k.s.runs.registry.List()
	if err != nil {
		return nil // what is known of runs is asked for again, and then it counts
	}
	for _, record := range records {
		if c, err := record.Cluster(); err == nil && c != nil && accessTo(c) == access {
			namespaces = append(namespaces, c.Namespaces...)
		}
	}
	return namespaces
}

const answerCleanUp = "Delete"

func (k *kubeWatch) askCleanUp(ctx context.Context, call commandCall, place *local.Cluster, found CleanUpResult) {
	if k.s.runs.question(ctx, protocol.MessageTypeWarning, found.message(), answerCleanUp) != answerCleanUp {
		return
	}
	if !k.s.session.Snapshot().Settings.Trusted { // the answer took its time
		k.s.client.showMessage(protocol.MessageTypeError, userText(errUntrusted(commandCleanUp)))
		return
	}
	var all []string
	for _, left := range found.Leftovers {
		all = append(all, left.Run)
	}
	deleted, err := k.cleanUp(ctx, place, found, all)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		k.s.client.showMessage(protocol.MessageTypeError, userText(err))
	default:
		k.s.client.showMessage(protocol.MessageTypeInfo, "Deleted what was left of "+count(len(deleted), "run")+".")
	}
}

// cleanUp deletes what is left of the named runs, which must be among those found.
func (k *kubeWatch) cleanUp(ctx context.Context, place *local.Cluster, found CleanUpResult, runs []string) (deleted []string, err error) {
	deleted = []string{}
	var errs []error
	for _, name := range runs {
		is := func(l Leftover) bool { return l.Run == name }
		if !slices.ContainsFunc(found.Leftovers, is) && !slices.ContainsFunc(found.Others, is) {
			errs = append(errs, fmt.Errorf("nothing is left of %s, or it goes on", name))
			continue
		}
		flow, run, _ := strings.Cut(name, "/")
		done := k.takeOf(ctx, place, wire.KubeOwner{Flow: flow, Run: run, User: found.User})
		switch {
		case done.Problem != "":
			errs = append(errs, fmt.Errorf("%s: %s", name, done.Problem))
		case done.Pods > 0:
			errs = append(errs, fmt.Errorf("%s of %s have not ended yet", count(done.Pods, "pod"), name))
		default:
			deleted = append(deleted, name)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return deleted, launchError("not everything was deleted: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return deleted, nil
}

// message tells it in one line, as a question if there is one.
func (r CleanUpResult) message() string {
	where := "namespace " + strings.Join(r.Namespaces, ", ")
	others := ""
	if n := len(r.Others); n > 0 {
		others = fmt.Sprintf(" %s of yours, not known here, may go on elsewhere.", count(n, "run"))
	}
	if len(r.Leftovers) == 0 {
		return fmt.Sprintf("Nothing of runs that have ended is left in %s.%s", where, others)
	}
	const most = 5
	var said []string
	for _, left := range r.Leftovers[:min(len(r.Leftovers), most)] {
		said = append(said, fmt.Sprintf("%s (%s, %s)", left.Run, count(left.Jobs, "job"), count(left.Pods, "pod")))
	}
	if more := len(r.Leftovers) - most; more > 0 {
		said = append(said, count(more, "more run"))
	}
	return fmt.Sprintf("Left in %s by runs that have ended: %s.%s Delete it?", where, strings.Join(said, ", "), others)
}

// runLife is what is known of a run here.
type runLife struct {
	goesOn, ended bool
	why           string
}

// runsAlive tells of runs whether they go on. What flowls started on this machine
// is known for sure; of others there is at most a trace here, and their launcher
// may be on another machine that shares the folder.
func (t flowTarget) runsAlive(r *runs) (func(flow, run string) runLife, error) {
	known := map[runName]runLife{}
	if r.registry != nil {
		records, err := r.registry.List()
		if err != nil {
			return nil, err
		}
		for _, record := range records {
			life := runLife{goesOn: true}
			if record.Gone() {
				life = runLife{ended: true, why: "the run has ended"}
			} else if record.Status.Done() && !record.Stoppable() {
				life = runLife{why: "the run was started before this machine, or on another one"}
			}
			known[runName{record.Flow, record.RunID}] = life
		}
	}
	reader := runstate.NewReader(runstate.FindRoot(t.dir(), getenv))
	return func(flow, run string) runLife {
		if life, ok := known[runName{flow, run}]; ok {
			return life
		}
		found, err := reader.Run(flow, run)
		switch {
		case err != nil:
			return runLife{why: "the run is not known on this machine"}
		case found.Status == runstate.Succeeded:
			return runLife{ended: true, why: "the run has succeeded"}
		case found.Status.Done():
			return runLife{why: "no process of the run is seen on this machine"}
		}
		return runLife{goesOn: true}
	}, nil
}

// metaflowUser is who Metaflow's annotations say that the user is, in its order.
func (t flowTarget) metaflowUser() string {
	for _, name := range []string{t.setting("", "METAFLOW_USER"), getenv("SUDO_USER"), getenv("USERNAME"), getenv("USER")} {
		if name != "" && name != "root" {
			return name
		}
	}
	if u, err := user.Current(); err == nil && u.Username != "root" {
		return u.Username
	}
	return ""
}
