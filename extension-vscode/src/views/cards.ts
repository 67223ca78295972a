// Cards of tasks, each in a web view in which it can do nothing (see cardPage).

import * as fs from 'node:fs/promises';
import { constants } from 'node:fs';
import * as vscode from 'vscode';
import { formatSize } from '../format';
import type { Card } from '../protocol';
import { cardPage } from './page';

/** As the server's: what it lists as larger it does not let through. */
const largest = 64 * 1024 * 1024;

export class CardPanels implements vscode.Disposable {
  private readonly panels = new Map<string, vscode.WebviewPanel>();

  async show(card: Card, step: string): Promise<void> {
    if (card.problem !== undefined) {
      throw new Error(`The card ${card.path} is not shown: ${card.problem}.`);
    }
    const html = await read(card.path);
    let panel = this.panels.get(card.path);
    if (panel === undefined) {
      panel = vscode.window.createWebviewPanel(
        'flowls.card',
        `${step}: ${cardName(card)}`,
        { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
        // Scripts of the frame run only where the page around it might: it has none.
        { enableScripts: true, enableCommandUris: false, localResourceRoots: [] },
      );
      panel.onDidDispose(() => this.panels.delete(card.path));
      this.panels.set(card.path, panel);
    } else {
      panel.reveal(undefined, true);
    }
    panel.webview.html = cardPage(html);
  }

  dispose(): void {
    for (const panel of [...this.panels.values()]) {
      panel.dispose();
    }
  }
}

export function cardName(card: Card): string {
  return card.id === undefined ? card.type : `${card.id} (${card.type})`;
}

/** A link that took the file's place since the server looked is not followed. */
async function read(path: string): Promise<string> {
  const file = await fs.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const info = await file.stat();
    if (!info.isFile() || info.size > largest) {
      throw new Error(`The card ${path} is not shown: it is not a file of at most ${formatSize(largest)}.`);
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
