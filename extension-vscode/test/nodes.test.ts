import assert from 'node:assert/strict';
import type { Artifact, Flow, Run, RunStep, Task } from '../src/protocol';
import { artifactNodes, type Node, nodeId, row, stateIcon, taskNodes } from '../src/views/nodes';

const range = { start: { line: 1, character: 0 }, end: { line: 9, character: 0 } };
const flow: Flow = {
  uri: 'file:///work%20space/train_flow.py',
  name: 'TrainFlow',
  range,
  open: true,
  steps: [
    { name: 'start', type: 'foreach', range, next: ['fit'] },
    { name: 'fit', type: 'linear', range, next: ['end'] },
  ],
};
const score: Artifact = { name: 'score', type: 'float', size: 21, preview: '0.93', changed: true };
const rows: Artifact = { name: 'rows', type: 'DataFrame', size: 310_000_000 };
const now = Date.parse('2026-03-01T12:00:00Z');

function task(changes: Partial<Task> = {}): Task {
  return { taskId: '2', attempt: 0, status: 'succeeded', durationMs: 1200, artifacts: [rows, score], ...changes };
}

function step(changes: Partial<RunStep> = {}): RunStep {
  return { name: 'fit', status: 'succeeded', tasks: 1, done: 1, failed: 0, durationMs: 1200, tasksDetail: [task()], ...changes };
}

function run(changes: Partial<Run> = {}): Run {
  return {
    runId: 'a1',
    metaflowRunId: '1763',
    flow: 'TrainFlow',
    kind: 'run',
    status: 'succeeded',
    startedAt: '2026-03-01T11:52:00Z',
    endedAt: '2026-03-01T11:52:03Z',
    stoppable: false,
    steps: [step()],
    ...changes,
  };
}

