// What a person does in the workbench, by the selectors of VS Code 1.139. Every wait is a poll with a deadline.

'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');
const { Lenses } = require('./lenses');
const { until } = require('./until');

const chromiumArgs = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--lang=en-US'],
];

function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    for (const name of names) {
      const file = path.join(folder, name);
      if (fs.existsSync(file)) {
        return file;
      }
    }
  }
  throw new Error('no browser: run scripts/system-deps e2e (as root: it installs chromium)');
}

/** A regular expression that matches this text only. */
function literal(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Throws what is no mere timeout. */
function ifTimeout(error) {
  if (error.name !== 'TimeoutError') {
    throw error;
  }
}

async function launchBrowser() {
  return chromium.launch({ executablePath: findChromium(), headless: true, args: chromiumArgs });
}

class Workbench {
  /** @param {import('playwright-core').Page} page */
  constructor(page, shots) {
    this.page = page;
    this.shots = shots;
    this.lenses = new Lenses(this);
    /** Requests that left this machine; the tests assert that there are none. */
    this.foreign = [];
  }

  static async open(browser, address, shots) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const workbench = new Workbench(page, shots);
    await context.route('**/*', (route) => {
      const url = new URL(route.request().url());
      if (['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol) && url.hostname !== '127.0.0.1') {
        workbench.foreign.push(url.href);
        return route.abort();
      }
      return route.continue();
    });
    await page.goto(address, { waitUntil: 'domcontentloaded' });
    // The extension's server runs: all else is up as well by then, and takes the focus no more.
    const status = page.locator('.statusbar-item', { hasText: /Metaflow/, has: page.locator('.codicon-check, .codicon-shield') });
    await status.waitFor({ timeout: 180_000 });
    return workbench;
  }

  async shot(name) {
    fs.mkdirSync(this.shots, { recursive: true });
    // Not half-way through what fades in; a spinner never ends.
    await this.page.evaluate(() =>
      Promise.allSettled(document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity).map((a) => a.finished)),
    );
    await this.page.screenshot({ path: path.join(this.shots, `${name}.png`) });
  }

  /**
   * Opens a quick input by its keys and acts in it. It closes by itself when the editor takes the focus, as it does while the
   * workbench starts: then nothing has been done, and it is opened again.
   */
  async quick(what, keys, act) {
    const widget = this.page.locator('.quick-input-widget');
    await until(what, 90_000, async () => {
      await this.page.keyboard.press(keys);
      try {
        await act(widget, { timeout: 10_000 });
        return true;
      } catch (error) {
        ifTimeout(error);
        await this.page.keyboard.press('Escape');
        return false;
      }
    });
  }

  /** Runs a palette command by its exact title. */
  async command(title) {
    // By its placeholder: the command may open another box in the same place.
    const input = this.page.locator('.quick-input-widget .quick-input-box input[placeholder^="Type the name of a command"]');
    // The first row may be another command with a longer title.
    const exact = new RegExp(`^${literal(title)}…?$`);
    await this.quick(`the command ${title}`, 'F1', async (widget, limit) => {
      await input.fill(`>${title}`, limit);
      await widget.locator('.monaco-list-row').filter({ has: this.page.locator('.label-name', { hasText: exact }) }).first().click(limit);
    });
    await input.waitFor({ state: 'hidden' });
  }

  /** Answers the input box with this title. */
  async answer(title, text) {
    const box = this.page.locator('.quick-input-widget', { has: this.page.locator('.quick-input-title', { hasText: title }) });
    await box.locator('.quick-input-box input').fill(text);
    await this.page.keyboard.press('Enter');
    await box.waitFor({ state: 'hidden' });
  }

  /** Picks the entry with this text in the list with this title. */
  async choose(title, text) {
    const exact = new RegExp(`^${literal(title)}$`);
    const box = this.page.locator('.quick-input-widget', { has: this.page.locator('.quick-input-title', { hasText: exact }) });
    await box.locator('.monaco-list-row', { hasText: text }).first().click();
  }

  /** Puts the cursor on a line (1-based) of the open file. */
  async goToLine(line, column = 1) {
    const position = this.page.locator('.statusbar-item', { hasText: new RegExp(`^\\s*Ln ${line}, Col ${column}\\s*$`) });
    await this.quick(`line ${line}`, 'Control+g', async (widget, limit) => {
      await widget.locator('.quick-input-box input').fill(`:${line}:${column}`, limit);
      await this.page.keyboard.press('Enter');
      await widget.waitFor({ state: 'hidden', ...limit });
      await position.waitFor(limit);
    });
  }

  async openFile(name) {
    const active = this.page.locator('.tab.active', { hasText: name });
    if (await active.isVisible()) {
      return;
    }
    await this.quick(`the file ${name}`, 'Control+p', async (widget, limit) => {
      await widget.locator('.quick-input-box input').fill(name, limit);
      await widget.locator('.monaco-list-row', { hasText: name }).first().click(limit);
      await active.waitFor(limit);
    });
  }

  /** Replaces the only place where `from` stands in the open file, as if typed. */
  async replace(from, to) {
    await this.select(from);
    await this.page.keyboard.insertText(to);
    await this.seeText(`\`${to}\` is typed`, '.editor-instance .view-line', new RegExp(literal(to)));
  }

  /** Selects the first place where the text stands, by the find widget. */
  async select(text) {
    await this.focusEditor();
    await this.page.keyboard.press('Control+Home');
    await this.page.keyboard.press('Control+f');
    const input = this.page.locator('.find-widget.visible .find-part textarea').first();
    await input.waitFor();
    await input.fill(text);
    await this.seeText(`\`${text}\` is in the file`, '.find-widget.visible .matchesCount', /^1 of /);
    await this.page.keyboard.press('Escape');
    await this.page.locator('.find-widget.visible').waitFor({ state: 'hidden' });
  }

  async focusEditor() {
    await this.command('View: Focus Active Editor Group');
  }

  /** Applies the quick fix with this title at the first place where `at` stands. */
  async quickFix(title, at) {
    await this.select(at);
    const action = this.page.locator('.action-widget .monaco-list-row', { hasText: title }).first();
    let asked = 0;
    // A menu that comes while the cursor still moves closes by itself.
    await until(`the quick fix ${title} is offered`, 30_000, async () => {
      if (await action.isVisible()) {
        return true;
      }
      if (Date.now() - asked > 4000) {
        await this.page.keyboard.press('Control+.');
        asked = Date.now();
      }
      return false;
    });
    await this.shot('03-quick-fix');
    await action.click();
    await action.waitFor({ state: 'hidden' });
  }

  /** The lines of the open file that are now drawn. */
  async text() {
    const lines = await this.texts('.editor-instance .view-lines .view-line');
    return lines.join('\n');
  }

  /** Texts now visible for a selector. Non-breaking spaces count as spaces. */
  async texts(selector) {
    const all = await this.page.locator(selector).allInnerTexts();
    return all.map((text) => text.replace(/[\u00a0\s]+/g, ' ').trim());
  }

  /** Waits until one of the visible texts matches, and returns it. */
  seeText(what, selector, pattern, deadline) {
    return this.see(what, () => this.texts(selector), pattern, deadline);
  }

  async see(what, read, pattern, deadline = 60_000) {
    let seen = [];
    return this.drawn(what, deadline, async () => (seen = await read()).find((text) => pattern.test(text)), () => seen);
  }

  /** `until` for what is drawn; `seen` tells what was there instead when the deadline has passed. */
  async drawn(what, deadline, probe, seen) {
    let frame = Date.now();
    try {
      return await until(what, deadline, async () => {
        const answer = await probe();
        // A headless page may draw no frame while nothing asks for one. A screenshot asks.
        if (!answer && Date.now() - frame > 3000) {
          await this.page.screenshot({ clip: { x: 0, y: 0, width: 1, height: 1 } });
          frame = Date.now();
        }
        return answer;
      });
    } catch (error) {
      error.message += `; seen: ${JSON.stringify(seen())}`;
      throw error;
    }
  }

  /** Rows of a list or tree, as `label description`. */
  async rows(part) {
    const rows = await this.page.locator(`${part} .monaco-list-row`).evaluateAll((elements) =>
      elements.map((element) => {
        const parts = [...element.querySelectorAll('.label-name, .label-description')].map((part) => part.textContent);
        return parts.length > 0 ? parts.join(' ') : element.textContent;
      }),
    );
    return rows.map((text) => text.replace(/[\u00a0\s]+/g, ' ').trim());
  }

  problem(pattern, deadline) {
    return this.seeText(`a row in Problems ${pattern}`, '.markers-panel .monaco-list-row', pattern, deadline);
  }

  treeRow(pattern, deadline) {
    return this.see(`a row in the side bar ${pattern}`, () => this.rows('.part.sidebar'), pattern, deadline);
  }

  /** The SVG that the graph view shows. */
  async picture() {
    const image = this.page.frameLocator('iframe.webview').frameLocator('#active-frame').locator('img');
    const address = await image.getAttribute('src');
    return Buffer.from(address.split('base64,')[1], 'base64').toString('utf8');
  }

  row(pattern) {
    // A row's text is its label and its description; inline actions have none.
    return this.page.locator('.part.sidebar .monaco-list-row').filter({ hasText: pattern }).first();
  }

  async clickRow(pattern) {
    await this.treeRow(pattern);
    await this.row(pattern).click();
  }

  /** Opens the first row that matches, if it is closed: one click, as a second would close it again. */
  async expand(pattern) {
    await this.treeRow(pattern);
    const row = this.row(pattern);
    if ((await row.getAttribute('aria-expanded')) !== 'true') {
      await row.locator('.monaco-tl-twistie').click();
    }
    await until(`the row ${pattern} is open`, 60_000, async () => (await row.getAttribute('aria-expanded')) === 'true');
  }

  async showMetaflow() {
    const title = this.page.locator('.part.sidebar .composite.title', { hasText: /metaflow/i });
    const icon = this.page.locator('.activitybar a.action-label[aria-label^="Metaflow"]');
    let clicked = 0;
    // A click waits for a frame, see drawn(); and one too many would close the side bar again.
    await this.drawn('the side bar of Metaflow', 90_000, async () => {
      if (await title.isVisible()) {
        return true;
      }
      if (Date.now() - clicked > 10_000) {
        clicked = Date.now();
        await icon.click({ timeout: 5000 }).catch(ifTimeout);
      }
      return false;
    }, () => []);
  }
}

module.exports = { launchBrowser, literal, Workbench };
