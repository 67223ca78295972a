// Running in real VS Code, with the real Metaflow of .venv: from the click on a lens to values in the code.

'use strict';
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { after, before, test } = require('node:test');
const { processes } = require('./lib/processes');
const { python, Session } = require('./lib/session');
const { until } = require('./lib/until');

/** @type {Session} */
let session;
before(async () => {
  assert.ok(require('node:fs').existsSync(python), 'no .venv: run `make venv`');
  session = await Session.start('run', { trusted: true, file: 'train_flow.py' });
});
after(async () => session?.stop());

const running = () => processes(session.workspace).filter(({ command }) => /python/.test(command[0]));
/** The lenses above the flow: `■ Stop` stands there exactly while it runs. */
const lenses = () => session.workbench.texts('.codelens-decoration a');
const active = async () => (await lenses()).some((text) => /Stop/.test(text));

/** Rows of the latest runs that have succeeded, as `14:28:45 spin · 742 ms · 1795358300437047`. */
const succeeded = async (kind) => {
  const pattern = new RegExp(`^\\d\\d:\\d\\d:\\d\\d ${kind}[\\d.]+ (ms|s) · \\d{10,}$`);
  return (await session.workbench.rows('.part.sidebar')).filter((row) => pattern.test(row)).length;
};

test('a step that never ran says so and offers to run the flow', async () => {
  const { workbench } = session;
  await workbench.showMetaflow();
  await workbench.treeRow(/^TrainFlow/, 60_000);
  await workbench.goToLine(26);
  for (const lens of [/Resume from here/, /Run step/]) {
    const offer = workbench.page.locator('.notification-list-item').filter({ hasText: /There is no run of TrainFlow yet, so step \w+ has no inputs/ });
    await workbench.clickLens(lens, async () => offer.first().isVisible());
    const last = lens.source === 'Run step';
    if (last) {
      await workbench.shot('10-offer');
      await offer.first().locator('.monaco-button', { hasText: 'Run flow' }).click();
    } else {
      await workbench.command('Notifications: Clear All Notifications');
      await offer.first().waitFor({ state: 'hidden' });
      assert.equal(await active(), false); // dismissed: nothing runs
    }
  }
  await until('the offered run is there', 60_000, active);
  await until('it succeeded', 90_000, async () => (await succeeded('')) === 1 && !(await active()));
});

test('a click on Run flow runs it, and every step turns green', async () => {
  const { workbench } = session;
  await workbench.showMetaflow();
  await workbench.treeRow(/^TrainFlow/, 60_000);
  await workbench.goToLine(26);
  await workbench.clickLens(/Run flow/, active);
  await until('every step is done', 90_000, async () => {
    const rows = await workbench.rows('.part.sidebar');
    return ['start', 'fit', 'choose', 'end'].every((step) => rows.some((row) => new RegExp(`^${step}.* m?s$`).test(row)));
  });
  await until('the run has ended', 30_000, async () => !(await active()));
  await workbench.lens(/✓ [\d.]+ m?s · 3 tasks/);
});

test('Run step runs that step only, with the inputs of the last run', async () => {
  const { workbench } = session;
  await workbench.goToLine(26);
  await workbench.clickLens(/Run step/, async () => (await workbench.rows('.part.sidebar')).some((row) => /^\d\d:\d\d:\d\d spin/.test(row)));
  await until('the step succeeded', 60_000, async () => (await succeeded('spin · ')) === 1 && !(await active()));
});

test('Resume from here runs from the step on', async () => {
  const { workbench } = session;
  await workbench.goToLine(26);
  await workbench.clickLens(/Resume from here/, active);
  await until('the resumed run succeeded', 90_000, async () => (await succeeded('resume · ')) === 1 && !(await active()));
  await workbench.shot('11-spin-and-resume');
});

test('a run from a terminal shows live, and cannot be stopped from here', async () => {
  const { workbench } = session;
  const before = await succeeded('');
  const child = spawn(python, ['train_flow.py', 'run', '--epochs', '2000'], { // some seconds: long enough to be seen
    cwd: session.workspace,
    env: { ...process.env, METAFLOW_USER: 'e2e' },
    stdio: 'ignore',
  });
  const exit = new Promise((resolve) => child.once('exit', resolve));
  await workbench.treeRow(/^\d\d:\d\d:\d\d running · \d{10,}$/, 60_000);
  // No link: there is no log of it to show.
  await workbench.seeText('the state of the run', '.codelens-decoration', /● running \d\/4 steps/);
  assert.equal(await active(), false);
  assert.equal(await exit, 0);
  await until('it is shown as done', 30_000, async () => (await succeeded('')) === before + 1);
});

test('values stand beside the code', async () => {
  const { workbench } = session;
  await workbench.goToLine(36);
  await workbench.seeText('the value of self.score', '.editor-instance .view-line', /self\.score = .*0\.93/);
  await workbench.shot('04-values');
});

