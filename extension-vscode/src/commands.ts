// What the user can ask for, from lenses, palette and side bar. Everything that acts goes to the server.

import * as vscode from 'vscode';
import { message } from './client';
import { type AgainCommand, withOptions } from './commands/again';
import * as cluster from './commands/cluster';
import * as history from './commands/history';
import * as run from './commands/run';
import { type Parts, Scope } from './commands/scope';
import * as show from './commands/show';
import { ServerCommand } from './protocol';
import { target } from './target';
import type { Node } from './views/nodes';

export class Commands {
  private readonly scope: Scope;

  constructor(private readonly parts: Parts) {
    this.scope = new Scope(parts);
  }

  register(): vscode.Disposable {
    const { scope } = this;
    const { server, interpreter, tree } = this.parts;
    server.intercept = (command, args, next) => this.intercept(command, args, next);
    const handlers: Record<string, (argument?: unknown) => unknown> = {
      runFlow: (argument) => run.runFlow(scope, target(argument)),
      runFlowWithParameters: (argument) => run.runFlow(scope, target(argument), true),
      runStep: (argument) => run.runStep(scope, ServerCommand.runStep, target(argument)),
      runTask: (argument) => run.runTask(scope, target(argument)),
      resume: (argument) => run.runStep(scope, ServerCommand.resume, target(argument)),
      rerunFailed: (argument) => run.rerunFailed(scope, target(argument)),
      runStepWithOptions: (argument) => withOptions(scope, ServerCommand.runStep, target(argument)),
      resumeWithOptions: (argument) => withOptions(scope, ServerCommand.resume, target(argument)),
      rerunFailedWithOptions: (argument) => withOptions(scope, ServerCommand.rerunFailed, target(argument)),
      launch: (argument) => run.launch(scope, target(argument)),
      launchStep: (argument) => run.launch(scope, target(argument), true),
      watchKubernetes: (argument) => cluster.watchKubernetes(scope, target(argument)),
      preflight: (argument) => cluster.preflight(scope, target(argument)),
      cleanUp: (argument) => cluster.cleanUp(scope, target(argument)),
      shell: (argument) => cluster.shell(scope, target(argument)),
      portForward: (argument) => cluster.portForward(scope, target(argument)),
      stop: (argument) => run.stop(scope, target(argument)),
      stopAll: () => run.stopAll(scope),
      copyCommandLine: (argument) => run.copyFlow(scope, target(argument)),
      showLog: (argument) => show.showLog(scope, target(argument)),
      showCard: (argument) => show.showCard(scope, target(argument)),
      showArtifact: (argument) => show.showArtifact(scope, target(argument)),
      exportArtifact: (argument) => show.exportArtifact(scope, target(argument)),
      showGraph: (argument) => show.showGraph(scope, target(argument)),
      showGraphText: (argument) => show.showGraph(scope, target(argument), true),
      selectRun: (argument) => history.selectRun(scope, target(argument)),
      chooseRun: (argument) => history.chooseRun(scope, target(argument)),
      diffRuns: (argument) => history.diffRuns(scope, target(argument)),
      clearFailures: (argument) => history.clearFailures(scope, target(argument)),
      showRemoteRuns: (argument) => history.showRemoteRuns(scope, target(argument)),
      showRemoteValues: (argument) => history.showRemoteValues(scope, target(argument)),
      goTo: (argument) => show.goTo(argument as Node),
      refresh: () => tree.refresh(),
      selectInterpreter: () => interpreter.select(),
      restart: () => server.restart(),
      showServerLog: () => server.log.show(),
      statusMenu: () => this.statusMenu(),
    };
    return vscode.Disposable.from(
      scope.followEditors(),
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
    const { scope } = this;
    const argument = target(args[0]);
    try {
      switch (command) {
        case ServerCommand.showLog:
          return await show.showLog(scope, argument);
        case ServerCommand.showCard:
          return await show.showCard(scope, argument);
        case ServerCommand.showArtifact:
          return await show.showArtifact(scope, argument);
        case ServerCommand.showGraph:
          return await show.showGraph(scope, argument);
        case ServerCommand.chooseRun:
        case ServerCommand.chooseTask:
          return await history.chooseRun(scope, argument);
        case ServerCommand.runWithParameters:
          return await run.runFlow(scope, argument, true);
        case ServerCommand.runTask:
          return await run.runTask(scope, argument);
        case ServerCommand.chooseLaunch:
          return await run.launch(scope, argument);
        case ServerCommand.withOptions: {
          const given = args[0] as { command: AgainCommand; argument: { originRunId?: string } };
          const { originRunId } = given.argument;
          return await withOptions(scope, given.command, { ...target(given.argument), ...(originRunId === undefined ? {} : { runId: originRunId }) });
        }
        case ServerCommand.commandLine:
          return await run.copyCommandLine(scope, args[0] as object);
      }
      return (await scope.allowed(command, argument)) ? await next(command, args) : undefined;
    } catch (error) {
      return this.refused(error);
    }
  }

  /** With a button VS Code shows the whole text, without only its first line. */
  private refused(error: unknown): undefined {
    const log = 'Show Log';
    void vscode.window.showErrorMessage(message(error), log).then((choice) => {
      if (choice === log) {
        this.parts.server.log.show();
      }
    });
    return undefined;
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
