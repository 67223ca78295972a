package kube

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"flowls/runner/preflight"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Stock is the inventory kept up to date: one watch for each kind, slim objects,
// of secrets the names alone. Pods are not followed: what is in use now does not
// count for preflight.
type Stock struct {
	client *Client
	ctx    context.Context
	pauses pauses
	poke   chan struct{}

	mu         sync.Mutex
	news       chan struct{} // closed and made anew with every change
	wanted     map[string]bool
	namespaces *shelf[*v1.PartialObjectMetadata]
	nodes      *shelf[*corev1.Node]
	daemons    *shelf[*appsv1.DaemonSet]
	rooms      map[string]*room
	done       sync.WaitGroup
}

// pauses are how long something is left alone.
type pauses struct {
	refused time.Duration // a kind that may not be listed
	listed  time.Duration // one that may not be watched: it is listed now and then
}

// room is one namespace that is followed.
type room struct {
	end                       context.CancelFunc
	quotas                    *shelf[*corev1.ResourceQuota]
	ranges                    *shelf[*corev1.LimitRange]
	accounts, claims, secrets *shelf[*v1.PartialObjectMetadata]
	// Where namespaces cannot be listed, each is asked for.
	asked, missing bool
	err            error // of the last question, unless that was an answer
}

// Stock starts to follow what a cluster has; it ends with ctx.
func (c *Client) Stock(ctx context.Context) *Stock {
	return c.stock(ctx, pauses{refused: 5 * time.Minute, listed: time.Minute})
}

func (c *Client) stock(ctx context.Context, p pauses) *Stock {
	s := &Stock{client: c, ctx: ctx, pauses: p, poke: make(chan struct{}, 1), news: make(chan struct{}), wanted: map[string]bool{}, rooms: map[string]*room{}}
	s.namespaces, s.nodes, s.daemons = newShelf[*v1.PartialObjectMetadata](s, "namespaces"), newShelf[*corev1.Node](s, "nodes"), newShelf[*appsv1.DaemonSet](s, "daemon sets")
	s.followNames(ctx, s.namespaces, "namespaces", "")
	nodes := typed[corev1.Node, corev1.NodeList](c.core, "nodes", "")
	keep(ctx, s.nodes, &corev1.Node{}, lister(nodes.List), nodes.Watch)
	daemons := typed[appsv1.DaemonSet, appsv1.DaemonSetList](c.apps, "daemonsets", v1.NamespaceAll)
	keep(ctx, s.daemons, &appsv1.DaemonSet{}, lister(daemons.List), daemons.Watch)
	return s
}

// followNames follows a kind of which the names suffice.
func (s *Stock) followNames(ctx context.Context, sh *shelf[*v1.PartialObjectMetadata], resource, namespace string) {
	of := s.client.names.Resource(corev1.SchemeGroupVersion.WithResource(resource)).Namespace(namespace)
	keep(ctx, sh, &v1.PartialObjectMetadata{}, lister(of.List), of.Watch)
}

// Changed receives when the inventory may be another one.
func (s *Stock) Changed() <-chan struct{} { return s.poke }

// Wait returns when the watches ended, after the context of the stock.
func (s *Stock) Wait() { s.done.Wait() }

// Keep says in which namespaces something is followed: these and no others.
func (s *Stock) Keep(namespaces []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.wanted)
	for _, name := range namespaces {
		s.wanted[name] = true
	}
	s.arrange()
	s.wake() // what is let go need not be waited for
}

// Keeps reports whether all of these namespaces are followed.
func (s *Stock) Keeps(namespaces []string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !slices.ContainsFunc(namespaces, func(name string) bool { return !s.wanted[name] })
}

// told wakes those who wait for something. The lock is held.
func (s *Stock) told() {
	s.arrange()
	s.wake()
	select {
	case s.poke <- struct{}{}:
	default:
	}
}

func (s *Stock) wake() {
	close(s.news)
	s.news = make(chan struct{})
}

// arrange follows what is wanted and exists: a name that is half typed costs nothing.
func (s *Stock) arrange() {
	if !s.namespaces.settled {
		return
	}
	exists := func(name string) bool { return s.namespaces.kept == nil || s.namespaces.kept[name] != nil }
	for name, r := range s.rooms {
		if !s.wanted[name] || !exists(name) {
			r.end()
			delete(s.rooms, name)
		}
	}
	for name := range s.wanted {
		if s.rooms[name] == nil && exists(name) {
			s.rooms[name] = s.open(name)
		}
	}
}

