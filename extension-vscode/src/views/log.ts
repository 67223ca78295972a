// The output of a run in a terminal that follows it until the run is done. Closing it leaves the run alone.

import * as vscode from 'vscode';
import type { Server } from '../client';
import { LogRequest } from '../protocol';

/** Between two looks at a log that had nothing new, in milliseconds. */
const interval = 400;

export class LogTerminals implements vscode.Disposable {
  private readonly open = new Map<string, vscode.Terminal>();
  private readonly closing: vscode.Disposable;

  constructor(private readonly server: Server) {
    this.closing = vscode.window.onDidCloseTerminal((closed) => {
      for (const [runId, terminal] of this.open) {
        if (terminal === closed) {
          this.open.delete(runId);
        }
      }
    });
  }

  show(runId: string, title: string): void {
    let terminal = this.open.get(runId);
    if (terminal === undefined) {
      terminal = vscode.window.createTerminal({ name: title, iconPath: new vscode.ThemeIcon('output'), pty: new LogReader(this.server, runId) });
      this.open.set(runId, terminal);
    }
    terminal.show(true);
  }

  dispose(): void {
    this.closing.dispose();
    for (const terminal of this.open.values()) {
      terminal.dispose();
    }
  }
}

class LogReader implements vscode.Pseudoterminal {
  private readonly written = new vscode.EventEmitter<string>();
  private offset = 0;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  readonly onDidWrite = this.written.event;

  constructor(
    private readonly server: Server,
    private readonly runId: string,
  ) {}

  open(): void {
    void this.read();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.written.dispose();
  }

  private async read(): Promise<void> {
    const chunk = await this.server.ask(LogRequest, { runId: this.runId, offset: this.offset });
    if (this.closed) {
      return;
    }
    let wait = interval;
    if (chunk !== undefined) {
      if (chunk.text !== '') {
        this.written.fire(chunk.text.replace(/\r?\n/g, '\r\n'));
        wait = 0;
      }
      this.offset = chunk.nextOffset;
      if (chunk.done && chunk.text === '') {
        this.written.fire('\r\n\x1b[2m── end of the log ──\x1b[0m\r\n');
        return;
      }
    }
    // Without an answer the server may be restarting: the run goes on, so does the reader.
    this.timer = setTimeout(() => void this.read(), wait);
  }
}
