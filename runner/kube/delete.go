package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Deletions are few and somebody waits for them.
const (
	deletionsPerSecond = 20
	deletionBurst      = 50
)

// ConnectToDelete is Connect for those who take work away.
func ConnectToDelete(a Access) (*Client, error) {
	return connect(a, limiter(deletionsPerSecond, deletionBurst))
}

// Taken is what Take has done.
type Taken struct {
	Work []Work // deleted
	Left []Pod  // not ended yet
}

// takePause is between two looks at whether the pods have ended.
const takePause = time.Second

// Take deletes the unfinished work of one run and waits, as long as ctx allows,
// until no pod of it is left. What another process had asked for just before it
// was killed may appear late: so it looks until there was nothing to delete.
func (c *Client) Take(ctx context.Context, namespace string, of Owner) (Taken, error) {
	var taken Taken
	if of.Flow == "" || of.Run == "" {
		return taken, errors.New("what is deleted belongs to one run: its flow and id are needed")
	}
	for {
		more, err := c.take(ctx, namespace, of, &taken)
		if err != nil && (ctx.Err() == nil || len(taken.Left) == 0) {
			return taken, err
		} // else the time is over, in the middle of another look
		if err == nil && !more {
			return taken, nil
		}
		select {
		case <-time.After(takePause):
		case <-ctx.Done():
			return taken, nil
		}
	}
}

// take deletes what is there now, and reports whether there was anything.
func (c *Client) take(ctx context.Context, namespace string, of Owner, taken *Taken) (more bool, err error) {
	work, err := c.Unfinished(ctx, namespace, of)
	if err != nil {
		return true, err
	}
	for _, w := range work {
		if err := c.Delete(ctx, w); err != nil {
			return true, err
		}
		taken.Work = append(taken.Work, w)
	}
	left, err := c.LivePods(ctx, namespace, of)
	if err != nil {
		return true, err
	}
	taken.Left = left
	return len(work)+len(left) > 0, nil
}

// Delete deletes exactly this object, and what it made in its wake: another one
// that has taken its name meanwhile stays.
func (c *Client) Delete(ctx context.Context, w Work) error {
	path := fmt.Sprintf("/apis/batch/v1/namespaces/%s/jobs", w.Namespace)
	if w.Kind == "JobSet" {
		path = fmt.Sprintf(jobSets, w.Namespace)
	}
	// As the server reads it for any kind: a client encodes for its own group.
	options, err := json.Marshal(v1.DeleteOptions{
		TypeMeta: v1.TypeMeta{Kind: "DeleteOptions", APIVersion: "v1"}, PropagationPolicy: new(v1.DeletePropagationBackground),
		Preconditions: &v1.Preconditions{UID: &w.UID},
	})
	if err != nil {
		return err
	}
	err = c.core.Delete().AbsPath(path, w.Name).SetHeader("Content-Type", "application/json").Body(options).Do(ctx).Error()
	if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return fmt.Errorf("%s `%s` of namespace `%s` cannot be deleted: %w", w.Kind, w.Name, w.Namespace, err)
}
