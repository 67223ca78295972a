// What all commands share: the server, the views, the flow that a command is about, and what running it needs.

import * as vscode from 'vscode';
import type { Server } from '../client';
import type { Interpreter } from '../interpreter';
import { type Flow, type FlowRef, FlowsRequest, type Run, RunsRequest, ServerCommand } from '../protocol';
import type { Target } from '../target';
import type { CardPanels } from '../views/cards';
import type { GraphPanels } from '../views/graph';
import type { LogTerminals } from '../views/log';
import type { TextViews } from '../views/text';
import type { FlowTree } from '../views/tree';

export interface Parts {
  server: Server;
  interpreter: Interpreter;
  tree: FlowTree;
  texts: TextViews;
  logs: LogTerminals;
  graphs: GraphPanels;
  cards: CardPanels;
}

/** Server commands that execute the user's code, and so need trust and saved files. */
const running: ReadonlySet<string> = new Set([ServerCommand.run, ServerCommand.runStep, ServerCommand.resume, ServerCommand.rerunFailed, ServerCommand.launch, ServerCommand.exportArtifact]);

/** Server commands that reach beyond this machine, and so need trust. */
const reaching: ReadonlySet<string> = new Set([ServerCommand.showRemoteRuns, ServerCommand.showRemoteValues, ServerCommand.watchKubernetes, ServerCommand.cleanUp, ServerCommand.shell, ServerCommand.portForward]);

export class Scope {
  /** A terminal or the side bar may have the focus: the palette acts on the last Python editor. */
  lastEditor: vscode.TextEditor | undefined;

  constructor(readonly parts: Parts) {}

  get server(): Server {
    return this.parts.server;
  }

  followEditors(): vscode.Disposable {
    const remember = (editor: vscode.TextEditor | undefined) => {
      if (editor?.document.languageId === 'python') {
        this.lastEditor = editor;
      }
    };
    remember(vscode.window.activeTextEditor);
    return vscode.window.onDidChangeActiveTextEditor(remember);
  }

  /** Metaflow runs what is on disk, in a workspace that the user trusts. */
  async mayRun({ uri }: Target): Promise<boolean> {
    if (!vscode.workspace.isTrusted) {
      const manage = 'Manage Workspace Trust';
      const choice = await vscode.window.showWarningMessage('Running a flow executes its code: trust this workspace first.', manage);
      if (choice === manage) {
        await vscode.commands.executeCommand('workbench.trust.manage');
      }
      return false;
    }
    const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === vscode.Uri.parse(uri ?? '').toString());
    if (document?.isDirty && !(await document.save())) {
      throw new Error('The file could not be saved, so the flow was not run.');
    }
    return true;
  }

  /** What a command of the server needs beforehand. */
  async allowed(command: string, argument: Target): Promise<boolean> {
    return running.has(command) ? this.mayRun(argument) : !reaching.has(command) || this.mayRun({});
  }

  async execute(command: string, argument: object): Promise<void> {
    if (await this.allowed(command, argument)) {
      await this.server.execute(command, argument);
    }
  }

  /** The step that was named, else one that the user picks, the one at the cursor first. */
  async step(flow: Flow, given: Target): Promise<string | undefined> {
    const cursor = this.lastEditor?.selection.active;
    const here = flow.steps.findLast(
      (step) => step.inherited === undefined && cursor !== undefined && step.range.start.line <= cursor.line,
    );
    return (
      given.step ??
      vscode.window.showQuickPick(
        flow.steps.map(({ name }) => name).sort((a, b) => Number(b === here?.name) - Number(a === here?.name)),
        { title: flow.name, placeHolder: 'Step' },
      )
    );
  }

  /** The run that the code shows. */
  async shownRun(flow: Flow): Promise<Run> {
    const runs = (await this.server.ask(RunsRequest, { ...ref(flow), limit: 20 }))?.runs ?? [];
    const shown = runs.find((run) => run.shown);
    if (shown === undefined) {
      throw new Error(`${flow.name} has not run yet.`);
    }
    return shown;
  }

  /** The flow that was named, else the one in the last Python editor, asking when there are several. */
  async flow(given: Target): Promise<Flow | undefined> {
    const editor = this.lastEditor;
    const uri = given.uri ?? editor?.document.uri.toString();
    const flows = (await this.parts.server.ask(FlowsRequest, uri === undefined ? {} : { uri }))?.flows ?? [];
    if (given.flow !== undefined) {
      const named = flows.find(({ name }) => name === given.flow);
      if (named === undefined) {
        throw new Error(`There is no flow \`${given.flow}\` in this file any more.`);
      }
      return named;
    }
    if (flows.length === 0) {
      throw new Error('Open a Python file with a Metaflow flow first.');
    }
    const cursor = editor?.selection.active.line ?? -1;
    const around = flows.findLast(({ range }) => range.start.line <= cursor);
    if (flows.length === 1 || around !== undefined) {
      return around ?? flows[0];
    }
    const items = flows.map((flow) => ({ label: flow.name, flow }));
    return (await vscode.window.showQuickPick(items, { title: 'Flow' }))?.flow;
  }
}

export function ref(flow: Flow): FlowRef {
  return { uri: flow.uri, flow: flow.name };
}
