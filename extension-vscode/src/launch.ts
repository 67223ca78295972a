// Asks what shall run on Kubernetes: what of the flow, with the results of which run, and whether the command is the right one.

import * as vscode from 'vscode';
import { askRun, askTask } from './ask';
import type { Server } from './client';
import { formatAge, formatClock } from './format';
import { type CommandLine, type FlowRef, oneStep, type Run, RunFormRequest, runKey, RunsRequest, ServerCommand, TasksRequest } from './protocol';

/** What the user has named already, by a row of the side bar. */
export interface Named {
  step?: string;
  runId?: string;
  taskId?: string;
}

/** The argument of flowls.launch; undefined when the user lets it be. */
export async function askLaunch(server: Server, flow: FlowRef, named: Named): Promise<object | undefined> {
  const argument = named.step === undefined ? await wholeFlow(server, flow) : await oneOrRest(server, flow, named.step, named);
  return argument !== undefined && (await confirmed(server, flow, argument)) ? argument : undefined;
}

async function wholeFlow(server: Server, flow: FlowRef): Promise<object | undefined> {
  const form = await server.ask(RunFormRequest, flow);
  if (form === undefined || (form.fields.length === 0 && !form.remembered)) {
    return flow;
  }
  const given = await askRun(form, `Launch ${flow.flow} on Kubernetes`);
  return given && { ...flow, ...given };
}

async function oneOrRest(server: Server, flow: FlowRef, step: string, named: Named): Promise<object | undefined> {
  const title = `Launch ${step} on Kubernetes`;
  const alone = 'This step alone';
  const what = named.taskId === undefined ? await vscode.window.showQuickPick([alone, 'From here to the end'], { title }) : alone;
  if (what === undefined) {
    return undefined;
  }
  const origin = named.runId ?? (await askOrigin(server, flow, step, title));
  if (origin === undefined) {
    return undefined;
  }
  const argument = { ...flow, step, ...(origin === '' ? {} : { originRunId: origin }) };
  if (what !== alone) {
    return argument;
  }
  const taskId = named.taskId ?? (await askInputs(server, flow, step, origin));
  return taskId === undefined ? undefined : { ...argument, alone: true, ...(taskId === '' ? {} : { taskId }) };
}

/** The run whose results are taken over; '' leaves it to the server, which says what is missing. */
async function askOrigin(server: Server, flow: FlowRef, step: string, title: string): Promise<string | undefined> {
  const all = (await server.ask(RunsRequest, { ...flow, limit: 50 }))?.runs ?? [];
  const reached = (run: Run) => !oneStep(run) && run.steps?.some(({ name, tasks }) => name === step && tasks > 0);
  const now = Date.now();
  const items = all.filter(reached).map((run) => ({
    label: formatClock(run.startedAt, now),
    description: [run.kind, run.status, formatAge(run.startedAt, now), run.metaflowRunId ?? ''].filter((part) => part !== '').join(' · '),
    id: runKey(run),
  }));
  if (items.length < 2) {
    return items[0]?.id ?? '';
  }
  return (await vscode.window.showQuickPick(items, { title, placeHolder: `Run that gives what comes before ${step}` }))?.id;
}

/** The task whose inputs the step shall have; '' where there is no choice. */
async function askInputs(server: Server, flow: FlowRef, step: string, origin: string): Promise<string | undefined> {
  const tasks = await server.ask(TasksRequest, { ...flow, step, ...(origin === '' ? {} : { runId: origin }) }).catch(() => undefined);
  return tasks === undefined || tasks.total < 2 ? '' : (await askTask(step, tasks))?.taskId;
}

/** A cluster costs money: the command is shown before it is given. */
async function confirmed(server: Server, { flow }: FlowRef, argument: object): Promise<boolean> {
  const { commandLine } = await server.execute<CommandLine>(ServerCommand.commandLine, { command: ServerCommand.launch, argument });
  const launch = 'Launch';
  return (await vscode.window.showInformationMessage(`Launch ${flow} on Kubernetes?`, { modal: true, detail: commandLine }, launch)) === launch;
}
