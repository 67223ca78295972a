package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/kube"
	"flowls/runner/preflight"
	"flowls/runner/store"
	"flowls/runner/store/s3"
)

// checks compares steps with clusters. What a cluster has is kept for a while: a
// launch follows its check, and several editors' worth of flows share one.
type checks struct {
	getenv func(string) string
	stocks stocks

	mu       sync.Mutex
	clusters map[wire.KubeAccess]*cluster
}

// cluster is one that was asked before. Its lock is held while it is asked, so
// that callers who come together ask once.
type cluster struct {
	mu     sync.Mutex
	client *kube.Client
	stamp  string                   // of the kubeconfig that it was made of
	kept   map[string]keptInventory // by namespaces
}

type keptInventory struct {
	reply wire.KubeInventoryReply
	at    time.Time
}

const (
	// inventoryLimit is how long a cluster may take: 5,000 nodes need some seconds.
	inventoryLimit = 40 * time.Second
	checkLimit     = 60 * time.Second
	bucketLimit    = 15 * time.Second
	// maxKept bounds what is kept of one cluster.
	maxKept = 16
)

func (c *checks) cluster(access wire.KubeAccess) *cluster {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.clusters == nil {
		c.clusters = map[wire.KubeAccess]*cluster{}
	}
	if c.clusters[access] == nil {
		c.clusters[access] = &cluster{kept: map[string]keptInventory{}}
	}
	return c.clusters[access]
}

// connected reads the kubeconfig anew where that is due: it may be another one by now.
func (c *cluster) connected(access wire.KubeAccess, anew bool) (*kube.Client, error) {
	stamp := kube.Stamp(kube.Access(access))
	if c.client != nil && c.stamp == stamp && !anew {
		return c.client, nil
	}
	connect := kube.Connect
	if c.client != nil {
		connect = c.client.Anew
	}
	client, err := connect(kube.Access(access))
	if err != nil {
		return nil, err
	}
	c.client, c.stamp = client, stamp
	return client, nil
}

func (c *checks) inventory(ctx context.Context, p wire.KubeInventoryParams) (wire.KubeInventoryReply, error) {
	ctx, cancel := context.WithTimeout(ctx, inventoryLimit)
	defer cancel()
	slices.Sort(p.Namespaces)
	p.Namespaces = slices.Compact(p.Namespaces)
	stock, err := c.stocks.of(p)
	if err != nil {
		return wire.KubeInventoryReply{}, err
	}
	if stock != nil {
		reply, err := stock.reply(ctx, p.Known)
		if err == nil || p.Follow {
			return reply, err
		} // it tries again in its own time: who gave a command is told how things are now
	}
	at := c.cluster(p.Access)
	at.mu.Lock()
	defer at.mu.Unlock()
	key := strings.Join(p.Namespaces, "\x00")
	kept, ok := at.kept[key]
	if !ok || time.Since(kept.at) > time.Duration(p.MaxAge)*time.Millisecond {
		client, err := at.connected(p.Access, true)
		if err != nil {
			return wire.KubeInventoryReply{}, err
		}
		if kept, err = list(ctx, client, p.Namespaces); err != nil {
			return wire.KubeInventoryReply{}, err
		}
		if len(at.kept) >= maxKept {
			clear(at.kept)
		}
		at.kept[key] = kept
	}
	if reply := kept.reply; p.Known != reply.Version {
		return reply, nil
	}
	return wire.KubeInventoryReply{Version: kept.reply.Version, Took: kept.reply.Took}, nil
}

func list(ctx context.Context, client *kube.Client, namespaces []string) (keptInventory, error) {
	begin := time.Now()
	have, err := client.Inventory(ctx, namespaces)
	if have == nil {
		return keptInventory{}, err
	}
	reply, err := versioned(have, err)
	reply.Took = int(time.Since(begin).Milliseconds())
	return keptInventory{reply, time.Now()}, err
}

// versioned is an answer; problems are what could not be listed.
func versioned(have *preflight.Inventory, problems error) (wire.KubeInventoryReply, error) {
	reply := wire.KubeInventoryReply{Inventory: have}
	if problems != nil {
		reply.Problems = strings.Split(problems.Error(), "\n")
	}
	raw, err := json.Marshal(reply.Inventory)
	if err != nil {
		return wire.KubeInventoryReply{}, err
	}
	sum := sha256.Sum256(append(raw, strings.Join(reply.Problems, "\n")...))
	reply.Version = hex.EncodeToString(sum[:8])
	return reply, nil
}

