package rule

// unpicklableCalls are functions whose results pickle refuses, by full name.
var unpicklableCalls = map[string]string{
	"boto3.client": "a client of boto3", "boto3.resource": "a client of boto3",
	"sqlite3.connect":        "a database connection",
	"contextvars.ContextVar": "a context variable",
	"duckdb.connect":         "a database connection", "psycopg2.connect": "a database connection",
	"multiprocessing.Lock": "a lock", "multiprocessing.RLock": "a lock", "threading.BoundedSemaphore": "a lock", "threading.Condition": "a lock", "threading.Event": "a lock", "threading.Lock": "a lock", "threading.RLock": "a lock", "threading.Semaphore": "a lock",
	"logging.FileHandler": "a log handler", "logging.StreamHandler": "a log handler",
	"concurrent.futures.ProcessPoolExecutor": "a pool of processes", "multiprocessing.Pool": "a pool of processes",
	"concurrent.futures.ThreadPoolExecutor": "a pool of threads", "multiprocessing.pool.ThreadPool": "a pool of threads",
	"subprocess.Popen":      "a process",
	"multiprocessing.Queue": "a queue", "queue.LifoQueue": "a queue",
	"queue.PriorityQueue": "a queue", "queue.Queue": "a queue",
	"csv.reader":               "a reader of a file",
	"socket.create_connection": "a socket", "socket.socket": "a socket",
	"threading.Thread": "a thread", "threading.Timer": "a thread",
	"threading.local":            "a thread's own data",
	"csv.writer":                 "a writer of a file",
	"ssl.create_default_context": "an SSL context",
	"os.scandir":                 "an iterator",
	"bz2.open":                   "an open file", "gzip.open": "an open file", "io.open": "an open file", "lzma.open": "an open file", "open": "an open file", "tempfile.NamedTemporaryFile": "an open file", "tempfile.TemporaryFile": "an open file",
}
