// The side bar's tree as plain values: which rows there are and what each shows. Pure; tree.ts draws it.

import { formatAge, formatClock, formatDuration, formatSize } from '../format';
import { type Artifact, artifactPathspec, type Card, type Flow, type FlowStep, oneStep, type Run, type RunStep, runKey, type Task } from '../protocol';

export type Node = FlowNode | StepNode | RunsNode | RunNode | RunStepNode | TaskNode | ArtifactNode | CardNode;

export interface FlowNode {
  kind: 'flow';
  flow: Flow;
  latest: Run | undefined;
}

export interface StepNode {
  kind: 'step';
  flow: Flow;
  step: FlowStep;
  latest: Run | undefined;
}

export interface RunsNode {
  kind: 'runs';
  flow: Flow;
  runs: Run[];
}

export interface RunNode {
  kind: 'run';
  flow: Flow;
  run: Run;
}

export interface RunStepNode {
  kind: 'runStep';
  flow: Flow;
  run: Run;
  step: RunStep;
}

export interface TaskNode {
  kind: 'task';
  flow: Flow;
  run: Run;
  step: RunStep;
  task: Task;
  /** Id of the row above: the same task shows under its step and under its run. */
  parent: string;
}

export interface ArtifactNode {
  kind: 'artifact';
  flow: Flow;
  run: Run;
  step: RunStep;
  task: Task;
  artifact: Artifact;
  parent: string;
}

export interface CardNode {
  kind: 'card';
  flow: Flow;
  run: Run;
  step: RunStep;
  task: Task;
  card: Card;
  parent: string;
}

export interface Row {
  label: string;
  description: string;
  tooltip: string;
  icon: string;
  /** Theme colour of the icon; '' for the default. */
  color: string;
  contextValue: string;
  expand: 'none' | 'collapsed' | 'expanded';
}

/** Stable across refreshes, so the tree keeps what is open and selected. */
export function nodeId(node: Node): string {
  switch (node.kind) {
    case 'flow':
      return `flow|${node.flow.uri}|${node.flow.name}`;
    case 'step':
      return `step|${node.flow.uri}|${node.flow.name}|${node.step.name}`;
    case 'runs':
      // Another row once there are runs: VS Code keeps a row closed that could not be opened before.
      return `runs|${node.flow.uri}|${node.flow.name}|${node.runs.length > 0}`;
    case 'run':
      return `run|${node.flow.uri}|${node.flow.name}|${runKey(node.run)}`;
    case 'runStep':
      return `runStep|${node.flow.uri}|${node.flow.name}|${runKey(node.run)}|${node.step.name}`;
    case 'task':
      return `${node.parent}|task|${runKey(node.run)}|${node.task.taskId}`;
    case 'artifact':
      return `${node.parent}|artifact|${runKey(node.run)}|${node.task.taskId}|${node.artifact.name}`;
    case 'card':
      return `${node.parent}|card|${node.card.path}`;
  }
}

const stateIcons: Record<string, [icon: string, color: string]> = {
  pending: ['circle-outline', 'descriptionForeground'],
  starting: ['loading~spin', 'charts.blue'],
  running: ['sync~spin', 'charts.blue'],
  succeeded: ['pass', 'testing.iconPassed'],
  failed: ['error', 'testing.iconFailed'],
  stopped: ['circle-slash', 'testing.iconSkipped'],
  unknown: ['question', 'descriptionForeground'],
};

export function stateIcon(status: string): [icon: string, color: string] {
  return stateIcons[status] ?? ['question', 'descriptionForeground'];
}

const typeIcons: Record<string, string> = {
  start: 'debug-start',
  end: 'primitive-square',
  split: 'repo-forked',
  foreach: 'list-tree',
  'split-switch': 'type-hierarchy-sub',
  join: 'git-merge',
  linear: 'circle-outline',
};

