// The step graph as a picture beside the code, drawn by the server and redrawn as the flow changes.
// The page has no script, and an image runs none: whatever stands in a flow's names stays text.

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { Server } from '../client';
import { type FlowRef, GraphRequest } from '../protocol';
import { picturePage } from './page';

export class GraphPanels implements vscode.Disposable {
  private readonly panels = new Map<string, { panel: vscode.WebviewPanel; ref: FlowRef }>();
  private readonly listening: vscode.Disposable;

  constructor(private readonly server: Server) {
    this.listening = server.onGraphChanged(({ uri }) => {
      for (const { panel, ref } of this.panels.values()) {
        if (ref.uri === uri) {
          void this.draw(panel, ref);
        }
      }
    });
  }

  async show(ref: FlowRef): Promise<void> {
    const key = `${ref.uri}|${ref.flow}`;
    const shown = this.panels.get(key);
    if (shown !== undefined) {
      shown.panel.reveal(undefined, true);
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      'flowls.graph',
      `${ref.flow} graph`,
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: false, localResourceRoots: [] },
    );
    this.panels.set(key, { panel, ref });
    panel.onDidDispose(() => this.panels.delete(key));
    await this.draw(panel, ref);
  }

  private async draw(panel: vscode.WebviewPanel, ref: FlowRef): Promise<void> {
    const graph = await this.server.ask(GraphRequest, { ...ref, format: 'svg' });
    if (graph !== undefined) {
      // While the flow is half typed away the last picture stays.
      panel.webview.html = picturePage(graph.text, randomBytes(16).toString('base64'));
    }
  }

  dispose(): void {
    this.listening.dispose();
    for (const { panel } of [...this.panels.values()]) {
      panel.dispose();
    }
  }
}
