// Cards of tasks, each in a web view in which it can do nothing (see cardPage).

import * as fs from 'node:fs/promises';
import { constants } from 'node:fs';
import * as vscode from 'vscode';
import type { Server } from '../client';
import { formatSize } from '../format';
import { type Card, CardsRequest, type LogRef } from '../protocol';
import { cardPage, withData } from './page';

/** As the server's: what it lists as larger it does not let through. */
const largest = 64 * 1024 * 1024;

/** How often the card of a running task is looked at while it can be seen: Metaflow makes it anew every five seconds. */
const interval = 2000;

/** The step of a run that a card is of. */
export type CardPlace = LogRef & { step: string };

export class CardPanels implements vscode.Disposable {
  private readonly panels = new Map<string, vscode.WebviewPanel>();
  private readonly following = new Map<string, NodeJS.Timeout>();

  constructor(private readonly server: Server) {}

  async show(card: Card, where: CardPlace): Promise<void> {
    if (card.problem !== undefined) {
      throw new Error(`The card ${card.path} is not shown: ${card.problem}.`);
    }
    const page = await pageOf(card);
    let panel = this.panels.get(card.path);
    if (panel === undefined) {
      panel = vscode.window.createWebviewPanel(
        'flowls.card',
        '',
        { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
        // Scripts of the frame run only where the page around it might: it has none.
        { enableScripts: true, enableCommandUris: false, localResourceRoots: [] },
      );
      panel.onDidDispose(() => {
        this.panels.delete(card.path);
        this.unfollow(card.path);
      });
      this.panels.set(card.path, panel);
    } else {
      panel.reveal(undefined, true);
    }
    panel.title = title(card, where);
    panel.webview.html = page;
    this.follow(panel, card, where, page);
  }

  /** A card whose task still runs is read again until the task has ended. */
  private follow(panel: vscode.WebviewPanel, card: Card, where: CardPlace, shown: string): void {
    this.unfollow(card.path);
    if (card.running !== true) {
      return;
    }
    const look = async () => {
      const found = panel.visible ? await this.server.ask(CardsRequest, { ...where, taskId: card.taskId }) : undefined;
      const now = found?.cards.find(({ path }) => path === card.path);
      const page = now === undefined ? shown : await pageOf(now);
      if (this.panels.get(card.path) !== panel || this.following.get(card.path) !== timer) {
        return; // closed meanwhile, or shown anew
      }
      if (page !== shown) {
        shown = page;
        panel.webview.html = page;
      }
      if (now !== undefined && now.running !== true) {
        panel.title = title(now, where);
        this.unfollow(card.path);
      } else {
        timer.refresh();
      }
    };
    const timer = setTimeout(() => {
      look().catch((error: unknown) => {
        this.server.log.debug(`card: ${String(error)}`);
        timer.refresh();
      });
    }, interval);
    this.following.set(card.path, timer);
  }

  private unfollow(path: string): void {
    clearTimeout(this.following.get(path));
    this.following.delete(path);
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

function title(card: Card, { step }: CardPlace): string {
  return `${step}: ${cardName(card)}${card.running === true ? ' (so far)' : ''}`;
}

async function pageOf(card: Card): Promise<string> {
  const html = await read(card.path);
  const data = card.data === undefined ? undefined : await read(card.data).catch(() => undefined);
  return cardPage(data === undefined ? html : withData(html, data));
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
