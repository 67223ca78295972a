// What the user can ask for, from lenses, palette and side bar. Everything that acts goes to the server.

import * as vscode from 'vscode';
import { askRun, askTask } from './ask';
import { message, type Server } from './client';
import { formatAge, formatClock } from './format';
import { chooseRun, chooseTask, diffRuns } from './history';
import type { Interpreter } from './interpreter';
import { askLaunch } from './launch';
import { CardsRequest, type CommandLine, type Flow, type FlowRef, FlowsRequest, type Run, RunFormRequest, runKey, RunsRequest, ServerCommand, TasksRequest } from './protocol';
import { type Target, target } from './target';
import { cardName, type CardPanels } from './views/cards';
import type { GraphPanels } from './views/graph';
import type { LogTerminals } from './views/log';
import type { Node } from './views/nodes';
import type { TextViews } from './views/text';
import type { FlowTree } from './views/tree';

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

export class Commands {
  /** A terminal or the side bar may have the focus: the palette acts on the last Python editor. */
  private lastEditor: vscode.TextEditor | undefined;

  constructor(private readonly parts: Parts) {}

  register(): vscode.Disposable {
    const { server, interpreter, tree } = this.parts;
    server.intercept = (command, args, next) => this.intercept(command, args, next);
    const remember = (editor: vscode.TextEditor | undefined) => {
      if (editor?.document.languageId === 'python') {
        this.lastEditor = editor;
      }
    };
    remember(vscode.window.activeTextEditor);
    const handlers: Record<string, (argument?: unknown) => unknown> = {
      runFlow: (argument) => this.runFlow(target(argument)),
      runFlowWithParameters: (argument) => this.runFlow(target(argument), true),
      runStep: (argument) => this.runStep(ServerCommand.runStep, target(argument)),
      runTask: (argument) => this.runTask(target(argument)),
      resume: (argument) => this.runStep(ServerCommand.resume, target(argument)),
      rerunFailed: (argument) => this.rerunFailed(target(argument)),
      launch: (argument) => this.launch(target(argument)),
      launchStep: (argument) => this.launch(target(argument), true),
      stop: (argument) => this.stop(target(argument)),
      stopAll: () => this.stopAll(),
      copyCommandLine: (argument) => this.copyFlow(target(argument)),
      showLog: (argument) => this.showLog(target(argument)),
      showCard: (argument) => this.showCard(target(argument)),
      showArtifact: (argument) => this.showArtifact(target(argument)),
      exportArtifact: (argument) => this.exportArtifact(target(argument)),
      showGraph: (argument) => this.showGraph(target(argument)),
      showGraphText: (argument) => this.showGraph(target(argument), true),
      selectRun: (argument) => this.selectRun(target(argument)),
      chooseRun: (argument) => this.chooseRun(target(argument)),
      diffRuns: (argument) => this.diffRuns(target(argument)),
      goTo: (argument) => goTo(argument as Node),
      refresh: () => tree.refresh(),
      selectInterpreter: () => interpreter.select(),
      restart: () => server.restart(),
      showServerLog: () => server.log.show(),
      statusMenu: () => this.statusMenu(),
    };
    return vscode.Disposable.from(
      vscode.window.onDidChangeActiveTextEditor(remember),
      ...Object.entries(handlers).map(([name, handler]) =>
        vscode.commands.registerCommand(`flowls.client.${name}`, async (argument?: unknown) => {
          try {
            return await handler(argument);
          } catch (error) {
            return this.refused(error);
          }
        }),
      ),
    );
  }

  /** Lenses name server commands: views are opened here, runs get trust and saved files first, refusals are shown. */
  private async intercept(
    command: string,
    args: unknown[],
    next: (command: string, args: unknown[]) => Promise<unknown>,
  ): Promise<unknown> {
    const argument = target(args[0]);
    try {
      switch (command) {
        case ServerCommand.showLog:
          return await this.showLog(argument);
        case ServerCommand.showCard:
          return await this.showCard(argument);
        case ServerCommand.showArtifact:
          return await this.showArtifact(argument);
        case ServerCommand.showGraph:
          return await this.showGraph(argument);
        case ServerCommand.chooseRun:
        case ServerCommand.chooseTask:
          return await this.chooseRun(argument);
        case ServerCommand.runWithParameters:
          return await this.runFlow(argument, true);
        case ServerCommand.runTask:
          return await this.runTask(argument);
        case ServerCommand.chooseLaunch:
          return await this.launch(argument);
        case ServerCommand.commandLine:
          return await this.copyCommandLine(args[0] as object);
      }
      if (running.has(command) && !(await this.mayRun(argument))) {
        return undefined;
      }
      return await next(command, args);
    } catch (error) {
      return this.refused(error);
    }
  }

  /** With a button VS Code shows the whole text, without only its first line. */
  private refused(error: unknown): undefined {
    const show = 'Show Log';
    void vscode.window.showErrorMessage(message(error), show).then((choice) => {
      if (choice === show) {
        this.parts.server.log.show();
      }
    });
    return undefined;
  }

