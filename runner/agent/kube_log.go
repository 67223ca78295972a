package agent

import (
	"context"
	"sync"
	"time"

	"flowls/runner/agent/wire"
	"flowls/runner/kube"
)

const (
	// logIdle is how long a log is followed that nobody reads.
	logIdle = time.Minute
	// maxLogs are followed at the same time.
	maxLogs    = 16
	maxLogRoom = 1 << 20
)

// podLogs keeps the logs that are being read.
type podLogs struct {
	mu   sync.Mutex
	open map[logKey]*openLog
}

type logKey struct {
	access                    wire.KubeAccess
	namespace, pod, container string
}

type openLog struct {
	*kube.PodLog
	end  context.CancelFunc
	idle *time.Timer
	used time.Time
}

func (l *podLogs) read(ctx context.Context, p wire.KubeLogParams) (wire.KubeLogReply, error) {
	log, err := l.log(logKey{p.Access, p.Namespace, p.Pod, p.Container})
	if err != nil {
		return wire.KubeLogReply{}, err
	}
	piece, err := log.Read(ctx, kube.LogMark(p.After), min(max(p.Room, 1), maxLogRoom))
	if ctx.Err() != nil {
		return wire.KubeLogReply{}, ctx.Err()
	}
	reply := wire.KubeLogReply{Lines: []wire.KubeLogLine{}, After: wire.KubeMark(piece.Mark), Skipped: piece.Skipped, Ended: piece.Ended}
	for _, line := range piece.Lines {
		reply.Lines = append(reply.Lines, wire.KubeLogLine(line))
	}
	if err != nil {
		reply.Problem = err.Error()
	}
	return reply, nil
}

// log is the one that is open, or opened now in the place of the one that was
// not read for longest.
func (l *podLogs) log(key logKey) (*openLog, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if log := l.open[key]; log != nil {
		log.idle.Reset(logIdle)
		log.used = time.Now()
		return log, nil
	}
	client, err := kube.Connect(kube.Access(key.access))
	if err != nil {
		return nil, err
	}
	if len(l.open) >= maxLogs {
		var oldest logKey
		for k, log := range l.open {
			if o := l.open[oldest]; o == nil || log.used.Before(o.used) {
				oldest = k
			}
		}
		l.drop(oldest)
	}
	if l.open == nil {
		l.open = map[logKey]*openLog{}
	}
	ctx, cancel := context.WithCancel(context.Background())
	log := &openLog{PodLog: client.Log(ctx, key.namespace, key.pod, key.container), end: cancel, used: time.Now()}
	log.idle = time.AfterFunc(logIdle, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.open[key] == log && time.Since(log.used) >= logIdle {
			l.drop(key)
		}
	})
	l.open[key] = log
	return log, nil
}

// drop must be called with the lock held.
func (l *podLogs) drop(key logKey) {
	log := l.open[key]
	log.idle.Stop()
	log.end()
	delete(l.open, key)
}

func (l *podLogs) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key := range l.open {
		l.drop(key)
	}
}
