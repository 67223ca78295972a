// Starting and stopping runs, and what would be executed.

import * as vscode from 'vscode';
import { askRun, askTask } from '../ask';
import { askLaunch } from '../launch';
import { type CommandLine, RunFormRequest, ServerCommand, TasksRequest } from '../protocol';
import type { Target } from '../target';
import { ref, type Scope } from './scope';

export async function runFlow(scope: Scope, given: Target, ask = false): Promise<void> {
  const flow = await scope.flow(given);
  if (flow === undefined) {
    return;
  }
  if (!ask) {
    return scope.execute(ServerCommand.run, ref(flow));
  }
  const form = await scope.server.ask(RunFormRequest, ref(flow));
  if (form === undefined) {
    throw new Error(`The parameters of ${flow.name} are not known.`);
  }
  const values = (await scope.mayRun(ref(flow))) ? await askRun(form) : undefined;
  if (values !== undefined) {
    await scope.execute(ServerCommand.run, { ...ref(flow), ...values });
  }
}

export async function runStep(scope: Scope, command: string, given: Target): Promise<void> {
  const flow = await scope.flow(given);
  if (flow === undefined) {
    return;
  }
  const step = await scope.step(flow, given);
  if (step !== undefined) {
    await scope.execute(command, { ...ref(flow), step });
  }
}

/** Runs a step with the inputs of a task that the user picks. */
export async function runTask(scope: Scope, given: Target): Promise<void> {
  const flow = await scope.flow(given);
  const step = flow && (await scope.step(flow, given));
  if (flow === undefined || step === undefined) {
    return;
  }
  const argument = { ...ref(flow), step };
  if (given.taskId !== undefined) {
    return scope.execute(ServerCommand.runStep, { ...argument, runId: given.runId, taskId: given.taskId });
  }
  const tasks = await scope.server.ask(TasksRequest, argument);
  if (tasks === undefined) {
    return scope.execute(ServerCommand.runStep, argument); // the server says what is missing
  }
  const task = await askTask(step, tasks);
  if (task !== undefined) {
    await scope.execute(ServerCommand.runStep, { ...argument, runId: tasks.runId, taskId: task.taskId });
  }
}

export async function rerunFailed(scope: Scope, given: Target): Promise<void> {
  const flow = await scope.flow(given);
  if (flow !== undefined) {
    await scope.execute(ServerCommand.rerunFailed, { ...ref(flow), runId: given.runId });
  }
}

/** The whole flow; of a step or a task what the user chooses. */
export async function launch(scope: Scope, given: Target, ofStep = false): Promise<void> {
  const flow = await scope.flow(given);
  if (flow === undefined || !(await scope.mayRun(ref(flow)))) {
    return;
  }
  const step = ofStep ? await scope.step(flow, given) : given.step;
  if (ofStep && step === undefined) {
    return;
  }
  const named = step === undefined ? {} : { step, ...(given.runId === undefined ? {} : { runId: given.runId }), ...(given.taskId === undefined ? {} : { taskId: given.taskId }) };
  const argument = await askLaunch(scope.server, ref(flow), named);
  if (argument !== undefined) {
    await scope.execute(ServerCommand.launch, argument);
  }
}

export async function stop(scope: Scope, given: Target): Promise<void> {
  if (given.runId !== undefined) {
    return scope.execute(ServerCommand.stop, { runId: given.runId });
  }
  const flow = await scope.flow(given);
  if (flow !== undefined) {
    await scope.execute(ServerCommand.stop, ref(flow));
  }
}

export async function stopAll(scope: Scope): Promise<void> {
  const { runs } = await scope.server.execute<{ runs: unknown[] }>(ServerCommand.stopAll, {});
  void vscode.window.showInformationMessage(runs.length === 1 ? '1 run was stopped.' : `${runs.length} runs were stopped.`);
}

export async function copyFlow(scope: Scope, given: Target): Promise<void> {
  const flow = await scope.flow(given);
  if (flow !== undefined) {
    const command = given.step === undefined ? ServerCommand.run : ServerCommand.runStep;
    await copyCommandLine(scope, { command, argument: { ...ref(flow), step: given.step } });
  }
}

export async function copyCommandLine(scope: Scope, argument: object): Promise<void> {
  const { commandLine } = await scope.server.execute<CommandLine>(ServerCommand.commandLine, argument);
  await vscode.env.clipboard.writeText(commandLine);
  void vscode.window.showInformationMessage(`Copied: ${commandLine}`);
}