  /** Metaflow runs what is on disk, in a workspace that the user trusts. */
  private async mayRun({ uri }: Target): Promise<boolean> {
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

  private async execute(command: string, argument: object): Promise<void> {
    if (!running.has(command) || (await this.mayRun(argument))) {
      await this.parts.server.execute(command, argument);
    }
  }

  private async runFlow(given: Target, ask = false): Promise<void> {
    const flow = await this.flow(given);
    if (flow === undefined) {
      return;
    }
    if (!ask) {
      return this.execute(ServerCommand.run, ref(flow));
    }
    const form = await this.parts.server.ask(RunFormRequest, ref(flow));
    if (form === undefined) {
      throw new Error(`The parameters of ${flow.name} are not known.`);
    }
    const values = (await this.mayRun(ref(flow))) ? await askRun(form) : undefined;
    if (values !== undefined) {
      await this.execute(ServerCommand.run, { ...ref(flow), ...values });
    }
  }

  private async runStep(command: string, given: Target): Promise<void> {
    const flow = await this.flow(given);
    if (flow === undefined) {
      return;
    }
    const step = await this.step(flow, given);
    if (step !== undefined) {
      await this.execute(command, { ...ref(flow), step });
    }
  }

  /** The step that was named, else one that the user picks, the one at the cursor first. */
  private async step(flow: Flow, given: Target): Promise<string | undefined> {
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

  /** Runs a step with the inputs of a task that the user picks. */
  private async runTask(given: Target): Promise<void> {
    const flow = await this.flow(given);
    const step = flow && (await this.step(flow, given));
    if (flow === undefined || step === undefined) {
      return;
    }
    const argument = { ...ref(flow), step };
    if (given.taskId !== undefined) {
      return this.execute(ServerCommand.runStep, { ...argument, runId: given.runId, taskId: given.taskId });
    }
    const tasks = await this.parts.server.ask(TasksRequest, argument);
    if (tasks === undefined) {
      return this.execute(ServerCommand.runStep, argument); // the server says what is missing
    }
    const task = await askTask(step, tasks);
    if (task !== undefined) {
      await this.execute(ServerCommand.runStep, { ...argument, runId: tasks.runId, taskId: task.taskId });
    }
  }

  private async rerunFailed(given: Target): Promise<void> {
    const flow = await this.flow(given);
    if (flow !== undefined) {
      await this.execute(ServerCommand.rerunFailed, { ...ref(flow), runId: given.runId });
    }
  }

  /** The whole flow; of a step or a task what the user chooses. */
  private async launch(given: Target, ofStep = false): Promise<void> {
    const flow = await this.flow(given);
    if (flow === undefined || !(await this.mayRun(ref(flow)))) {
      return;
    }
    const step = ofStep ? await this.step(flow, given) : given.step;
    if (ofStep && step === undefined) {
      return;
    }
    const named = step === undefined ? {} : { step, ...(given.runId === undefined ? {} : { runId: given.runId }), ...(given.taskId === undefined ? {} : { taskId: given.taskId }) };
    const argument = await askLaunch(this.parts.server, ref(flow), named);
    if (argument !== undefined) {
      await this.execute(ServerCommand.launch, argument);
    }
  }

  private async stopAll(): Promise<void> {
    const { runs } = await this.parts.server.execute<{ runs: unknown[] }>(ServerCommand.stopAll, {});
    void vscode.window.showInformationMessage(runs.length === 1 ? '1 run was stopped.' : `${runs.length} runs were stopped.`);
  }

  private async copyFlow(given: Target): Promise<void> {
    const flow = await this.flow(given);
    if (flow !== undefined) {
      const command = given.step === undefined ? ServerCommand.run : ServerCommand.runStep;
      await this.copyCommandLine({ command, argument: { ...ref(flow), step: given.step } });
    }
  }

  private async copyCommandLine(argument: object): Promise<void> {
    const { commandLine } = await this.parts.server.execute<CommandLine>(ServerCommand.commandLine, argument);
    await vscode.env.clipboard.writeText(commandLine);
    void vscode.window.showInformationMessage(`Copied: ${commandLine}`);
  }

  private async stop(given: Target): Promise<void> {
    if (given.runId !== undefined) {
      return this.execute(ServerCommand.stop, { runId: given.runId });
    }
    const flow = await this.flow(given);
    if (flow !== undefined) {
      await this.execute(ServerCommand.stop, ref(flow));
    }
  }

  private async showLog(given: Target): Promise<void> {
    const { logs, server } = this.parts;
    const { runId, uri, flow: name, step, taskId, attempt } = given;
    if (runId !== undefined) {
      const ref = { runId, ...(uri !== undefined && name !== undefined ? { uri, flow: name } : {}) };
      if (step === undefined) {
        return logs.show(ref, name === undefined ? 'Metaflow log' : `${name} log`);
      }
      const task = { step, ...(taskId === undefined ? {} : { taskId }), ...(attempt === undefined ? {} : { attempt }) };
      return logs.show({ ...ref, ...task }, taskId === undefined ? `${step} log` : `${step}/${taskId} log`);
    }
    const flow = await this.flow(given);
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
  private async showCard({ runId, uri, flow, step, taskId, card }: Target): Promise<void> {
    if (runId === undefined || step === undefined) {
      throw new Error('Choose a card in the Metaflow side bar, or by the lens of a step that made one.');
    }
    if (card !== undefined) {
      return this.parts.cards.show(card, step);
    }
    const where = { runId, step, ...(uri === undefined ? {} : { uri, flow: flow ?? '' }), ...(taskId === undefined ? {} : { taskId }) };
    const cards = (await this.parts.server.ask(CardsRequest, where))?.cards ?? [];
    if (cards.length === 0) {
      throw new Error(`Step \`${step}\` has no card: a card is there when its task has ended.`);
    }
    const items = cards.map((card) => ({ label: cardName(card), description: `task ${card.taskId}`, card }));
    const choice = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: `Cards of ${step}` });
    if (choice !== undefined) {
      await this.parts.cards.show(choice.card, step);
    }
  }

  /** Makes lenses and values show this run rather than the latest. */
  private async selectRun({ uri, flow, runId, step, taskId }: Target): Promise<void> {
    await this.execute(ServerCommand.selectRun, { uri, flow, runId, step, taskId });
    this.parts.tree.refresh();
  }

  /** Of a step: asks for one of its tasks. */
  private async chooseRun(given: Target): Promise<void> {
    const flow = await this.flow(given);
    if (flow !== undefined) {
      await (given.step === undefined ? chooseRun(this.parts.server, ref(flow)) : chooseTask(this.parts.server, ref(flow), given.step));
      this.parts.tree.refresh();
    }
  }

  private async diffRuns(given: Target): Promise<void> {
    const flow = await this.flow(given);
    if (flow !== undefined) {
      await diffRuns(this.parts.server, ref(flow), given.runId);
    }
  }

  private async showArtifact({ pathspec, uri }: Target): Promise<void> {
    if (pathspec === undefined) {
      throw new Error('Choose an artifact in the Metaflow side bar.');
    }
    await this.parts.texts.showArtifact(pathspec, uri ?? this.lastEditor?.document.uri.toString() ?? '');
  }

  /** The dialog has asked before it names a file that is there. */
  private async exportArtifact({ pathspec, uri }: Target): Promise<void> {
    if (pathspec === undefined) {
      throw new Error('Choose an artifact in the Metaflow side bar.');
    }
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const name = pathspec.slice(pathspec.lastIndexOf('/') + 1);
    const file = await vscode.window.showSaveDialog({
      title: `Export ${name}`,
      filters: { CSV: ['csv'], JSON: ['json'], NumPy: ['npy'], PNG: ['png'] },
      ...(folder && { defaultUri: vscode.Uri.joinPath(folder, `${name}.csv`) }),
    });
    if (file !== undefined) {
      await this.execute(ServerCommand.exportArtifact, { pathspec, ...(uri !== undefined && { uri }), file: file.toString(), overwrite: true });
    }
  }

  private async showGraph(given: Target, asText = false): Promise<void> {
    const flow = await this.flow(given);
    if (flow !== undefined) {
      await (asText ? this.parts.texts.showGraph(ref(flow)) : this.parts.graphs.show(ref(flow)));
    }
  }

  /** The flow that was named, else the one in the last Python editor, asking when there are several. */
  private async flow(given: Target): Promise<Flow | undefined> {
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

  private async statusMenu(): Promise<void> {
    const items = [
      { label: '$(output) Show language server log', command: 'flowls.client.showServerLog' },
      { label: '$(debug-restart) Restart language server', command: 'flowls.client.restart' },
      { label: '$(symbol-misc) Select Python interpreter', command: 'flowls.client.selectInterpreter' },
      ...(vscode.workspace.isTrusted ? [] : [{ label: '$(shield) Manage workspace trust', command: 'workbench.trust.manage' }]),
    ];
    const choice = await vscode.window.showQuickPick(items, { title: 'Metaflow' });
    if (choice !== undefined) {
      await vscode.commands.executeCommand(choice.command);
    }
  }
}

function ref(flow: Flow): FlowRef {
  return { uri: flow.uri, flow: flow.name };
}

async function goTo(node: Node): Promise<void> {
  const inherited = node.kind === 'step' ? node.step.inherited : undefined;
  const range = inherited?.range ?? (node.kind === 'step' ? node.step.range : node.flow.range);
  const start = new vscode.Position(range.start.line, range.start.character);
  await vscode.window.showTextDocument(vscode.Uri.parse(inherited?.uri ?? node.flow.uri), { selection: new vscode.Range(start, start) });
}
