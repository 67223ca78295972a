package rule

import (
	"slices"
	"strings"

	"flowls/analysis/flow"
)

// unpicklableCalls make objects that pickle refuses.
var unpicklableCalls = map[string]string{
	"threading.Lock": "a lock", "threading.RLock": "a lock", "threading.Condition": "a lock", "threading.Semaphore": "a lock",
	"threading.BoundedSemaphore": "a lock", "threading.Event": "an event of threads", "threading.Thread": "a thread",
	"threading.local": "thread-local data", "threading.Timer": "a thread", "multiprocessing.Lock": "a lock", "multiprocessing.RLock": "a lock",
	"queue.Queue": "a queue", "queue.LifoQueue": "a queue", "queue.PriorityQueue": "a queue", "multiprocessing.Queue": "a queue",
	"concurrent.futures.ThreadPoolExecutor": "a pool of workers", "concurrent.futures.ProcessPoolExecutor": "a pool of workers",
	"multiprocessing.Pool": "a pool of workers",
	"sqlite3.connect":      "a database connection", "psycopg2.connect": "a database connection", "duckdb.connect": "a database connection",
	"socket.socket": "a socket", "ssl.create_default_context": "an SSL context",
	"boto3.client": "a client of boto3", "boto3.resource": "a client of boto3",
	"tempfile.NamedTemporaryFile": "an open file", "tempfile.TemporaryFile": "an open file", "gzip.open": "an open file", "io.open": "an open file",
	"logging.StreamHandler": "a log handler", "logging.FileHandler": "a log handler",
	"contextvars.ContextVar": "a context variable",
}

// unpicklable says what an attribute is when pickle surely refuses it, else "".
func (c *checker) unpicklable(a *flow.Attribute, value flow.Value) string {
	if a.Kind == flow.ModuleAttribute {
		return "a module"
	}
	return c.unpicklableValue(value, a.Span.Start)
}

func (c *checker) unpicklableValue(v flow.Value, at int) string {
	full, bound := c.flow.Resolve(v.Text, at)
	switch v.Kind {
	case flow.Generator:
		return "a generator"
	case flow.List, flow.Tuple, flow.Set, flow.Dict:
		for _, i := range v.Items {
			if i.Kind == flow.Lambda {
				return "a lambda in a collection"
			}
			if what := c.unpicklableValue(i, at); what != "" {
				return what
			}
		}
	case flow.Name:
		if bound && slices.Contains([]string{"sys.stdout", "sys.stderr", "sys.stdin"}, full) {
			return "`" + full + "`"
		}
	case flow.Call:
		switch {
		case v.Text == "open" && c.isBuiltin("open", at):
			return "an open file"
		case bound && full == "collections.defaultdict" && len(v.Items) > 0 && v.Items[0].Kind == flow.Lambda:
			return "a `defaultdict` with a lambda"
		case bound:
			return unpicklableCalls[strings.TrimPrefix(full, "builtins.")]
		}
	}
	return ""
}
