// The one status item: health of the server, interpreter and Metaflow version; a click opens the menu.

import * as vscode from 'vscode';
import type { Server, ServerState } from './client';
import type { ServerStatus } from './protocol';

export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('flowls.status', vscode.StatusBarAlignment.Right, 50);
  private readonly disposables: vscode.Disposable[];
  private state: ServerState = { kind: 'stopped' };
  private status: ServerStatus | undefined;

  constructor(server: Server) {
    this.item.name = 'Metaflow';
    this.item.command = 'flowls.client.statusMenu';
    this.disposables = [
      this.item,
      server.onState((state) => {
        this.state = state;
        if (state.kind !== 'running') {
          this.status = undefined;
        }
        this.draw();
      }),
      server.onStatus((status) => {
        this.status = status;
        this.draw();
      }),
      vscode.window.onDidChangeActiveTextEditor(() => this.draw()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.draw()),
    ];
    this.draw();
  }

  private draw(): void {
    const python = vscode.window.visibleTextEditors.some((editor) => editor.document.languageId === 'python');
    const look = describe(this.state, this.status, vscode.workspace.isTrusted);
    this.item.text = look.text;
    this.item.backgroundColor = look.background === '' ? undefined : new vscode.ThemeColor(look.background);
    const tooltip = new vscode.MarkdownString();
    for (const line of look.lines) {
      tooltip.appendText(line).appendMarkdown('\n\n');
    }
    this.item.tooltip = tooltip;
    if (python || look.background !== '') {
      this.item.show();
    } else {
      this.item.hide();
    }
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }
}

/** Text, background theme colour ('' for none) and tooltip lines. */
function describe(state: ServerState, status: ServerStatus | undefined, trusted: boolean) {
  const error = 'statusBarItem.errorBackground';
  const warning = 'statusBarItem.warningBackground';
  if (state.kind === 'failed') {
    return { text: '$(error) Metaflow', background: error, lines: ['The Metaflow language server did not start.', state.message] };
  }
  if (state.kind === 'stopped') {
    return { text: '$(circle-slash) Metaflow', background: warning, lines: ['The Metaflow language server is stopped.'] };
  }
  if (state.kind === 'starting') {
    return { text: '$(loading~spin) Metaflow', background: '', lines: ['The Metaflow language server is starting.'] };
  }
  const lines: string[] = [];
  if (status?.message) {
    lines.push(status.message);
  }
  if (status?.metaflowVersion) {
    lines.push(`Metaflow ${status.metaflowVersion}`);
  }
  if (status?.interpreter) {
    lines.push(`Python: ${status.interpreter}`);
  }
  if (state.version !== '') {
    lines.push(`flowls ${state.version}`);
  }
  if (!trusted) {
    lines.push('Restricted mode: flows are checked, but not run.');
  }
  const version = status?.metaflowVersion ? `Metaflow ${status.metaflowVersion}` : 'Metaflow';
  const icon = { ok: trusted ? 'check' : 'shield', warning: 'warning', error: 'error' }[status?.health ?? 'ok'];
  const busy = status !== undefined && !status.quiescent;
  return {
    text: `$(${busy ? 'loading~spin' : icon}) ${version}`,
    background: status?.health === 'error' ? error : status?.health === 'warning' ? warning : '',
    lines: lines.length > 0 ? lines : ['Metaflow flows are checked as you type.'],
  };
}
