// The output of a run, or of one task, in a terminal that follows it until it is done. Closing it leaves the run alone.

import * as vscode from 'vscode';
import type { Server } from '../client';
import { type LogRef, LogRequest } from '../protocol';
import { TracebackLinks } from './links';

/** Between two looks at a log that had nothing new, in milliseconds. */
const interval = 400;

export class LogTerminals implements vscode.Disposable {
  private readonly open = new Map<string, { terminal: vscode.Terminal; ref: LogRef }>();
  private readonly disposables: vscode.Disposable[];

  constructor(private readonly server: Server) {
    this.disposables = [
      vscode.window.onDidCloseTerminal((closed) => {
        for (const [key, { terminal }] of this.open) {
          if (terminal === closed) {
            this.open.delete(key);
          }
        }
      }),
      vscode.window.registerTerminalLinkProvider(new TracebackLinks(server, (terminal) => this.shownIn(terminal))),
    ];
  }

  show(ref: LogRef, title: string): void {
    const key = [ref.runId, ref.step, ref.taskId, ref.attempt].join('|');
    let terminal = this.open.get(key)?.terminal;
    if (terminal === undefined) {
      terminal = vscode.window.createTerminal({ name: title, iconPath: new vscode.ThemeIcon('output'), pty: new LogReader(this.server, ref) });
      this.open.set(key, { terminal, ref });
    }
    terminal.show(true);
  }

  private shownIn(wanted: vscode.Terminal): LogRef | undefined {
    return [...this.open.values()].find(({ terminal }) => terminal === wanted)?.ref;
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
    for (const { terminal } of this.open.values()) {
      terminal.dispose();
    }
  }
}

class LogReader implements vscode.Pseudoterminal {
  private readonly written = new vscode.EventEmitter<string>();
  private offset = 0;
  private cursor: string | undefined;
  private said = '';
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  readonly onDidWrite = this.written.event;

  constructor(
    private readonly server: Server,
    private readonly ref: LogRef,
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
    const chunk = await this.server.ask(LogRequest, this.ref.step === undefined ? { ...this.ref, offset: this.offset } : { ...this.ref, cursor: this.cursor ?? '' });
    if (this.closed) {
      return;
    }
    let wait = interval;
    if (chunk !== undefined) {
      if (chunk.text !== '') {
        this.written.fire(chunk.text.replace(/\r?\n/g, '\r\n'));
        wait = 0;
      }
      if (chunk.waiting !== undefined && chunk.waiting !== this.said) {
        this.said = chunk.waiting;
        this.written.fire(`\x1b[2m${chunk.waiting}\x1b[0m\r\n`);
      }
      if (chunk.cursor !== this.cursor) {
        wait = 0; // what was looked at may be of other tasks
      }
      this.offset = chunk.nextOffset;
      this.cursor = chunk.cursor;
      if (chunk.done && chunk.text === '') {
        this.written.fire('\r\n\x1b[2m── end of the log ──\x1b[0m\r\n');
        return;
      }
    }
    // Without an answer the server may be restarting: the run goes on, so does the reader.
    this.timer = setTimeout(() => void this.read(), wait);
  }
}
