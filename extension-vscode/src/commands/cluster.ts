// What runs left in a cluster, their pods, and terminals into those.

import * as vscode from 'vscode';
import { type CleanUp, type Leftover, ServerCommand, type TerminalCommand } from '../protocol';
import type { Target } from '../target';
import { ref, type Scope } from './scope';

export async function watchKubernetes(scope: Scope, given: Target): Promise<void> {
  const flow = await scope.flow(given);
  if (flow !== undefined) {
    await scope.execute(ServerCommand.watchKubernetes, { ...ref(flow), ...(given.runId === undefined ? {} : { runId: given.runId }) });
  }
}

/** What would keep the flow from running becomes diagnostics; the server says in a message how it stands. */
export async function preflight(scope: Scope, given: Target): Promise<void> {
  const flow = await scope.flow(given);
  if (flow !== undefined) {
    await scope.execute(ServerCommand.preflight, ref(flow));
  }
}

/** The user picks; what may go on elsewhere is not picked beforehand. */
export async function cleanUp(scope: Scope, given: Target): Promise<void> {
  const flow = await scope.flow(given);
  if (flow === undefined) {
    return;
  }
  const found = await scope.server.execute<CleanUp>(ServerCommand.cleanUp, { ...ref(flow), delete: [] });
  const item = (left: Leftover, picked: boolean) => ({
    label: left.run,
    description: `${left.jobs} ${left.jobs === 1 ? 'job' : 'jobs'}, ${left.pods} ${left.pods === 1 ? 'pod' : 'pods'}`,
    detail: left.why,
    picked,
  });
  const items = [...found.leftovers.map((left) => item(left, true)), ...found.others.map((left) => item(left, false))];
  const where = found.namespaces.join(', ');
  if (items.length === 0) {
    void vscode.window.showInformationMessage(`Nothing of runs that have ended is left in namespace ${where}.`);
    return;
  }
  const chosen = await vscode.window.showQuickPick(items, { canPickMany: true, title: `Clean Up Namespace ${where}`, placeHolder: `Delete the unfinished jobs and pods of these runs of ${found.user}` });
  if (chosen === undefined || chosen.length === 0) {
    return;
  }
  const { deleted } = await scope.server.execute<CleanUp>(ServerCommand.cleanUp, { ...ref(flow), delete: chosen.map(({ label }) => label) });
  void vscode.window.showInformationMessage(`Deleted what was left of ${deleted.length === 1 ? '1 run' : `${deleted.length} runs`}.`);
}

export async function shell(scope: Scope, given: Target): Promise<void> {
  const task = await taskOf(scope, given);
  if (task !== undefined) {
    await open(await scope.server.execute<TerminalCommand>(ServerCommand.shell, task));
  }
}

export async function portForward(scope: Scope, given: Target): Promise<void> {
  const task = await taskOf(scope, given);
  const port =
    task &&
    (await vscode.window.showInputBox({
      title: 'Forward a Port of the Pod',
      prompt: 'Port on which the task listens; it is reachable under the same one on this machine',
      validateInput: (text) => (/^[1-9]\d{0,4}$/.test(text) ? undefined : 'A number from 1 to 65535'),
    }));
  if (port !== undefined) {
    await open(await scope.server.execute<TerminalCommand>(ServerCommand.portForward, { ...task, port: Number(port) }));
  }
}

async function taskOf(scope: Scope, given: Target): Promise<object | undefined> {
  const flow = await scope.flow(given);
  const step = flow && (await scope.step(flow, given));
  return flow && step !== undefined
    ? { ...ref(flow), step, ...(given.runId === undefined ? {} : { runId: given.runId }), ...(given.taskId === undefined ? {} : { taskId: given.taskId }) }
    : undefined;
}

/** No shell comes between: the words are the command's arguments as they are. */
async function open({ argv, commandLine, found, pod }: TerminalCommand): Promise<void> {
  const [program, ...args] = argv;
  if (found && program !== undefined) {
    vscode.window.createTerminal({ name: pod, shellPath: program, shellArgs: args, iconPath: new vscode.ThemeIcon('cloud') }).show();
    return;
  }
  await vscode.env.clipboard.writeText(commandLine);
  void vscode.window.showWarningMessage(`kubectl is not there. Copied: ${commandLine}`);
}