function describeStep(step: RunStep, run: Run): string {
  const parts: string[] = [];
  const active = run.status === 'running' || run.status === 'starting';
  if (step.status === 'running' && step.tasks > 0) {
    parts.push(`running ${step.done}/${step.tasks}`);
  } else if (step.status === 'pending' && !active) {
    parts.push('not run');
  } else if (step.status !== 'succeeded') {
    parts.push(step.status);
  }
  if (step.status !== 'running' && step.tasks > 1) {
    parts.push(step.status === 'failed' ? `${step.failed} of ${step.tasks} tasks failed` : `${step.tasks} tasks`);
  }
  if (step.durationMs !== undefined && step.status !== 'running') {
    parts.push(formatDuration(step.durationMs));
  }
  return parts.join(' · ');
}

/** Ids of a metadata service are short. Local ones are 16 digits that mean nothing at a glance: the tooltip has them. */
const longestId = 10;

function describeRun(run: Run): string {
  const parts: string[] = [];
  if (run.kind !== 'run') {
    parts.push(run.kind);
  }
  if (run.status !== 'succeeded') {
    parts.push(run.status);
  }
  if (run.endedAt !== undefined) {
    const ms = Date.parse(run.endedAt) - Date.parse(run.startedAt);
    if (ms >= 0) {
      parts.push(formatDuration(ms));
    }
  }
  if (run.metaflowRunId !== undefined && run.metaflowRunId.length <= longestId) {
    parts.push(run.metaflowRunId);
  }
  return parts.join(' · ');
}

/** What Metaflow calls the run, or a stand-in while it has not said so. */
function runName(run: Run): string {
  return run.metaflowRunId ?? (run.status === 'starting' || run.status === 'running' ? 'starting …' : (run.runId ?? ''));
}