test('the side bar shows the run down to its artifacts, and a click shows one', async () => {
  const { workbench } = session;
  await workbench.treeRow(/^\d\d:\d\d:\d\d .* · \d{10,}$/);
  await workbench.expand(/^choose/);
  const row = await workbench.treeRow(/^score/);
  assert.match(row, /0\.93 · float/);
  await workbench.shot('05-side-bar');
  await workbench.clickRow(/^score/);
  await workbench.seeText('the artifact', '.editor-instance .view-line', /^TrainFlow\/\d+\/choose\/\d+\/score$/);
  await workbench.seeText('its value', '.editor-instance .view-line', /^0\.93$/);
  await workbench.openFile('train_flow.py');
});

test('the log follows in a terminal', async () => {
  const { workbench } = session;
  await workbench.command('Metaflow: Show Run Log');
  const newest = workbench.page.locator('.quick-input-list .monaco-list-row').first();
  await newest.waitFor();
  assert.match(await newest.innerText(), /\d\d:\d\d:\d\d[^]*(run|resume) · succeeded/);
  await newest.click();
  await workbench.seeText('the last line of Metaflow', '.terminal-wrapper .xterm-rows', /Done!.*end of the log/);
  await workbench.shot('06-log');
});

test('an exception shows on the line that raised it', async () => {
  const { workbench } = session;
  await workbench.openFile('train_flow.py');
  await workbench.replace('self.score = best.score', 'raise ValueError("no score today")');
  await workbench.goToLine(20);
  await workbench.clickLens(/Run flow/, active);
  await workbench.command('Problems: Focus on Problems View');
  const row = await workbench.problem(/no score today/, 90_000);
  assert.match(row, /ValueError/);
  const line = Number(/\[Ln (\d+)/.exec(row)?.[1]);
  assert.equal(session.read('train_flow.py').split('\n')[line - 1].trim(), 'raise ValueError("no score today")');
  await workbench.goToLine(line);
  await workbench.lens(/✗ failed · ValueError/);
  await workbench.page.locator('.squiggly-error').first().waitFor();
  await workbench.shot('07-exception');
  // It moves with what is typed above.
  await workbench.goToLine(1);
  await workbench.page.keyboard.insertText('# typed later\n');
  await workbench.problem(new RegExp(`no score today.*\\[Ln ${line + 1},`));
  await workbench.command('Undo');
  await workbench.problem(new RegExp(`no score today.*\\[Ln ${line},`));
});

test('the exception goes with the next success', async () => {
  const { workbench } = session;
  await workbench.openFile('train_flow.py');
  await workbench.replace('raise ValueError("no score today")', 'self.score = best.score');
  await workbench.goToLine(26);
  await until('the failed run has ended', 30_000, async () => !(await active()));
  // Not saved: a click on Run saves first, so what runs is what is seen.
  assert.match(session.read('train_flow.py'), /no score today/);
  await workbench.clickLens(/Run flow/, active);
  assert.doesNotMatch(session.read('train_flow.py'), /no score today/);
  await until('the exception is gone', 90_000, async () => (await workbench.texts('.markers-panel .monaco-list-row')).every((row) => !/no score today/.test(row)));
});

test('a run that cannot start says why, at once', async () => {
  const { workbench } = session;
  await until('the run has ended', 60_000, async () => !(await active()));
  await workbench.replace('import math', 'import maths');
  await workbench.goToLine(26);
  const told = workbench.page.locator('.notification-list-item').filter({ hasText: /TrainFlow did not start\. ModuleNotFoundError: No module named 'maths'/ });
  await workbench.clickLens(/Run flow/, async () => told.first().isVisible());
  await workbench.problem(/No module named 'maths'.*\[Ln 3,/);
  await workbench.lens(/✗ failed to start · ModuleNotFoundError/);
  await workbench.shot('12-not-started');
  await workbench.command('Notifications: Clear All Notifications');
  await workbench.replace('import maths', 'import math');
});

test('a running flow shows its progress and stops, leaving no process', async () => {
  const { workbench } = session;
  await workbench.openFile('train_flow.py');
  await workbench.goToLine(26);
  await until('the failed run has ended', 30_000, async () => !(await active()));
  await workbench.command('Metaflow: Run Flow with Parameters');
  await workbench.answer('Run TrainFlow', 'epochs=1000000');
  await workbench.lens(/● running \d\/3/, 60_000);
  await workbench.treeRow(/^fit .*running \d\/3/);
  await workbench.shot('08-running');
  assert.notEqual(running().length, 0);
  await workbench.clickLens(/Stop/, async () => !(await active()));
  await until('no Python process is left', 15_000, () => running().length === 0);
  await workbench.treeRow(/^\d\d:\d\d:\d\d stopped/);
  await workbench.shot('09-stopped');
});

test('nothing asked for the network', () => {
  assert.deepEqual(session.workbench.foreign, []);
});
