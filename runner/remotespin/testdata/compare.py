"""Says how runs stand and what their tasks hold, as Metaflow's client has it."""

import json
import sys

from metaflow import Run, namespace

namespace(None)
for pathspec in sys.argv[1:]:
    run = Run(pathspec)
    tasks = {}
    for step in run:
        for task in step:
            data = {a.id: a.data for a in task}
            data.pop("depth", None)
            tasks["%s/%s" % (step.id, task.metadata_dict.get("foreach-execution-path", ""))] = {
                "id": task.id, "data": data, "attempts": task.current_attempt + 1, "origin": task.origin_pathspec or task.metadata_dict.get("origin-run-id"),
            }
    print(json.dumps({"successful": run.successful, "finished": run.finished, "end": getattr(run.end_task, "pathspec", None), "tasks": tasks}))
