// The wire between this extension and `flowls serve`, as docs/protocol-extensions.md describes it.
// Mirrors the server's Go types: change them together.

import { NotificationType, RequestType } from 'vscode-languageserver-protocol';

/** Commands that the server executes; each takes one JSON object. */
export const ServerCommand = {
  run: 'flowls.run',
  runWithParameters: 'flowls.runWithParameters',
  runStep: 'flowls.runStep',
  runTask: 'flowls.runTask',
  resume: 'flowls.resume',
  rerunFailed: 'flowls.rerunFailed',
  withOptions: 'flowls.withOptions',
  launch: 'flowls.launch',
  chooseLaunch: 'flowls.chooseLaunch',
  preflight: 'flowls.preflight',
  stop: 'flowls.stop',
  stopAll: 'flowls.stopAll',
  commandLine: 'flowls.commandLine',
  showLog: 'flowls.showLog',
  showCard: 'flowls.showCard',
  showArtifact: 'flowls.showArtifact',
  exportArtifact: 'flowls.exportArtifact',
  showGraph: 'flowls.showGraph',
  selectRun: 'flowls.selectRun',
  chooseRun: 'flowls.chooseRun',
  chooseTask: 'flowls.chooseTask',
  diffRuns: 'flowls.diffRuns',
  clearFailures: 'flowls.clearFailures',
  clearPreflight: 'flowls.clearPreflight',
  showRemoteRuns: 'flowls.showRemoteRuns',
  showRemoteValues: 'flowls.showRemoteValues',
  watchKubernetes: 'flowls.watchKubernetes',
  cleanUp: 'flowls.cleanUp',
  shell: 'flowls.shell',
  portForward: 'flowls.portForward',
} as const;

/** Commands that this client offers to the server's lenses. */
export const clientCommands = ['flowls.client.showLog', 'flowls.client.showArtifact', 'flowls.client.showCard', 'flowls.client.showGraph'] as const;

/** What goes under `capabilities.experimental.flowls`. */
export const experimentalCapabilities = {
  runChanged: true,
  serverStatus: true,
  graphChanged: true,
  commandLine: true,
  commands: clientCommands,
};

/** The `initializationOptions`, and `settings.flowls` of `workspace/didChangeConfiguration`. */
export interface Settings {
  trusted: boolean;
  /** Absolute path of a Python interpreter, or '' to let the server look for one. */
  interpreter: string;
  select: string[];
  ignore: string[];
  severity: Record<string, string>;
  inlayHints: { enabled: boolean };
  codeLens: { enabled: boolean };
  /** Of the machine: no workspace sets them. */
  kubernetes: { kubeconfig: string; context: string; preflight: boolean };
}

export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

export interface FlowStep {
  name: string;
  /** Metaflow's node type: start, linear, split, foreach, split-switch, join, end; '' if it has none. */
  type: string;
  /** Of the name. */
  range: Range;
  next: string[];
  /** Where the step is, when it is inherited from another file. */
  inherited?: { uri: string; range: Range };
}

export interface Flow {
  uri: string;
  name: string;
  /** Of the name. */
  range: Range;
  /** Whether the file may not show all of the flow's steps. */
  open: boolean;
  steps: FlowStep[];
}

export type RunStatus = 'starting' | 'running' | 'succeeded' | 'failed' | 'stopped' | 'unknown';
export type StepStatus = 'pending' | 'running' | 'succeeded' | 'failed' | 'stopped' | 'unknown';

export interface Artifact {
  name: string;
  type: string;
  /** Bytes, pickled. */
  size: number;
  /** In one line; absent where type and size say as much. */
  preview?: string;
  /** What the value is, in lines; in the answer of `flowls/artifact` only. */
  text?: string;
  /** Whether the step set it; else it was inherited. */
  changed?: boolean;
}

export interface Exception {
  type: string;
  message: string;
  stacktrace: string;
}

export interface Task {
  taskId: string;
  /** From 0. */
  attempt: number;
  status: StepStatus;
  /** 0 or absent while it runs. */
  durationMs?: number;
  /** Value of the foreach around it, as in `rates=0.01`. */
  foreach?: string;
  exception?: Exception;
  artifacts?: Artifact[];
  cards?: Card[];
  /** What the cluster says of it, where that is followed. */
  pod?: Pod;
}

export interface Pod {
  phase: string;
  stuck?: boolean;
  message?: string;
  namespace?: string;
  pod?: string;
  node?: string;
}

/** What a cluster holds of a run. */
export interface Leftover {
  /** `Flow/run id`. */
  run: string;
  jobs: number;
  pods: number;
  why: string;
}

/** The answer of `flowls.cleanUp`. */
export interface CleanUp {
  namespaces: string[];
  user: string;
  leftovers: Leftover[];
  /** Of runs that are not known on this machine. */
  others: Leftover[];
  deleted: string[];
}

/** The answer of `flowls.shell` and `flowls.portForward`. */
export interface TerminalCommand {
  commandLine: string;
  argv: string[];
  pod: string;
  /** Whether the program is there. */
  found: boolean;
}

/** A page that a task made with `@card`. */
export interface Card {
  taskId: string;
  type: string;
  id?: string;
  path: string;
  /** Bytes. */
  size: number;
  time?: string;
  /** Whether its task still runs, so that the page is made anew. */
  running?: boolean;
  /** While its task runs: file with what the task has reported since. */
  data?: string;
  /** Why it must not be shown. */
  problem?: string;
  /** Whether `path` names it in a data store: `flowls/cards` copies it. */
  remote?: boolean;
  /** Of a card in a data store, also of a copy: its path there. */
  stored?: string;
}

