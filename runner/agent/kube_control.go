package agent

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/kube"
)

func kubeWork(ctx context.Context, p wire.KubeWorkParams) (wire.KubeWorkReply, error) {
	client, err := kube.Connect(kube.Access(p.Access))
	if err != nil {
		return wire.KubeWorkReply{}, err
	}
	of := map[runName]*wire.KubeWorkOfRun{}
	get := func(flow, run string) *wire.KubeWorkOfRun {
		name := runName{flow, run}
		if of[name] == nil {
			of[name] = &wire.KubeWorkOfRun{Flow: flow, Run: run}
		}
		return of[name]
	}
	for _, namespace := range p.Namespaces {
		work, err := client.Unfinished(ctx, namespace, kube.Owner(p.Of))
		if err != nil {
			return wire.KubeWorkReply{}, err
		}
		for _, w := range work {
			r := get(w.Flow, w.Run)
			r.Jobs, r.User = r.Jobs+1, w.User
			if r.Since.IsZero() || w.Created.Before(r.Since) {
				r.Since = w.Created
			}
		}
		pods, err := client.LivePods(ctx, namespace, kube.Owner(p.Of))
		if err != nil {
			return wire.KubeWorkReply{}, err
		}
		for _, pod := range pods {
			get(pod.Flow, pod.Run).Pods++
		}
	}
	reply := wire.KubeWorkReply{Runs: []wire.KubeWorkOfRun{}}
	for _, r := range of {
		reply.Runs = append(reply.Runs, *r)
	}
	slices.SortFunc(reply.Runs, func(a, b wire.KubeWorkOfRun) int {
		return cmp.Or(cmp.Compare(a.Flow, b.Flow), cmp.Compare(a.Run, b.Run))
	})
	return reply, nil
}

// maxTakeWait is below the time that the server gives one call.
const maxTakeWait = 2 * time.Minute

// Take takes what it can in each namespace, also when one of them refuses.
func Take(ctx context.Context, p wire.KubeTakeParams) (reply wire.KubeTakeReply, err error) {
	client, err := kube.ConnectToDelete(kube.Access(p.Access))
	if err != nil {
		return reply, err
	}
	ctx, cancel := context.WithTimeout(ctx, min(time.Duration(p.Wait)*time.Second, maxTakeWait))
	defer cancel()
	var errs []error
	for _, namespace := range p.Namespaces {
		taken, err := client.Take(ctx, namespace, kube.Owner(p.Of))
		reply.Jobs += len(taken.Work)
		reply.Pods += len(taken.Left)
		errs = append(errs, err)
	}
	return reply, errors.Join(errs...)
}
