// What a command is about: the argument of a lens, or a row of the side bar. Pure.

import { artifactPathspec, type Card, runKey, type StepRef } from './protocol';
import type { Node } from './views/nodes';

/** Arguments as lenses and tree rows carry them; the palette gives none. */
export type Target = Partial<StepRef> & { runId?: string; taskId?: string; attempt?: number; pathspec?: string; card?: Card; path?: string };

function fromNode(node: Node): Target {
  const target: Target = { uri: node.flow.uri, flow: node.flow.name };
  if (node.kind === 'step' || node.kind === 'runStep') {
    target.step = node.step.name;
  }
  if (node.kind === 'run' || node.kind === 'runStep') {
    target.runId = runKey(node.run);
  }
  if (node.kind === 'task' || node.kind === 'card') {
    target.runId = runKey(node.run);
    target.step = node.step.name;
    target.taskId = node.task.taskId;
  }
  if (node.kind === 'card') {
    target.card = node.card;
  }
  if (node.kind === 'artifact') {
    const pathspec = artifactPathspec(node.run, node.step.name, node.task, node.artifact);
    if (pathspec !== undefined) {
      target.pathspec = pathspec;
    }
  }
  return target;
}

export function target(argument: unknown): Target {
  if (typeof argument !== 'object' || argument === null) {
    return {};
  }
  return 'kind' in argument && 'flow' in argument && typeof argument.flow === 'object' ? fromNode(argument as Node) : (argument as Target);
}