export interface RunStep {
  name: string;
  status: StepStatus;
  tasks: number;
  done: number;
  failed: number;
  startedAt?: string;
  endedAt?: string;
  durationMs?: number;
  tasksDetail?: Task[];
}

export interface Run {
  /** flowls' own launch id; absent when the run was started elsewhere. */
  runId?: string;
  metaflowRunId?: string;
  flow: string;
  kind: 'run' | 'spin' | 'resume' | 'remote-spin';
  status: RunStatus;
  startedAt: string;
  endedAt?: string;
  stoppable: boolean;
  /** Why it does not run any more, if it did not end well. */
  reason?: string;
  /** What a user would type for the same run. */
  commandLine?: string;
  /** Whether the code shows this run. */
  shown?: boolean;
  steps?: RunStep[];
}

export interface FlowRef {
  uri: string;
  flow: string;
}

export interface StepRef extends FlowRef {
  step: string;
}

/** How Metaflow runs a flow. */
export interface RunOptions {
  with?: string[];
  tags?: string[];
  maxWorkers?: number;
  maxNumSplits?: number;
  environment?: string;
  profile?: string;
  namespace?: string | undefined;
}

/** A value that a flow can be run with. */
export interface RunField {
  name: string;
  kind: 'Parameter' | 'IncludeFile' | 'Config';
  /** str, int, float, bool, json, file or config; absent if nobody can tell. */
  type?: string;
  choices?: string[];
  default?: unknown;
  required?: boolean;
  secret?: boolean;
  help?: string;
  last?: unknown;
}

export interface RunForm {
  flow: string;
  fields: RunField[];
  options: RunOptions;
  /** The options that there are. */
  takes: string[];
  remembered?: boolean;
  environments: string[];
  profiles?: string[];
  problem?: string;
}

export interface TaskChoice {
  taskId: string;
  index?: string;
  value?: string;
  status: StepStatus;
  label: string;
}

export interface TasksAnswer {
  runId: string;
  total: number;
  tasks: TaskChoice[];
}

/** A run that a step can be resumed from. */
export interface Origin {
  runId: string;
  label: string;
}

export interface CommandLine {
  commandLine: string;
  argv: string[];
  dir: string;
}

export interface ServerStatus {
  health: 'ok' | 'warning' | 'error';
  quiescent: boolean;
  message: string;
  interpreter?: string;
  metaflowVersion?: string;
}

export interface RunChanged extends FlowRef {
  runId?: string;
  metaflowRunId?: string;
  status: RunStatus;
}

/** What is logged: a run's output, or with a step what one of its tasks prints. */
export interface LogRef {
  runId: string;
  uri?: string;
  flow?: string;
  step?: string;
  taskId?: string;
  attempt?: number;
}

export interface LogChunk {
  text: string;
  /** Of a run's output. */
  nextOffset: number;
  /** Of a task's log. */
  cursor?: string;
  done: boolean;
  /** Why a task's log has no text. */
  waiting?: string;
}

export interface SourceLine {
  uri: string;
  /** From 1. */
  now: number;
}

export interface GraphText {
  format: string;
  text: string;
}

export const FlowsRequest = new RequestType<{ uri?: string }, { flows: Flow[] }, void>('flowls/flows');
export const RunsRequest = new RequestType<FlowRef & { limit?: number }, { runs: Run[] }, void>('flowls/runs');
export const RunRequest = new RequestType<FlowRef & { runId: string }, Run, void>('flowls/run');
export const RunFormRequest = new RequestType<FlowRef & { kind?: 'run' | 'resume' | 'spin' }, RunForm, void>('flowls/runForm');
export const TasksRequest = new RequestType<StepRef & { runId?: string }, TasksAnswer, void>('flowls/tasks');
export const OriginsRequest = new RequestType<StepRef, { runs: Origin[] }, void>('flowls/origins');
export const ArtifactRequest = new RequestType<{ pathspec: string; uri?: string }, Artifact, void>('flowls/artifact');
export const LogRequest = new RequestType<LogRef & { offset?: number; cursor?: string }, LogChunk, void>('flowls/log');
export const SourceLineRequest = new RequestType<Pick<LogRef, 'runId' | 'uri' | 'flow'> & { file: string; line: number }, SourceLine, void>('flowls/sourceLine');
export const CardsRequest = new RequestType<Omit<LogRef, 'attempt'> & { step: string }, { cards: Card[] }, void>('flowls/cards');
export const GraphRequest = new RequestType<FlowRef & { format?: 'mermaid' | 'svg' }, GraphText, void>('flowls/graph');

export const RunChangedNotification = new NotificationType<RunChanged>('flowls/runChanged');
export const GraphChangedNotification = new NotificationType<{ uri: string }>('flowls/graphChanged');
export const ServerStatusNotification = new NotificationType<ServerStatus>('flowls/serverStatus');

/** A run of one step by itself, which the code does not show as a run of the flow. */
export function oneStep({ kind }: Run): boolean {
  return kind === 'spin' || kind === 'remote-spin';
}

/** The id by which requests name a run: flowls' own where there is one, else Metaflow's. */
export function runKey(run: Run): string {
  return run.runId ?? run.metaflowRunId ?? '';
}

/** Metaflow's pathspec of an artifact, or undefined while the run has no Metaflow id. */
export function artifactPathspec(run: Run, step: string, task: Task, artifact: Artifact): string | undefined {
  return run.metaflowRunId ? `${run.flow}/${run.metaflowRunId}/${step}/${task.taskId}/${artifact.name}` : undefined;
}
