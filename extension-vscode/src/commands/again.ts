// Taking up an earlier run with options of Metaflow: resuming, one step alone, what failed.

import { askOptions, askOrigin, askTask } from '../ask';
import { type FlowRef, OriginsRequest, RunFormRequest, ServerCommand, type StepRef, TasksRequest } from '../protocol';
import type { Target } from '../target';
import { ref, type Scope } from './scope';

export type AgainCommand = typeof ServerCommand.runStep | typeof ServerCommand.resume | typeof ServerCommand.rerunFailed;

/** Asks for what the user has not named: step, run or task, options. */
export async function withOptions(scope: Scope, command: AgainCommand, given: Target): Promise<void> {
  const flow = await scope.flow(given);
  if (flow === undefined || !(await scope.mayRun(ref(flow)))) {
    return;
  }
  if (command === ServerCommand.rerunFailed) {
    return giveWithOptions(scope, command, `Run again what failed in ${flow.name}`, { ...ref(flow), runId: given.runId });
  }
  const step = await scope.step(flow, given);
  if (step === undefined) {
    return;
  }
  const argument = { ...ref(flow), step };
  const inputs = command === ServerCommand.resume ? await chooseOrigin(scope, argument, given) : await chooseTask(scope, argument, given);
  if (inputs === undefined) {
    return;
  }
  if (inputs === 'missing') {
    return scope.execute(command, argument); // the server says what is missing
  }
  const title = command === ServerCommand.resume ? `Resume ${flow.name} from ${step}` : `Run ${step}`;
  await giveWithOptions(scope, command, title, { ...argument, ...inputs });
}

type Inputs = Record<string, unknown> | 'missing' | undefined;

async function chooseOrigin(scope: Scope, argument: StepRef, { runId }: Target): Promise<Inputs> {
  if (runId !== undefined) {
    return { originRunId: runId };
  }
  const origins = await scope.server.ask(OriginsRequest, argument).catch(() => undefined);
  if (origins === undefined) {
    return 'missing';
  }
  const origin = await askOrigin(`Resume ${argument.flow} from ${argument.step}`, origins);
  return origin && { originRunId: origin.runId };
}

async function chooseTask(scope: Scope, argument: StepRef, { runId, taskId }: Target): Promise<Inputs> {
  if (taskId !== undefined) {
    return { runId, taskId };
  }
  const tasks = await scope.server.ask(TasksRequest, { ...argument, ...(runId === undefined ? {} : { runId }) }).catch(() => undefined);
  if (tasks === undefined) {
    return 'missing';
  }
  const task = tasks.total > 1 ? await askTask(argument.step, tasks) : tasks.tasks[0];
  return task && { runId: tasks.runId, taskId: task.taskId };
}

async function giveWithOptions(scope: Scope, command: AgainCommand, title: string, argument: FlowRef & Record<string, unknown>): Promise<void> {
  const kind = command === ServerCommand.runStep ? 'spin' : 'resume';
  const form = await scope.server.ask(RunFormRequest, { uri: argument.uri, flow: argument.flow, kind });
  const options = form && (await askOptions(form, title));
  if (options !== undefined) {
    await scope.execute(command, { ...argument, options });
  }
}
