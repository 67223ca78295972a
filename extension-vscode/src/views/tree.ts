// The side bar: flows → steps and runs → steps → tasks → artifacts, fed by requests and `flowls/runChanged`.

import * as vscode from 'vscode';
import type { Server } from '../client';
import { type Flow, FlowsRequest, oneStep, type Run, RunRequest, runKey, RunsRequest } from '../protocol';
import { belowTask, type FlowNode, type Node, nodeId, row, type RunsNode, taskNodes } from './nodes';

/** Runs shown per flow. */
const runLimit = 10;
/** Bursts of notifications become one refresh, in milliseconds. */
const quiet = 150;

export class FlowTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  private readonly disposables: vscode.Disposable[] = [this.changed];
  /** Rows by id: VS Code refreshes a row only if it is given the object that it was shown. */
  private readonly shown = new Map<string, Node>();
  private readonly stale = new Set<string>();
  private allStale = false;
  private timer: NodeJS.Timeout | undefined;

  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly server: Server) {
    this.disposables.push(
      server.onState((state) => {
        if (state.kind === 'running' || state.kind === 'failed') {
          this.refresh();
        }
      }),
      server.onGraphChanged(() => this.refresh()),
      server.onRunChanged((change) => this.refresh(`flow|${change.uri}|${change.flow}`)),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.refresh()),
      // The server lists the flows of open files, and does not say when one closes.
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document.languageId === 'python') {
          this.refresh();
        }
      }),
    );
  }

  /** Asks again for one row and what is below it, or for everything; coalesced. */
  refresh(id?: string): void {
    if (id === undefined || !this.shown.has(id)) {
      this.allStale = true;
    } else {
      this.stale.add(id);
    }
    this.timer ??= setTimeout(() => this.fire(), quiet);
  }

  private fire(): void {
    this.timer = undefined;
    const ids = [...this.stale];
    this.stale.clear();
    if (this.allStale) {
      this.allStale = false;
      this.changed.fire(undefined);
      return;
    }
    // The row's own icon follows its latest run, which only its parent asks for.
    void Promise.all(
      ids.map(async (id) => {
        const node = this.shown.get(id);
        if (node?.kind === 'flow') {
          node.latest = (await this.runs(node.flow, 1))[0];
        }
        if (node !== undefined) {
          this.changed.fire(node);
        }
      }),
    );
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const { label, description, tooltip, icon, color, contextValue, expand } = row(node, Date.now());
    const item = new vscode.TreeItem(label, {
      none: vscode.TreeItemCollapsibleState.None,
      collapsed: vscode.TreeItemCollapsibleState.Collapsed,
      expanded: vscode.TreeItemCollapsibleState.Expanded,
    }[expand]);
    item.id = nodeId(node);
    item.description = description;
    item.tooltip = tooltip;
    item.iconPath = color === '' ? new vscode.ThemeIcon(icon) : new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
    item.contextValue = contextValue;
    if (node.kind === 'artifact') {
      item.command = { command: 'flowls.client.showArtifact', title: 'Show Artifact', arguments: [node] };
    } else if (node.kind === 'card') {
      item.command = { command: 'flowls.client.showCard', title: 'Show Card', arguments: [node] };
    } else if (node.kind === 'flow' || node.kind === 'step') {
      item.command = { command: 'flowls.client.goTo', title: 'Go to Source', arguments: [node] };
    }
    return item;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node === undefined) {
      return this.flows();
    }
    switch (node.kind) {
      case 'flow':
        return this.belowFlow(node);
      case 'step': {
        const key = node.latest === undefined ? '' : runKey(node.latest);
        return this.belowStep(node.flow, key, node.step.name, nodeId(node));
      }
      case 'runs':
        return this.show(node.runs.map((run) => ({ kind: 'run', flow: node.flow, run })));
      case 'run': {
        const run = await this.run(node.flow, runKey(node.run));
        return this.show((run?.steps ?? []).map((step) => ({ kind: 'runStep', flow: node.flow, run: run as Run, step })));
      }
      case 'runStep':
        return this.show(taskNodes(node.flow, node.run, node.step, nodeId(node)));
      case 'task':
        return this.show(belowTask(node));
      case 'artifact':
      case 'card':
        return [];
    }
  }

  private async flows(): Promise<Node[]> {
    const answer = await this.server.ask(FlowsRequest, {});
    const nodes = await Promise.all(
      (answer?.flows ?? []).map(async (flow): Promise<FlowNode> => ({ kind: 'flow', flow, latest: (await this.runs(flow, 1))[0] })),
    );
    this.shown.clear();
    return this.show(nodes);
  }

  private async belowFlow(node: FlowNode): Promise<Node[]> {
    const runs = await this.runs(node.flow, runLimit);
    // A spin runs one step on the side: the steps show the latest real run.
    const latest = runs.find((run) => !oneStep(run)) ?? runs[0];
    const steps = node.flow.steps.map((step): Node => ({ kind: 'step', flow: node.flow, step, latest }));
    const group: RunsNode = { kind: 'runs', flow: node.flow, runs };
    return this.show([...steps, group]);
  }

  private async belowStep(flow: Flow, key: string, name: string, parent: string): Promise<Node[]> {
    const run = key === '' ? undefined : await this.run(flow, key);
    const step = run?.steps?.find((candidate) => candidate.name === name);
    return run === undefined || step === undefined ? [] : this.show(taskNodes(flow, run, step, parent));
  }

  private async runs(flow: Flow, limit: number): Promise<Run[]> {
    return (await this.server.ask(RunsRequest, { uri: flow.uri, flow: flow.name, limit }))?.runs ?? [];
  }

  private run(flow: Flow, runId: string): Promise<Run | undefined> {
    return this.server.ask(RunRequest, { uri: flow.uri, flow: flow.name, runId });
  }

  private show(nodes: Node[]): Node[] {
    for (const node of nodes) {
      this.shown.set(nodeId(node), node);
    }
    return nodes;
  }

  dispose(): void {
    clearTimeout(this.timer);
    vscode.Disposable.from(...this.disposables).dispose();
  }
}