// check asks for permissions in each namespace, for the verdict about each
// different job, and for the bucket.
func (c *checks) check(ctx context.Context, p wire.KubeCheckParams) (wire.KubeCheckReply, error) {
	limit := checkLimit
	if p.Within > 0 {
		limit = min(limit, time.Duration(p.Within)*time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	reply := wire.KubeCheckReply{Findings: map[string][]preflight.Finding{}}
	var bucket sync.WaitGroup
	var store []preflight.Finding
	bucket.Go(func() { store = c.reachesStore(ctx, p) })
	err := c.judge(ctx, p, &reply)
	bucket.Wait()
	if p.Within > 0 && ctx.Err() != nil { // what was cut short is no answer
		reply.Notes, reply.Late = nil, true
		return reply, nil
	}
	if len(store) > 0 {
		reply.Findings[""] = append(reply.Findings[""], store...)
	}
	return reply, err
}

func (c *checks) judge(ctx context.Context, p wire.KubeCheckParams, reply *wire.KubeCheckReply) error {
	if len(p.Requests) == 0 {
		return nil
	}
	at := c.cluster(p.Access)
	at.mu.Lock()
	defer at.mu.Unlock()
	client, err := at.connected(p.Access, false)
	if err != nil {
		return err
	}
	sets := kube.JobSetsOf(p.JobSet)
	hasSets := c.hasJobSets(ctx, client, sets, p.Requests, reply)
	for _, namespace := range namespacesOf(p.Requests) {
		group := ""
		if hasSets && slices.ContainsFunc(p.Requests, func(r preflight.Request) bool { return r.Parallel && r.Namespace == namespace }) {
			group = sets.Group
		}
		denied, err := client.Denied(ctx, namespace, group)
		if why := kube.Unreached(err); why != nil && (p.Within == 0 || ctx.Err() == nil) { // what it has was known from before
			reply.Findings[""] = append(reply.Findings[""], preflight.Finding{Kind: preflight.NoCluster, Message: why.Error()})
			return nil
		}
		if err != nil {
			reply.Notes, reply.Late = append(reply.Notes, err.Error()), p.Within > 0
			continue
		}
		c.tell(denied, namespace, reply)
	}
	if len(reply.Findings[""]) > 0 {
		return nil // the jobs would be refused for that
	}
	verdicts := map[string]string{}
	for i := range p.Requests {
		r := &p.Requests[i]
		if !r.Sure() || r.Parallel && !hasSets {
			continue
		}
		alike := *r
		alike.Step = "step"
		raw, err := json.Marshal(alike)
		if err != nil {
			return err
		}
		refusal, known := verdicts[string(raw)]
		if !known {
			if refusal, err = client.DryRun(ctx, r, sets); err != nil {
				reply.Notes, reply.Late = append(reply.Notes, fmt.Sprintf("step `%s` could not be tried: %v", r.Step, err)), p.Within > 0
				continue
			}
			verdicts[string(raw)] = refusal
		}
		if refusal != "" {
			reply.Findings[r.Step] = append(reply.Findings[r.Step], preflight.Finding{Kind: preflight.Refused, Message: "the cluster would refuse the task: " + refusal})
		}
	}
	return nil
}

// hasJobSets looks for the API of steps that run in parallel, if there are any, and
// has a finding for each where there is none.
func (c *checks) hasJobSets(ctx context.Context, client *kube.Client, sets kube.JobSets, requests []preflight.Request, reply *wire.KubeCheckReply) bool {
	asked, has := false, true
	for i := range requests {
		r := &requests[i]
		if !r.Parallel {
			continue
		}
		if !asked {
			var err error
			if has, err = client.HasJobSets(ctx, sets); err != nil {
				reply.Notes = append(reply.Notes, fmt.Sprintf("whether the cluster has JobSet could not be asked: %v", err))
			}
			asked = true
		}
		if !has {
			reply.Findings[r.Step] = append(reply.Findings[r.Step], preflight.Finding{Kind: preflight.Refused, Message: fmt.Sprintf(
				"the cluster has no JobSet (`%s`), of which Metaflow makes a step with `@parallel`: have its controller installed, see jobset.sigs.k8s.io", sets)})
		}
	}
	return has
}

// tell makes one finding of the permissions without which nothing runs, and notes
// of the others.
func (c *checks) tell(denied []kube.Permission, namespace string, reply *wire.KubeCheckReply) {
	var lacks []string
	for _, p := range denied {
		if p.Launch {
			lacks = append(lacks, "`"+p.String()+"`")
		} else {
			reply.Notes = append(reply.Notes, fmt.Sprintf("you may not `%s` in the namespace `%s`: %s", p, namespace, p.Needed))
		}
	}
	if len(lacks) > 0 {
		reply.Findings[""] = append(reply.Findings[""], preflight.Finding{Kind: preflight.NotPermitted, Argument: "namespace", Value: namespace,
			Message: fmt.Sprintf("you may not %s in the namespace `%s`, which Metaflow does for each task: ask for the permissions of docs/rbac.md", strings.Join(lacks, ", "), namespace)})
	}
}

func namespacesOf(requests []preflight.Request) []string {
	var all []string
	for _, r := range requests {
		if !r.Unknown["namespace"] {
			all = append(all, r.Namespace)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// reachesStore asks for the bucket, not for what is in it.
func (c *checks) reachesStore(ctx context.Context, p wire.KubeCheckParams) []preflight.Finding {
	if p.Store != "s3" || p.Root == "" {
		return nil
	}
	getenv := func(name string) string {
		if name == "METAFLOW_PROFILE" && p.Profile != "" {
			return p.Profile
		}
		return c.getenv(name)
	}
	// Credentials that an extension of Metaflow gets are not ours to get.
	if provider := store.Setting(p.Dir, getenv, "METAFLOW_DEFAULT_AWS_CLIENT_PROVIDER"); provider != "" && provider != "boto3" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, bucketLimit)
	defer cancel()
	files, err := s3.New(ctx, s3.Options{Root: p.Root, Endpoint: store.Setting(p.Dir, getenv, "METAFLOW_S3_ENDPOINT_URL")})
	if err == nil {
		err = files.Reachable(ctx)
	}
	if err == nil {
		return nil
	}
	return []preflight.Finding{{Kind: preflight.NoDataStore, Message: err.Error()}}
}
