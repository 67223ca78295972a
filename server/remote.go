package server

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"flowls/runner/agent/wire"
	"flowls/server/agentlink"
	"flowls/server/remotestore"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// RemoteRunsArgument is the argument of flowls.showRemoteRuns.
type RemoteRunsArgument struct {
	URI   uri.URI `json:"uri" doc:"The flow's document; Metaflow's configuration is that of its folder."`
	Flow  string  `json:"flow" doc:"Name of the flow."`
	Limit int     `json:"limit,omitempty" doc:"Most runs to answer; absent means 10, more than 100 are not answered."`
	RunID string  `json:"runId,omitempty" doc:"Metaflow's id of one run, which is answered with its steps and tasks instead."`
}

// RemoteRuns is the answer of flowls.showRemoteRuns.
type RemoteRuns struct {
	Source string    `json:"source" doc:"Address of the metadata service."`
	Runs   []RunInfo `json:"runs" doc:"Newest first; with steps if one was asked for."`
}

const maxRemoteRuns = 100

func init() {
	featureMakers = append(featureMakers, func(s *server) Feature { return newRemote(s) })
	commandTable = append(commandTable, define(commandShowRemoteRuns,
		"Asks the metadata service for runs, and shows how the newest ones stand. It starts `flowls agent`, which opens the connection; nothing else does.",
		true, showRemoteRuns))
}

// remote is what lies beyond this machine. The server itself opens no socket:
// the agent does, and only for a command of the user.
type remote struct {
	NoFeature
	s      *server
	link   *agentlink.Link
	stores *remotestore.Stores
	end    context.CancelFunc // of what the stores have under way

	mu       sync.Mutex
	scopes   map[string]bool // folders whose remote values are read
	services map[flowKey]*serviceRuns
}

func newRemote(s *server) *remote {
	r := &remote{s: s, scopes: map[string]bool{}, services: map[flowKey]*serviceRuns{}, link: &agentlink.Link{Log: s.log, Command: func() ([]string, error) {
		exe, err := s.runs.launcher.executable()
		return []string{exe, "agent"}, err
	}}}
	ctx, end := context.WithCancel(context.Background())
	r.stores, r.end = remotestore.New(ctx, r.link, r.arrived), end
	s.remote = r
	s.kube = newKubeWatch(s, r.link)
	return r
}

func (r *remote) Close() {
	r.end()
	r.link.Close()
}

func showRemoteRuns(ctx context.Context, call commandCall, a RemoteRunsArgument) (RemoteRuns, error) {
	path := filePath(a.URI)
	if path == "" {
		return RemoteRuns{}, launchError("%s is not a file", a.URI)
	}
	where, r := wire.Where{Dir: flowDir(path, folderOf(call.snapshot, path))}, call.server.remote
	key, link := flowKey{a.URI, a.Flow}, r.link
	result := RemoteRuns{Runs: []RunInfo{}}
	if a.RunID != "" {
		var reply wire.RunReply
		if err := link.Call(ctx, wire.Run, wire.RunParams{Where: where, Flow: a.Flow, ID: a.RunID}, &reply); err != nil {
			return result, remoteError(ctx, err)
		}
		result.Source = reply.Source
		result.Runs = append(result.Runs, remoteInfo(reply))
		r.consent(where.Dir)
		r.found(key, where, nil, reply.Run)
		return result, nil
	}
	if a.Limit <= 0 {
		a.Limit = defaultRuns
	}
	var reply wire.RunsReply
	if err := link.Call(ctx, wire.Runs, wire.RunsParams{Where: where, Flow: a.Flow, Limit: min(a.Limit, maxRemoteRuns)}, &reply); err != nil {
		return result, remoteError(ctx, err)
	}
	result.Source = reply.Source
	for _, run := range reply.Runs {
		v := &runView{run: run}
		result.Runs = append(result.Runs, v.info())
	}
	r.consent(where.Dir)
	r.found(key, where, reply.Runs, nil)
	call.server.client.showMessage(protocol.MessageTypeInfo, remoteMessage(a.Flow, result))
	return result, nil
}

// remoteInfo is a run with its tasks; their values are not fetched.
func remoteInfo(reply wire.RunReply) RunInfo {
	v := &runView{run: reply.Run}
	info := v.info()
	for i, s := range v.run.Steps {
		for _, t := range s.Tasks[:min(len(s.Tasks), maxTasksDetail)] {
			info.Steps[i].TasksDetail = append(info.Steps[i].TasksDetail, v.taskSummary(t))
		}
	}
	return info
}

func remoteError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return launchError("%v", err)
}

// remoteMessage says in one line how the newest runs stand.
func remoteMessage(flow string, found RemoteRuns) string {
	if len(found.Runs) == 0 {
		return fmt.Sprintf("%s has no runs in %s.", flow, found.Source)
	}
	const most = 5
	var said []string
	for _, r := range found.Runs[:min(len(found.Runs), most)] {
		said = append(said, fmt.Sprintf("%s/%s %s", flow, r.MetaflowRunID, r.Status))
	}
	return strings.Join(said, ", ") + " (" + found.Source + ")"
}