func (s *Stock) open(namespace string) *room {
	ctx, cancel := context.WithCancel(s.ctx)
	r := &room{
		end: cancel, asked: s.namespaces.kept != nil,
		quotas: newShelf[*corev1.ResourceQuota](s, "resource quotas"), ranges: newShelf[*corev1.LimitRange](s, "limit ranges"),
		accounts: newShelf[*v1.PartialObjectMetadata](s, "service accounts"), claims: newShelf[*v1.PartialObjectMetadata](s, "persistent volume claims"),
		secrets: newShelf[*v1.PartialObjectMetadata](s, "secrets"),
	}
	quotas := typed[corev1.ResourceQuota, corev1.ResourceQuotaList](s.client.core, "resourcequotas", namespace)
	keep(ctx, r.quotas, &corev1.ResourceQuota{}, lister(quotas.List), quotas.Watch)
	ranges := typed[corev1.LimitRange, corev1.LimitRangeList](s.client.core, "limitranges", namespace)
	keep(ctx, r.ranges, &corev1.LimitRange{}, lister(ranges.List), ranges.Watch)
	s.followNames(ctx, r.accounts, "serviceaccounts", namespace)
	s.followNames(ctx, r.claims, "persistentvolumeclaims", namespace)
	s.followNames(ctx, r.secrets, "secrets", namespace)
	if !r.asked {
		s.done.Go(func() { s.ask(ctx, r, namespace) })
	}
	return r
}

// ask looks now and then whether a namespace exists.
func (s *Stock) ask(ctx context.Context, r *room, name string) {
	of := typed[corev1.Namespace, corev1.NamespaceList](s.client.core, "namespaces", "")
	for ctx.Err() == nil {
		_, err := of.Get(ctx, name, v1.GetOptions{})
		s.mu.Lock()
		r.err = nil
		if err != nil && !(refused(err) && answered(err)) {
			r.err = err
		}
		if missing := apierrors.IsNotFound(err); !r.asked || missing != r.missing {
			r.asked, r.missing = true, missing
			s.told()
		}
		s.mu.Unlock()
		pause(ctx, s.pauses.listed)
	}
}

var errEnded = errors.New("the cluster is not followed any more")

// Inventory is what the cluster has, once all that is followed was listed or could
// not be. What may not be listed stays nil and is named in the error. There is none
// if the cluster does not answer, or the stock has ended.
func (s *Stock) Inventory(ctx context.Context) (*preflight.Inventory, error) {
	for {
		s.mu.Lock()
		if err := s.namespaces.err; err != nil && s.namespaces.kept == nil && !answered(err) {
			s.mu.Unlock()
			return nil, unreachable(err)
		}
		if s.settled() {
			defer s.mu.Unlock()
			return s.inventory()
		}
		news := s.news
		s.mu.Unlock()
		select {
		case <-news:
		case <-s.ctx.Done():
			return nil, errEnded
		case <-ctx.Done():
			return nil, unreachable(ctx.Err())
		}
	}
}

// Current reports whether Inventory answers at once, and with what the cluster itself
// said. What could not be asked is tried again in the stock's own time, which is too
// late for who gave a command.
func (s *Stock) Current() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.settled() || !s.namespaces.current() || !s.nodes.current() || !s.daemons.current() {
		return false
	}
	for _, r := range s.rooms {
		if r.err != nil || !r.quotas.current() || !r.ranges.current() || !r.accounts.current() || !r.claims.current() || !r.secrets.current() {
			return false
		}
	}
	return true
}

func (s *Stock) settled() bool {
	for _, r := range s.rooms {
		if !r.asked || !r.quotas.settled || !r.ranges.settled || !r.accounts.settled || !r.claims.settled || !r.secrets.settled {
			return false
		}
	}
	return s.namespaces.settled && s.nodes.settled && s.daemons.settled
}

func (s *Stock) inventory() (*preflight.Inventory, error) {
	have := &preflight.Inventory{Namespaces: names(s.namespaces), In: map[string]preflight.Namespace{}}
	errs := []error{s.namespaces.problem(), s.daemons.problem(), s.nodes.problem()}
	addNodes(have, s.nodes.all(), s.daemons.all())
	for _, name := range slices.Sorted(maps.Keys(s.wanted)) {
		r := s.rooms[name]
		if r == nil || r.missing {
			have.In[name] = preflight.Namespace{Missing: true}
			continue
		}
		in := preflight.Namespace{Accounts: names(r.accounts), Claims: names(r.claims), Secrets: names(r.secrets)}
		in.Quotas, in.LimitRanges = quotasOf(r.quotas.all()), rangesOf(r.ranges.all())
		have.In[name] = in
		errs = append(errs, r.quotas.problem(), r.ranges.problem(), r.accounts.problem(), r.claims.problem(), r.secrets.problem())
	}
	return have, errors.Join(errs...)
}

func names(sh *shelf[*v1.PartialObjectMetadata]) []string {
	if sh.kept == nil {
		return nil
	}
	all := slices.AppendSeq([]string{}, maps.Keys(sh.kept))
	slices.Sort(all)
	return all
}
