package kube

import (
	"context"
	"encoding/json"
	"io"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Memory in use comes from the metrics API, which a cluster may serve or not. It
// is asked by one list for all pods, while some run; it has no watch, and its
// samples are some fifteen seconds apart.
const (
	usagePace    = 20 * time.Second
	usagePause   = 5 * time.Minute // at most, while it fails
	usageTimeout = 10 * time.Second
	maxUsage     = 16 << 20 // bytes of an answer
	// maxUsed is how many pods may run for memory to be looked at: the list is all or nothing.
	maxUsed = 2000
	// usageSteps is in how many parts of what a task may use its growth is told.
	usageSteps = 8
)

// usage is the most memory that samples have seen a container use.
type usage struct {
	peak int64
	at   time.Time
}

type podMetrics struct {
	Metadata   struct{ Name string }
	Timestamp  time.Time
	Containers []struct {
		Name  string
		Usage struct{ Memory string }
	}
}

// sample looks until ctx ends, or until it is clear that there is nothing to see.
func (w *Watch) sample(ctx context.Context, c *Client, namespace string, pace time.Duration) {
	pause := pace
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		if n := w.board.running(); n == 0 || n > maxUsed {
			continue
		}
		found, err := c.usage(ctx, namespace)
		switch {
		case apierrors.IsNotFound(err), apierrors.IsForbidden(err):
			return // it is not served, or not for us
		case err != nil:
			pause = min(2*pause, usagePause)
			continue
		}
		pause = pace
		for i := range found {
			w.board.putUsage(&found[i])
		}
	}
}

func (c *Client) usage(ctx context.Context, namespace string) ([]podMetrics, error) {
	ctx, cancel := context.WithTimeout(ctx, usageTimeout)
	defer cancel()
	body, err := c.core.Get().AbsPath("/apis/metrics.k8s.io/v1beta1/namespaces", namespace, "pods").
		Param("labelSelector", selector).SetHeader("Accept", "application/json").Stream(ctx)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	var list struct{ Items []podMetrics }
	err = json.NewDecoder(io.LimitReader(body, maxUsage)).Decode(&list)
	return list.Items, err
}

// running counts the pods that use memory.
func (b *board) running() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.tasks {
		for _, pod := range s.pods {
			if pod.uses() {
				n++
			}
		}
	}
	return n
}

func (p *podRecord) uses() bool { return !p.running.IsZero() && p.terminated == nil }

// putUsage notes a sample. It is told when it has grown by a part of what the task
// may use, and with whatever else is told of the task.
func (b *board) putUsage(m *podMetrics) {
	b.mu.Lock()
	defer b.mu.Unlock()
	pod := b.byName[m.Metadata.Name]
	if pod == nil || m.Timestamp.Before(pod.running) {
		return
	}
	for _, container := range m.Containers {
		if container.Name != pod.container {
			continue
		}
		q, err := resource.ParseQuantity(container.Usage.Memory)
		if err != nil || q.Value() <= pod.used.peak {
			return
		}
		before := pod.share()
		pod.used = usage{q.Value(), m.Timestamp}
		if pod.share() > before && pod.uses() {
			b.touch(pod.task)
		}
	}
}

// share is how many parts of what it may use a task has used.
func (p *podRecord) share() int64 {
	may := p.limit
	if may == 0 {
		may = p.request
	}
	if may == 0 {
		return 0
	}
	return p.used.peak * usageSteps / may
}
