// Lenses above a line of code: read as they are drawn, and clicked once.

'use strict';
const { until } = require('./until');

/**
 * Runs in the page: the lens widget right above the drawn line that contains `code`. Several lines may: the first counts.
 * A lens is drawn in a gap of its own between two lines, so it is found by its place.
 */
function widgetAbove(code) {
  const plain = (text) => (text ?? '').replace(/\u00a0/g, ' ');
  const line = [...document.querySelectorAll('.editor-instance .view-lines .view-line')]
    .filter((element) => plain(element.textContent).includes(code))
    .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)[0];
  if (line === undefined) {
    return null;
  }
  const top = line.getBoundingClientRect().top;
  const near = [...document.querySelectorAll('.editor-instance .codelens-decoration')].filter((widget) => {
    const box = widget.getBoundingClientRect();
    return box.height > 0 && getComputedStyle(widget).visibility !== 'hidden' && box.top < top && top - box.bottom < box.height / 2;
  });
  return near.sort((a, b) => b.getBoundingClientRect().top - a.getBoundingClientRect().top)[0] ?? null;
}

class Lenses {
  /** @param {import('./workbench').Workbench} workbench */
  constructor(workbench) {
    this.workbench = workbench;
    this.page = workbench.page;
  }

  async above(code) {
    return (await this.page.evaluateHandle(widgetAbove, code)).asElement();
  }

  /** Titles above the line, links or not; [] while line or lenses are not drawn. */
  async titles(code) {
    const widget = await this.above(code);
    const titles = (await widget?.evaluate((element) => element.textContent.split('|'))) ?? [];
    return titles.map((title) => title.replace(/[\u00a0\s]+/g, ' ').trim());
  }

  /** Waits for a title above the line and returns it. */
  see(code, pattern, deadline = 60_000) {
    return this.workbench.see(`a lens ${pattern} above ${code}`, () => this.titles(code), pattern, deadline);
  }

  /** Waits until no title above the line matches. */
  async gone(code, pattern, deadline = 60_000) {
    let titles = [];
    await this.workbench.drawn(`no lens ${pattern} above ${code}`, deadline, async () => {
      titles = await this.titles(code);
      return titles.length > 0 && !titles.some((title) => pattern.test(title));
    }, () => titles);
  }

  /**
   * Clicks the lens, once: the editor acts when the button goes down on it. Lenses move while others are drawn, so the page
   * tells whether the button hit it; only a click that hit nothing of it is repeated. What the click does is for the caller to wait for.
   */
  async click(code, pattern, deadline = 60_000) {
    await this.see(code, pattern, deadline);
    let refused = '';
    await until(`a click hits the lens ${pattern} above ${code}`, deadline, async () => {
      const widget = await this.above(code);
      for (const link of (await widget?.$$('a')) ?? []) {
        if (pattern.test((await link.textContent()) ?? '')) {
          await this.page.evaluate(() => {
            window.flowlsHit = undefined;
            window.addEventListener('mousedown', (event) => (window.flowlsHit = event.target.closest?.('.codelens-decoration a')?.textContent), {
              capture: true,
              once: true,
            });
          });
          refused = await link.click({ timeout: 2000 }).then(
            () => '',
            (error) => error.message,
          );
          return pattern.test((await this.page.evaluate(() => window.flowlsHit)) ?? '');
        }
      }
      return false;
    }).catch((error) => {
      error.message += `; the last click: ${refused || 'hit something else'}`;
      throw error;
    });
  }
}

module.exports = { Lenses };
