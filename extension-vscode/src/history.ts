// Choosing what the code shows, a run or a task of a foreach, and comparing runs.

import * as vscode from 'vscode';
import type { Server } from './client';
import { formatAge, formatClock, formatDuration } from './format';
import { type FlowRef, oneStep, type Run, RunRequest, runKey, RunsRequest, ServerCommand } from './protocol';

/** Runs offered to choose from. */
const offered = 50;

interface Choice extends vscode.QuickPickItem {
  runId?: string;
  step?: string;
  taskId?: string;
}

async function runs(server: Server, flow: FlowRef): Promise<Run[]> {
  const found = (await server.ask(RunsRequest, { ...flow, limit: offered }))?.runs ?? [];
  if (found.length === 0) {
    throw new Error(`${flow.flow} has not run yet.`);
  }
  return found;
}

function item(run: Run, now: number): Choice {
  return {
    label: formatClock(run.startedAt, now),
    description: [run.kind, run.status, formatAge(run.startedAt, now), run.metaflowRunId ?? '', run.shown ? 'shown' : ''].filter((part) => part !== '').join(' · '),
    runId: runKey(run),
  };
}

/** Asks for the run that lenses and values shall show. */
export async function chooseRun(server: Server, { uri, flow }: FlowRef): Promise<void> {
  const now = Date.now();
  const items: Choice[] = [
    { label: 'Latest', description: 'always' },
    ...(await runs(server, { uri, flow })).filter((run) => !oneStep(run)).map((run) => item(run, now)),
  ];
  const choice = await vscode.window.showQuickPick(items, { title: `Run of ${flow} that the code shows` });
  if (choice !== undefined) {
    await server.execute(ServerCommand.selectRun, { uri, flow, runId: choice.runId });
  }
}

/** Asks for the task of a step whose values lenses and hints shall show. */
export async function chooseTask(server: Server, { uri, flow }: FlowRef, step: string): Promise<void> {
  const all = await runs(server, { uri, flow });
  const shown = all.find((run) => run.shown) ?? all[0]!;
  const run = await server.ask(RunRequest, { uri, flow, runId: runKey(shown) });
  const tasks = run?.steps?.find(({ name }) => name === step)?.tasksDetail ?? [];
  const items: Choice[] = tasks.map((task) => ({
    label: task.foreach ?? `task ${task.taskId}`,
    description: [task.status, task.durationMs ? formatDuration(task.durationMs) : '', task.exception?.type ?? ''].filter((part) => part !== '').join(' · '),
    step,
    taskId: task.taskId,
  }));
  // What failed is what one looks for.
  items.sort((a, b) => Number(b.description?.startsWith('failed')) - Number(a.description?.startsWith('failed')));
  items.push({ label: 'First', description: 'as before' });
  const choice = await vscode.window.showQuickPick(items, { title: `Task of ${step} that the code shows`, matchOnDescription: true });
  if (choice !== undefined) {
    // The latest run stays the one that is shown when a newer one comes.
    const latest = all.find((run) => !oneStep(run));
    await server.execute(ServerCommand.selectRun, {
      uri,
      flow,
      runId: latest !== undefined && runKey(latest) === runKey(shown) ? undefined : runKey(shown),
      step: choice.step,
      taskId: choice.taskId,
    });
  }
}

/** Compares a run, else one that is asked for, with another one; the server opens the difference. */
export async function diffRuns(server: Server, { uri, flow }: FlowRef, runId?: string): Promise<void> {
  if (runId !== undefined) {
    await server.execute(ServerCommand.diffRuns, { uri, flow, runId });
    return;
  }
  const now = Date.now();
  const items = (await runs(server, { uri, flow })).filter((run) => !oneStep(run)).map((run) => item(run, now));
  const newer = await vscode.window.showQuickPick(items, { title: `Run of ${flow}` });
  if (newer === undefined) {
    return;
  }
  const rest: Choice[] = [{ label: 'The run before it' }, ...items.filter((other) => other !== newer)];
  const older = await vscode.window.showQuickPick(rest, { title: `Compare with` });
  if (older !== undefined) {
    await server.execute(ServerCommand.diffRuns, { uri, flow, runId: newer.runId, otherId: older.runId });
  }
}