export function row(node: Node, now: number): Row {
  switch (node.kind) {
    case 'flow': {
      const file = decodeURIComponent(node.flow.uri.slice(node.flow.uri.lastIndexOf('/') + 1));
      const active = node.latest !== undefined && (node.latest.status === 'running' || node.latest.status === 'starting');
      const [icon, color] = node.latest === undefined ? ['type-hierarchy', ''] : stateIcon(node.latest.status);
      return {
        label: node.flow.name,
        description: file,
        tooltip: decodeURIComponent(node.flow.uri.replace(/^file:\/\//, '')),
        icon,
        color,
        contextValue: active && node.latest?.stoppable ? 'flow.stoppable' : 'flow',
        expand: 'expanded',
      };
    }
    case 'step': {
      const state = node.latest?.steps?.find((step) => step.name === node.step.name);
      const special = node.step.type === 'linear' || node.step.type === 'start' || node.step.type === 'end' ? '' : node.step.type;
      const [icon, color] =
        state === undefined ? [typeIcons[node.step.type] ?? 'circle-outline', 'descriptionForeground'] : stateIcon(state.status);
      return {
        label: node.step.name,
        description: [special, state === undefined || node.latest === undefined ? '' : describeStep(state, node.latest)].filter((part) => part !== '').join(' · '),
        tooltip: `${node.step.name} (${node.step.type})${node.step.next.length > 0 ? ` → ${node.step.next.join(', ')}` : ''}`,
        icon,
        color,
        contextValue: 'step',
        expand: state !== undefined && state.tasks > 0 ? 'collapsed' : 'none',
      };
    }
    case 'runs':
      return {
        label: 'Runs',
        description: node.runs.length === 0 ? 'none yet' : '',
        tooltip: 'The latest runs of this flow, whoever started them',
        icon: 'history',
        color: '',
        contextValue: 'runs',
        expand: node.runs.length === 0 ? 'none' : 'expanded',
      };
    case 'run': {
      const [icon, color] = stateIcon(node.run.status);
      return {
        label: formatClock(node.run.startedAt, now),
        description: describeRun(node.run),
        tooltip: `${node.run.flow}/${runName(node.run)}: ${node.run.status}, started ${formatAge(node.run.startedAt, now)}${
          node.run.shown ? ', shown in the code' : ''
        }${node.run.reason === undefined ? '' : `\n${node.run.reason}`}${node.run.commandLine === undefined ? '' : `\n${node.run.commandLine}`}`,
        icon,
        color,
        contextValue: [
          'run',
          node.run.shown ? 'shown' : '',
          node.run.stoppable ? 'stoppable' : '',
          !oneStep(node.run) && ['failed', 'stopped'].includes(node.run.status) ? 'failed' : '',
          node.run.runId !== undefined ? 'log' : '',
        ]
          .filter((part) => part !== '')
          .join('.'),
        expand: 'collapsed',
      };
    }
    case 'runStep': {
      const [icon, color] = stateIcon(node.step.status);
      return {
        label: node.step.name,
        description: describeStep(node.step, node.run),
        tooltip: `${node.run.flow}/${runName(node.run)}/${node.step.name}: ${node.step.status}`,
        icon,
        color,
        contextValue: 'runStep',
        expand: node.step.tasks > 0 ? 'collapsed' : 'none',
      };
    }
    case 'task': {
      const [icon, color] = stateIcon(node.task.status);
      const took = node.task.durationMs ? formatDuration(node.task.durationMs) : '';
      const failure = node.task.exception === undefined ? '' : `${node.task.exception.type}: ${node.task.exception.message}`;
      return {
        label: `task ${node.task.taskId}`,
        description: [
          node.task.foreach ?? '',
          node.task.status === 'succeeded' ? '' : (node.task.pod?.phase ?? node.task.status),
          node.task.status === 'running' ? (node.task.pod?.node ?? '') : '',
          node.task.attempt > 0 ? `attempt ${node.task.attempt + 1}` : '',
          took,
        ]
          .filter((part) => part !== '')
          .join(' · '),
        tooltip: failure || node.task.pod?.message || `${node.run.flow}/${runName(node.run)}/${node.step.name}/${node.task.taskId}`,
        icon,
        color,
        contextValue: node.task.pod?.phase === 'running' ? 'task.pod' : 'task',
        expand: (node.task.artifacts?.length ?? 0) + (node.task.cards?.length ?? 0) > 0 ? 'collapsed' : 'none',
      };
    }
    case 'artifact': {
      const { artifact } = node;
      return {
        label: artifact.name,
        description: [artifact.preview ?? '', artifact.type, formatSize(artifact.size)].filter((part) => part !== '').join(' · '),
        tooltip: [artifactPathspec(node.run, node.step.name, node.task, artifact) ?? artifact.name, artifact.changed ? '' : ' (inherited)'].join(''),
        icon: 'symbol-field',
        color: artifact.changed ? 'symbolIcon.fieldForeground' : 'descriptionForeground',
        contextValue: 'artifact',
        expand: 'none',
      };
    }
    case 'card': {
      const { card } = node;
      return {
        label: card.id ?? 'Card',
        description: [card.type, formatSize(card.size), card.running === true ? 'so far' : ''].filter((part) => part !== '').join(' · '),
        tooltip: card.problem === undefined ? card.path : `${card.path}: ${card.problem}`,
        icon: card.problem === undefined ? 'preview' : 'warning',
        color: '',
        contextValue: 'card',
        expand: 'none',
      };
    }
  }
}

/** Rows below a step of a run: its cards and artifacts when it ran as one task, else its tasks. */
export function taskNodes(flow: Flow, run: Run, step: RunStep, parent: string): Node[] {
  const tasks = step.tasksDetail ?? [];
  const only = tasks.length === 1 ? tasks[0] : undefined;
  if (only !== undefined && (only.artifacts?.length ?? 0) + (only.cards?.length ?? 0) > 0) {
    return belowTask({ kind: 'task', flow, run, step, task: only, parent });
  }
  return tasks.map((task) => ({ kind: 'task', flow, run, step, task, parent }));
}

/** What the step set comes before what it inherited. */
export function artifactNodes(node: TaskNode): Node[] {
  const { flow, run, step, task } = node;
  const artifacts = (task.artifacts ?? []).toSorted((a, b) => Number(b.changed ?? false) - Number(a.changed ?? false));
  return artifacts.map((artifact) => ({ kind: 'artifact', flow, run, step, task, artifact, parent: node.parent }));
}

/** Cards come first: they are what the step wants to show. */
export function belowTask(node: TaskNode): Node[] {
  const { flow, run, step, task, parent } = node;
  const cards = (task.cards ?? []).map((card): Node => ({ kind: 'card', flow, run, step, task, card, parent }));
  return [...cards, ...artifactNodes(node)];
}
