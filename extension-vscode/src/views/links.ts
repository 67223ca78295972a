// Frames of tracebacks in the logs are links to the line as it is today: the server knows what was run and what has been edited since.

import * as vscode from 'vscode';
import type { Server } from '../client';
import { type LogRef, SourceLineRequest } from '../protocol';
import { frameLinks } from './frames';

interface FrameLink extends vscode.TerminalLink {
  ref: LogRef;
  file: string;
  line: number;
}

export class TracebackLinks implements vscode.TerminalLinkProvider<FrameLink> {
  constructor(
    private readonly server: Server,
    private readonly shownIn: (terminal: vscode.Terminal) => LogRef | undefined,
  ) {}

  provideTerminalLinks({ line, terminal }: vscode.TerminalLinkContext): FrameLink[] {
    const ref = this.shownIn(terminal);
    return ref === undefined ? [] : frameLinks(line).map((frame) => ({ ...frame, tooltip: 'Open the line as it is today', ref }));
  }

  async handleTerminalLink({ ref: { runId, uri, flow }, file, line }: FrameLink): Promise<void> {
    const found = await this.server.ask(SourceLineRequest, { runId, ...(uri === undefined ? {} : { uri, flow: flow ?? '' }), file, line });
    const at = new vscode.Position((found?.now ?? line) - 1, 0);
    try {
      const target = found === undefined ? vscode.Uri.file(file) : vscode.Uri.parse(found.uri);
      await vscode.window.showTextDocument(target, { selection: new vscode.Range(at, at) });
    } catch {
      void vscode.window.showErrorMessage(`${file} cannot be opened: it may be gone since the run.`);
    }
  }
}
