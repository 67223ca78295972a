package kube

// Phase says where a task stands, in the words that its user knows.
type Phase string

const (
	Queued        Phase = "queued"        // accepted, no node chosen yet
	Unschedulable Phase = "unschedulable" // no node can take it as things are
	Refused       Phase = "refused"       // the cluster makes no pod for the job: quota, service account
	Starting      Phase = "starting"      // on a node, no container yet
	Pulling       Phase = "pulling"
	ImageError    Phase = "image error"
	ConfigError   Phase = "config error" // a secret, a volume or the command keeps the container from starting
	Running       Phase = "running"
	Completed     Phase = "completed"
	Failed        Phase = "failed"
	OutOfMemory   Phase = "out of memory"
	Evicted       Phase = "evicted"
	Deadline      Phase = "deadline exceeded"
	NodeLost      Phase = "node lost"
	Preempted     Phase = "preempted"
	Stopped       Phase = "stopped" // by Metaflow, which lets the job stand without pods
)

// Over reports whether nothing more will happen to this attempt.
func (p Phase) Over() bool {
	switch p {
	case Completed, Failed, OutOfMemory, Evicted, Deadline, Preempted, Stopped:
		return true
	}
	return false
}

// Stuck reports whether the task waits for what only its user or the cluster's
// owner can change. Metaflow waits on, without end.
func (p Phase) Stuck() bool {
	switch p {
	case Unschedulable, Refused, ImageError, ConfigError:
		return true
	}
	return false
}
