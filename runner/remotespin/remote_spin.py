"""Runs one step with the inputs that it had in an earlier run, and nothing after it.

    python remote_spin.py RUN/STEP[/TASK] FLOW.py [...] resume [...] --origin-run-id RUN STEP

Everything is done by Metaflow's own `resume` but for what is scheduled: of the
earlier run only the parameters are taken over, then one task of the step is
made, whose inputs are the tasks of the earlier run. So decorators, environments,
code package, retries, logs and interrupts are Metaflow's. The earlier run is
only read.
"""

import io
import os
import sys
import types

ONLY = "flowls-remote-spin"  # metadata of the pseudo step _parameters: where the inputs come from


def runtime(origin):
    """Metaflow's scheduler, made to run one step."""
    from metaflow.datastore import TaskDataStoreSet
    from metaflow.exception import MetaflowException, MetaflowInternalError
    from metaflow.metadata_provider import MetaDatum
    from metaflow.runtime import PREFETCH_DATA_ARTIFACTS, NativeRuntime

    run, step, task = (origin.split("/") + [None])[:3]

    class RemoteSpin(NativeRuntime):
        def __init__(self, flow, graph, flow_datastore, *rest, **options):
            self._inputs = Inputs(flow_datastore, graph, flow.name).of(task)
            options.update(clone_run_id=None, steps_to_rerun=None)
            super().__init__(flow, graph, flow_datastore, *rest, **options)
            self._clone_run_id = run
            self._origin_ds_set = TaskDataStoreSet(
                flow_datastore, run, steps=["_parameters"], prefetch_data_artifacts=PREFETCH_DATA_ARTIFACTS
            )
            self._unprocessed_steps = {step}
            self._launched = False

        def persist_constants(self, task_id=None):
            super().persist_constants(task_id)
            # To Metaflow's client this is a run that begins and ends with the step.
            ends = {"start_step": step, "end_step": step, ONLY: origin}
            self._metadata.register_metadata(
                self._run_id,
                "_parameters",
                self._params_task.task_id,
                [MetaDatum(field=name, value=value, type=name, tags=[]) for name, value in ends.items()],
            )

        def clone_original_run(self, *_, **__):
            pass

        def _queue_push(self, first, task_kwargs, index=None):
            if self._launched:
                return
            self._launched = True
            inputs = dict(self._inputs or {"input_paths": task_kwargs["input_paths"]})
            for path in inputs["input_paths"]:
                self._is_cloned[path] = False
            super()._queue_push(step, inputs)

        def _queue_tasks(self, finished_tasks):
            for finished in finished_tasks:
                self._finished[(self._graph.end_step, (), ())] = finished.path

        def _run_exit_hooks(self):
            pass  # they tell of the end of the flow

        def execute(self):
            try:
                super().execute()
            except MetaflowInternalError:
                if self._finished:
                    raise
                raise MetaflowException("Step *%s* was not successful." % step) from None

    class Inputs:
        """The tasks that the scheduler would give to a task as its inputs."""

        def __init__(self, datastore, graph, flow_name):
            self.datastore, self.graph, self.flow_name = datastore, graph, flow_name

        def of(self, task_id):
            if step not in self.graph:
                raise MetaflowException("The flow has no step *%s*." % step)
            if step == self.graph.start_step:
                return None  # the parameters of the new run
            node = self.graph[step]
            if any(self.graph[name].parallel_foreach for name in node.in_funcs):
                raise MetaflowException("Step *%s* runs in parallel on several nodes, which cannot be run by itself." % step)
            before = set(node.in_funcs) | ({step} if self.loops() else set())
            parents = [t for t in self.stored(before) if t.get("_task_ok") and self.leads(t)]
            if not parents:
                raise MetaflowException(
                    "No task of run *%s* that succeeded leads to step *%s*, or its data are in another data store than %s."
                    % (run, step, self.datastore.datastore_root)
                )
            stack, iterations = self.place(task_id, parents)
            if node.type == "join":
                chosen = self.joined(node, parents, stack)
            else:
                chosen = [self.leading(node, parents, stack, iterations)]
            inputs = {"input_paths": [p.pathspec for p in chosen]}
            if self.splits(node):
                inputs["split_index"] = str(stack[-1])
            return inputs

        def stored(self, steps):
            internal = ["_foreach_stack", "_foreach_num_splits", "_iteration_stack", "_transition", "_task_ok"]
            return list(TaskDataStoreSet(self.datastore, run, steps=sorted(steps), prefetch_data_artifacts=internal))

        def splits(self, node):
            return any(self.graph[name].type == "foreach" for name in node.in_funcs)

        def place(self, task_id, parents):
            """Indices of the foreaches around the task, and its counts of the loops around it."""
            if task_id is not None:
                try:
                    return place_of(self.datastore.get_task_datastore(run, step, task_id, allow_not_done=True))
                except Exception:  # it died before it stored anything
                    pass
            places = {t.task_id: place_of(t) for t in self.stored([step])}
            if task_id is None and places:
                return places[min(places, key=lambda name: (len(name), name))]
            return self.missing(task_id, parents, [stack for stack, _ in places.values()])

        def missing(self, task_id, parents, taken):
            """A task that left no data is the only one that others have left a place for."""
            stacks = {self.below(p, i) for p in parents for i in self.branches(p)}
            stacks -= {tuple(stack) for stack in taken}
            if len(stacks) != 1 or self.loops():
                raise MetaflowException(
                    "Task *%s* of step *%s* left no trace of its place in the flow: choose another one." % (task_id, step)
                )
            return list(stacks.pop()), []

        def below(self, parent, index):
            stack = indices(parent)
            if self.graph[step].type == "join" and self.joins_foreach(self.graph[step]):
                return tuple(stack[:-1])
            return tuple(stack + ([] if index is None else [index]))

        def branches(self, parent):
            return range(parent["_foreach_num_splits"]) if self.graph[parent.step_name].type == "foreach" else [None]

        def leads(self, stored):
            """Of the rounds of a loop only the last one goes on, of the branches of a switch the one that was taken."""
            transition = stored.get("_transition")
            return bool(transition) and step in (transition[0] or [])

        def loops(self):
            return step in self.graph[step].out_funcs

        def joins_foreach(self, node):
            return self.graph[node.split_parents[-1]].type == "foreach"

        def joined(self, node, parents, stack):
            if self.joins_foreach(node):
                inside = [p for p in parents if indices(p)[:-1] == stack]
                return sorted(inside, key=lambda p: indices(p)[-1])
            return [p for p in parents if indices(p) == stack]

        def leading(self, node, parents, stack, iterations):
            outer = stack[:-1] if self.splits(node) else stack
            found = [p for p in parents if indices(p) == outer]
            if self.loops() and iterations:
                again = iterations[-1] > 0
                found = [p for p in found if (p.step_name == step) is again]
                if again:
                    found = [p for p in found if p["_iteration_stack"] == iterations[:-1] + [iterations[-1] - 1]]
            if len(found) != 1:
                raise MetaflowException(
                    "%s of run *%s* can have led to this task of step *%s*: its inputs are not certain."
                    % ("No task" if not found else "%d tasks" % len(found), run, step)
                )
            return found[0]

    def indices(stored):
        return [frame.index for frame in stored["_foreach_stack"]]

    def place_of(stored):
        return indices(stored), list(stored.get("_iteration_stack") or [])

    return RemoteSpin


def main(origin, script, *arguments):
    sys.argv = [script, *arguments]
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    # Metaflow leaves names for its pickles in the main module: the flow must be it from the start.
    flow = types.ModuleType("__main__")
    flow.__file__ = script
    sys.modules["__main__"] = flow
    import metaflow
    from metaflow.cli_components import run_cmds

    try:
        run_cmds.NativeRuntime = runtime(origin)
    except (ImportError, AttributeError) as e:
        sys.exit("flowls cannot run one step with Metaflow %s: %s" % (metaflow.__version__, e))
    with io.open_code(script) as f:
        code = compile(f.read(), script, "exec")
    exec(code, flow.__dict__)


if __name__ == "__main__":
    main(*sys.argv[1:])
