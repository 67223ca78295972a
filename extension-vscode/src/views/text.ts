// Read-only texts that the server makes: an artifact's value, a flow's graph as Mermaid. The URI carries the question.

import * as vscode from 'vscode';
import type { Server } from '../client';
import { formatSize } from '../format';
import { ArtifactRequest, type FlowRef, GraphRequest } from '../protocol';

const artifactScheme = 'flowls-artifact';
const graphScheme = 'flowls-graph';

export class TextViews implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly disposables: vscode.Disposable[];

  readonly onDidChange = this.changed.event;

  constructor(private readonly server: Server) {
    this.disposables = [
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(artifactScheme, this),
      vscode.workspace.registerTextDocumentContentProvider(graphScheme, this),
      server.onGraphChanged(({ uri }) => this.refreshGraphs(uri)),
    ];
  }

  async provideTextDocumentContent(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    const query = JSON.parse(uri.query) as Record<string, string>;
    if (uri.scheme === graphScheme) {
      const graph = await this.server.ask(GraphRequest, { uri: query['uri'] ?? '', flow: query['flow'] ?? '' }, token);
      return graph?.text ?? 'The graph is not available: is the flow still in the file, and the language server running?\n';
    }
    const pathspec = query['pathspec'] ?? '';
    const artifact = await this.server.ask(ArtifactRequest, query['uri'] ? { pathspec, uri: query['uri'] } : { pathspec }, token);
    if (artifact === undefined) {
      return `${pathspec}\n\nThe value cannot be read: see the log of the Metaflow language server.\n`;
    }
    const value = artifact.text ?? artifact.preview ?? 'The value is not shown: it is large, or only its own code could read it, and nothing is run to look at it.';
    return `${pathspec}\n${artifact.type} · ${formatSize(artifact.size)}\n\n${value}\n`;
  }

  async showArtifact(pathspec: string, uri: string): Promise<void> {
    const name = pathspec.slice(pathspec.lastIndexOf('/') + 1);
    const query = JSON.stringify({ pathspec, uri });
    const target = vscode.Uri.from({ scheme: artifactScheme, path: `/${name}.txt`, query });
    this.changed.fire(target);
    await vscode.window.showTextDocument(target, { preview: true });
  }

  async showGraph({ uri, flow }: FlowRef): Promise<void> {
    const target = vscode.Uri.from({ scheme: graphScheme, path: `/${flow}.mmd`, query: JSON.stringify({ uri, flow }) });
    this.changed.fire(target);
    await vscode.window.showTextDocument(target, { preview: true, viewColumn: vscode.ViewColumn.Beside, preserveFocus: true });
  }

  private refreshGraphs(source: string): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      if (uri.scheme === graphScheme && (JSON.parse(uri.query) as { uri?: string }).uri === source) {
        this.changed.fire(uri);
      }
    }
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }
}
