// Showing what runs left, and where things are.

import * as vscode from 'vscode';
import { formatAge, formatClock } from '../format';
import { artifactPathspec, CardsRequest, type Run, RunRequest, runKey, RunsRequest, ServerCommand } from '../protocol';
import type { Target } from '../target';
import { cardName, type CardPlace } from '../views/cards';
import type { Node } from '../views/nodes';
import { ref, type Scope } from './scope';

export async function showLog(scope: Scope, given: Target): Promise<void> {
  const { logs, server } = scope.parts;
  const { runId, uri, flow: name, step, taskId, attempt } = given;
  if (runId !== undefined) {
    const ref = { runId, ...(uri !== undefined && name !== undefined ? { uri, flow: name } : {}) };
    if (step === undefined) {
      return logs.show(ref, name === undefined ? 'Metaflow log' : `${name} log`);
    }
    const task = { step, ...(taskId === undefined ? {} : { taskId }), ...(attempt === undefined ? {} : { attempt }) };
    return logs.show({ ...ref, ...task }, taskId === undefined ? `${step} log` : `${step}/${taskId} log`);
  }
  const flow = await scope.flow(given);
  if (flow === undefined) {
    return;
  }
  const runs = (await server.ask(RunsRequest, { ...ref(flow), limit: 20 }))?.runs ?? [];
  if (step !== undefined) {
    const shown = runs.find((run) => run.shown);
    if (shown === undefined) {
      throw new Error(`${flow.name} has not run yet, so there is no log of \`${step}\`.`);
    }
    return logs.show({ runId: runKey(shown), ...ref(flow), step }, `${step} log`);
  }
  const logged = runs.filter((run): run is Run & { runId: string } => run.runId !== undefined);
  if (logged.length === 0) {
    throw new Error(`No run of ${flow.name} was started from an editor yet, so there is no log.`);
  }
  const now = Date.now();
  const items = logged.map((run) => ({
    // As in the side bar.
    label: formatClock(run.startedAt, now),
    description: [run.kind, run.status, formatAge(run.startedAt, now), run.metaflowRunId ?? ''].filter((part) => part !== '').join(' · '),
    runId: run.runId,
  }));
  const choice = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: `Log of ${flow.name}` });
  if (choice !== undefined) {
    logs.show({ runId: choice.runId, ...ref(flow) }, `${flow.name} ${choice.label}`);
  }
}

/** The card of a row, else one of the step's that the user chooses. */
export async function showCard(scope: Scope, given: Target): Promise<void> {
  const where = await cardPlace(scope, given);
  if (where === undefined) {
    return;
  }
  if (given.card !== undefined && given.card.remote !== true) {
    return scope.parts.cards.show(given.card, where);
  }
  const all = (await scope.server.ask(CardsRequest, where))?.cards ?? [];
  const wanted = given.path ?? given.card?.path;
  const cards = wanted === undefined ? all : all.filter(({ path, stored }) => path === wanted || stored === wanted);
  if (cards.length === 0) {
    throw new Error(`Step \`${where.step}\` has no card: most are made when their task has ended.`);
  }
  const items = cards.map((card) => ({ label: cardName(card), description: `task ${card.taskId}${card.running === true ? ' · so far' : ''}`, card }));
  const choice = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: `Cards of ${where.step}` });
  if (choice !== undefined) {
    await scope.parts.cards.show(choice.card, where);
  }
}

/** The step of a lens or a row, else one that the user picks, of the run that the code shows. */
async function cardPlace(scope: Scope, { runId, uri, flow: name, step, taskId }: Target): Promise<CardPlace | undefined> {
  if (runId !== undefined && step !== undefined) {
    return { runId, step, ...(uri === undefined ? {} : { uri, flow: name ?? '' }), ...(taskId === undefined ? {} : { taskId }) };
  }
  const flow = await scope.flow({});
  const picked = flow && (await scope.step(flow, {}));
  return flow === undefined || picked === undefined ? undefined : { ...ref(flow), runId: runKey(await scope.shownRun(flow)), step: picked };
}

export async function showArtifact(scope: Scope, given: Target): Promise<void> {
  const { pathspec, uri } = await artifactPlace(scope, given);
  if (pathspec !== undefined) {
    await scope.parts.texts.showArtifact(pathspec, uri ?? scope.lastEditor?.document.uri.toString() ?? '');
  }
}

/** The artifact of a row, else one of the run that the code shows, which the user picks. */
async function artifactPlace(scope: Scope, { pathspec, uri }: Target): Promise<Pick<Target, 'pathspec' | 'uri'>> {
  if (pathspec !== undefined) {
    return { pathspec, ...(uri === undefined ? {} : { uri }) };
  }
  const flow = await scope.flow({});
  const step = flow && (await scope.step(flow, {}));
  if (flow === undefined || step === undefined) {
    return {};
  }
  const run = await scope.server.ask(RunRequest, { ...ref(flow), runId: runKey(await scope.shownRun(flow)) });
  const tasks = run?.steps?.find(({ name }) => name === step)?.tasksDetail ?? [];
  const items = tasks.flatMap((task) =>
    (task.artifacts ?? []).map((artifact) => ({
      label: artifact.name,
      description: [artifact.preview ?? artifact.type, tasks.length > 1 ? (task.foreach ?? `task ${task.taskId}`) : ''].filter((part) => part !== '').join(' · '),
      changed: artifact.changed ?? false,
      pathspec: run && artifactPathspec(run, step, task, artifact),
    })),
  );
  if (items.length === 0) {
    throw new Error(`Step \`${step}\` has no artifact in the run that the code shows.`);
  }
  items.sort((a, b) => Number(b.changed) - Number(a.changed));
  const choice = await vscode.window.showQuickPick(items, { title: `Artifact of ${step}`, matchOnDescription: true });
  return choice?.pathspec === undefined ? {} : { pathspec: choice.pathspec, uri: flow.uri };
}

/** The dialog has asked before it names a file that is there. */
export async function exportArtifact(scope: Scope, given: Target): Promise<void> {
  const { pathspec, uri } = await artifactPlace(scope, given);
  if (pathspec === undefined) {
    return;
  }
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = pathspec.slice(pathspec.lastIndexOf('/') + 1);
  const file = await vscode.window.showSaveDialog({
    title: `Export ${name}`,
    filters: { CSV: ['csv'], JSON: ['json'], NumPy: ['npy'], PNG: ['png'] },
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, `${name}.csv`) }),
  });
  if (file !== undefined) {
    await scope.execute(ServerCommand.exportArtifact, { pathspec, ...(uri !== undefined && { uri }), file: file.toString(), overwrite: true });
  }
}

export async function showGraph(scope: Scope, given: Target, asText = false): Promise<void> {
  const flow = await scope.flow(given);
  if (flow !== undefined) {
    await (asText ? scope.parts.texts.showGraph(ref(flow)) : scope.parts.graphs.show(ref(flow)));
  }
}

export async function goTo(node: Node): Promise<void> {
  const inherited = node.kind === 'step' ? node.step.inherited : undefined;
  const range = inherited?.range ?? (node.kind === 'step' ? node.step.range : node.flow.range);
  const start = new vscode.Position(range.start.line, range.start.character);
  await vscode.window.showTextDocument(vscode.Uri.parse(inherited?.uri ?? node.flow.uri), { selection: new vscode.Range(start, start) });
}