describe('side bar rows', () => {
  it('shows a flow with its file and the state of its latest run', () => {
    const idle = row({ kind: 'flow', flow, latest: undefined }, now);
    assert.equal(idle.label, 'TrainFlow');
    assert.equal(idle.description, 'train_flow.py');
    assert.equal(idle.tooltip, '/work space/train_flow.py');
    assert.equal(idle.contextValue, 'flow');
    const active = row({ kind: 'flow', flow, latest: run({ status: 'running', stoppable: true }) }, now);
    assert.equal(active.contextValue, 'flow.stoppable');
    assert.equal(active.icon, 'sync~spin');
  });

  it('does not offer to stop what has ended', () => {
    assert.equal(row({ kind: 'flow', flow, latest: run({ stoppable: true }) }, now).contextValue, 'flow');
    assert.equal(row({ kind: 'run', flow, run: run() }, now).contextValue, 'run.log');
    assert.equal(row({ kind: 'run', flow, run: run({ status: 'running', stoppable: true }) }, now).contextValue, 'run.stoppable.log');
  });

  it('offers no log of a run that was started elsewhere', () => {
    const { runId: _, ...elsewhere } = run();
    assert.equal(row({ kind: 'run', flow, run: elsewhere }, now).contextValue, 'run');
  });

  it('shows steps before, while and after they run', () => {
    const [start, fit] = flow.steps as [Flow['steps'][0], Flow['steps'][0]];
    const before = row({ kind: 'step', flow, step: start, latest: undefined }, now);
    assert.deepEqual([before.description, before.tooltip, before.expand], ['foreach', 'start (foreach) → fit', 'none']);
    const show = (state: RunStep) => row({ kind: 'step', flow, step: fit, latest: run({ steps: [state] }) }, now);
    assert.equal(show(step({ status: 'running', tasks: 10, done: 3 })).description, 'running 3/10');
    assert.equal(show(step()).description, '1.2 s');
    assert.equal(show(step({ status: 'failed', tasks: 10, done: 9, failed: 1 })).description, 'failed · 1 of 10 tasks failed · 1.2 s');
    assert.equal(show(step({ status: 'succeeded', tasks: 3, done: 3 })).description, '3 tasks · 1.2 s');
    assert.equal(show(step({ status: 'stopped', tasks: 3, failed: 3 })).description, 'stopped · 3 tasks · 1.2 s');
    assert.equal(show({ name: 'fit', status: 'pending', tasks: 0, done: 0, failed: 0 }).description, 'not run');
    assert.equal(show(step()).expand, 'collapsed');
  });

  it('shows a run by time, outcome and Metaflow id', () => {
    const local = Date.parse('2026-03-01T12:00:00');
    const times = { startedAt: '2026-03-01T11:52:00', endedAt: '2026-03-01T11:52:03' };
    const done = row({ kind: 'run', flow, run: run(times) }, local);
    assert.deepEqual([done.label, done.description], ['11:52:00', '3.0 s · 1763']);
    assert.equal(done.tooltip, 'TrainFlow/1763: succeeded, started 8 min ago');
    const local16 = row({ kind: 'run', flow, run: run({ ...times, metaflowRunId: '1795636627073092' }) }, local);
    assert.deepEqual([local16.description, local16.tooltip], ['3.0 s', 'TrainFlow/1795636627073092: succeeded, started 8 min ago']);
    const { metaflowRunId: _, endedAt: __, ...starting } = run({ ...times, status: 'starting' });
    assert.equal(row({ kind: 'run', flow, run: starting }, local).description, 'starting');
    const spin = run({ ...times, kind: 'spin', status: 'failed' });
    assert.equal(row({ kind: 'run', flow, run: spin }, local).description, 'spin · failed · 3.0 s · 1763');
  });

  it('shows the artifacts of a lone task without a row for the task', () => {
    const [first, second] = taskNodes(flow, run(), step(), 'parent') as [Node, Node];
    assert.equal(row(first, now).description, '0.93 · float · 21 B');
    assert.equal(row(first, now).tooltip, 'TrainFlow/1763/fit/2/score');
    // What the step only inherited comes last.
    assert.equal(row(second, now).description, 'DataFrame · 310 MB');
    assert.equal(row(second, now).tooltip, 'TrainFlow/1763/fit/2/rows (inherited)');
  });

  it('shows a row for each of several tasks, and for a task without artifacts', () => {
    const several = step({ tasks: 2, tasksDetail: [task(), task({ taskId: '3', status: 'failed', attempt: 2, foreach: 'rates=0.1', exception: { type: 'ValueError', message: 'no', stacktrace: '' } })] });
    const [first, second] = taskNodes(flow, run(), several, 'parent') as [Node, Node];
    assert.equal(row(first, now).label, 'task 2');
    assert.deepEqual([row(second, now).description, row(second, now).tooltip], ['rates=0.1 · failed · attempt 3 · 1.2 s', 'ValueError: no']);
    assert.equal(first.kind === 'task' && artifactNodes(first).length, 2);
    assert.deepEqual(
      taskNodes(flow, run(), step({ tasksDetail: [task({ artifacts: [] })] }), 'parent').map(({ kind }) => kind),
      ['task'],
    );
  });

  it('has different ids for the same task below its step and below its run', () => {
    const ids = ['step|x', 'runStep|x'].flatMap((parent) => taskNodes(flow, run(), step(), parent).map(nodeId));
    assert.equal(new Set(ids).size, 4);
  });

  it('has an icon for states that a newer server may send', () => {
    assert.deepEqual(stateIcon('sleeping'), ['question', 'descriptionForeground']);
  });

  it('lists cards before artifacts, and tells which must not be shown', () => {
    const card = { taskId: '2', type: 'blank', id: 'mine', path: '/c/blank-mine-1.html', size: 1_100_000 };
    const below = taskNodes(flow, run(), step({ tasksDetail: [task({ cards: [card, { taskId: '2', type: 'default', path: '/c/default-1.html', size: 0, problem: 'it is a link' }] })] }), 'p');
    assert.deepEqual(below.map(({ kind }) => kind), ['card', 'card', 'artifact', 'artifact']);
    const [mine, other] = below.map((node) => row(node, now));
    assert.deepEqual([mine?.label, mine?.description, mine?.icon], ['mine', 'blank · 1.1 MB', 'preview']);
    assert.deepEqual([other?.label, other?.icon, other?.tooltip], ['Card', 'warning', '/c/default-1.html: it is a link']);
    assert.equal(new Set(below.map(nodeId)).size, 4);
  });
});
