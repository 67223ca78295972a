// Puts the parts together. Nothing here or below analyses Python: the server does.

import * as vscode from 'vscode';
import { Server } from './client';
import { Commands } from './commands';
import { Interpreter } from './interpreter';
import { StatusItem } from './status';
import { CardPanels } from './views/cards';
import { GraphPanels } from './views/graph';
import { LogTerminals } from './views/log';
import { TextViews } from './views/text';
import { FlowTree } from './views/tree';

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const interpreter = new Interpreter();
  const started = new Server(context, interpreter);
  server = started;
  const tree = new FlowTree(started);
  const texts = new TextViews(started);
  const logs = new LogTerminals(started);
  const graphs = new GraphPanels(started);
  const cards = new CardPanels(started);

  const reconnect = () => interpreter.connect().catch((error: unknown) => started.log.warn(`Python extension: ${String(error)}`));
  let binary = binaryOf(started);
  context.subscriptions.push(
    started,
    interpreter,
    tree,
    texts,
    logs,
    graphs,
    cards,
    new StatusItem(started),
    vscode.window.createTreeView('flowls.flows', { treeDataProvider: tree, showCollapseAll: true }),
    new Commands({ server: started, interpreter, tree, texts, logs, graphs, cards }).register(),
    started.onState((state) => void vscode.commands.executeCommand('setContext', 'flowls.state', state.kind)),
    interpreter.onDidChange(() => void started.sendSettings()),
    vscode.extensions.onDidChange(reconnect),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('flowls')) {
        void apply();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      void apply();
      void reconnect();
    }),
  );

  /** Another binary needs another process; everything else the running server is told. */
  async function apply(): Promise<void> {
    const wanted = binaryOf(started);
    if (wanted !== binary || !started.running) {
      binary = wanted;
      await started.restart();
    } else {
      await started.sendSettings();
    }
  }

  await started.restart();
  void reconnect();
}

export function deactivate(): Promise<void> | undefined {
  return server?.shutdown();
}

function binaryOf(of: Server): string {
  try {
    return of.binary();
  } catch {
    return '';
  }
}
