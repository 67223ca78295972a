// Running in real VS Code, with the real Metaflow of .venv: from the click on a lens to values in the code.
// What a click started is read from the records on disk; what is drawn is waited for, as it comes later or is gone again.

'use strict';
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { journey } = require('./lib/journey');
const { python } = require('./lib/session');
const { until } = require('./lib/until');

assert.ok(fs.existsSync(python), 'no .venv: run `make venv`');
const test = journey('run', { trusted: true, file: 'train_flow.py' });

const flow = 'class TrainFlow';
/** The local time of day at which a run started, as its row in the side bar begins. */
const clock = ({ startedAt }) => new Date(startedAt).toTimeString().slice(0, 8);

/** Shows code and side bar. */
async function look({ workbench, file }, line) {
  await workbench.openFile(file);
  await workbench.showMetaflow();
  await workbench.goToLine(line);
}

/** Clicks a lens that starts a run, once. */
const start = ({ workbench, launches }, kind, code, lens) => launches.one(kind, () => workbench.lenses.click(code, lens));

/** The row of a run in the side bar once it has ended. */
const row = ({ workbench }, launch, before = '') => workbench.treeRow(new RegExp(`^${clock(launch)} ${before}[\\d.]+ m?s$`));

/** A run of the flow that went well: the latest, if there is one. */
async function success(session) {
  const past = session.launches.all().findLast(({ kind, status }) => kind !== 'spin' && status === 'succeeded');
  if (past !== undefined) {
    return past;
  }
  await look(session, session.line(flow));
  return session.launches.succeeded(await start(session, 'run', flow, /Run flow/));
}

test('a step that never ran says so and offers to run the flow', async (session) => {
  const { workbench, launches } = session;
  await look(session, session.line('def start'));
  await workbench.treeRow(/^TrainFlow/);
  const offer = workbench.page.locator('.notification-list-item').filter({ hasText: /There is no run of TrainFlow yet, so step start has no inputs/ });
  await workbench.lenses.click('def start', /Resume from here/);
  await offer.first().waitFor();
  await workbench.command('Notifications: Clear All Notifications');
  await offer.first().waitFor({ state: 'hidden' });
  await workbench.lenses.click('def start', /Run step/);
  await offer.first().waitFor();
  await workbench.shot('13-offer');
  assert.deepEqual(launches.all(), []); // the first offer was dismissed: nothing ran
  const launch = await launches.one('run', () => offer.first().locator('.monaco-button', { hasText: 'Run flow' }).click());
  await row(session, await launches.succeeded(launch));
});

test('a click on Run flow runs it, and every step turns green', async (session) => {
  const { workbench, launches } = session;
  await look(session, session.line('def start'));
  const launch = await start(session, 'run', flow, /Run flow/);
  await row(session, await launches.succeeded(launch));
  for (const step of ['start', 'fit', 'choose', 'end']) {
    await workbench.treeRow(new RegExp(`^${step}.* m?s$`));
  }
  await workbench.lenses.see(flow, /^✓ [\d.]+ m?s/);
  await workbench.lenses.see(flow, /Run flow/);
  await workbench.lenses.see('def fit', /✓ [\d.]+ m?s · 3 tasks/);
});

test('Run step runs that step only, with the inputs of the last run', async (session) => {
  const { workbench, launches } = session;
  await success(session);
  await look(session, session.line('def fit'));
  const launch = await start(session, 'spin', 'def fit', /Run step/);
  assert.equal(launch.step, 'fit');
  await row(session, await launches.succeeded(launch), 'spin · ');
  await workbench.lenses.see('def fit', /^✓ [\d.]+ m?s$/); // one task: that of the spin
  await workbench.lenses.see('def fit', /Run step/);
});

test('Resume from here runs from the step on', async (session) => {
  const { workbench, launches } = session;
  await success(session);
  await look(session, session.line('def start'));
  const launch = await start(session, 'resume', 'def fit', /Resume from here/);
  assert.equal(launch.step, 'fit');
  await row(session, await launches.succeeded(launch), 'resume · ');
  await workbench.lenses.see('def start', /^✓ cloned$/);
  await workbench.lenses.see('def fit', /✓ [\d.]+ m?s · 3 tasks/);
  await workbench.shot('11-spin-and-resume');
});

test('a run from a terminal shows live, and cannot be stopped from here', async (session) => {
  const { workbench, launches } = session;
  await look(session, session.line('def start'));
  await workbench.lenses.see(flow, /Run flow/);
  const runs = () => (fs.existsSync(home) ? fs.readdirSync(home).filter((name) => /^\d+$/.test(name)) : []);
  const home = path.join(session.workspace, '.metaflow/TrainFlow');
  const before = runs();
  const child = spawn(python, ['train_flow.py', 'run'], {
    cwd: session.workspace,
    env: { ...process.env, METAFLOW_USER: 'e2e' },
    stdio: 'ignore',
    detached: true, // a process group of its own
  });
  const exit = new Promise((resolve) => child.once('exit', resolve));
  const id = await until('the run has begun', 60_000, () => runs().find((name) => !before.includes(name) && fs.existsSync(path.join(home, name, 'start'))));
  // It waits while we look, however long that takes.
  process.kill(-child.pid, 'SIGSTOP');
  let started;
  try {
    [started] = (await workbench.treeRow(/^\d\d:\d\d:\d\d running$/)).split(' ');
    await workbench.lenses.see(flow, /^● running \d\/4 steps$/);
    const titles = await workbench.lenses.titles(flow);
    assert.ok(!titles.some((title) => /Stop/.test(title)), titles.join());
    // No link: there is no log of it to show.
    assert.ok(!(await workbench.texts('.codelens-decoration a')).some((title) => /running/.test(title)));
  } finally {
    process.kill(-child.pid, 'SIGCONT');
  }
  assert.equal(await exit, 0);
  await workbench.treeRow(new RegExp(`^${started} [\\d.]+ m?s$`));
  assert.ok(!launches.all().some(({ runId }) => runId === id));
});

test('values stand beside the code', async (session) => {
  const { workbench } = session;
  await success(session);
  await look(session, session.line('def choose'));
  await workbench.seeText('the value of self.score', '.editor-instance .view-line', /self\.score = best\.score.*0\.93/);
  await workbench.shot('04-values');
});

test('the side bar shows the run down to its artifacts, and a click shows one', async (session) => {
  const { workbench } = session;
  await success(session);
  await look(session, session.line('def choose'));
  await workbench.expand(/^choose/);
  assert.match(await workbench.treeRow(/^score/), /0\.93 · float/);
  await workbench.shot('05-side-bar');
  await workbench.clickRow(/^score/);
  await workbench.seeText('the artifact', '.editor-instance .view-line', /^TrainFlow\/\d+\/choose\/\d+\/score$/);
  await workbench.seeText('its value', '.editor-instance .view-line', /^0\.93$/);
});

test('the log follows in a terminal', async (session) => {
  const { workbench } = session;
  const { kind, runId } = await success(session);
  await look(session, session.line(flow));
  await workbench.command('Metaflow: Show Run Log');
  const choice = workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: `${kind} · succeeded` }).filter({ hasText: runId });
  await choice.click();
  await workbench.seeText('the last line of Metaflow', '.terminal-wrapper .xterm-rows', /Done!.*end of the log/);
  await workbench.shot('06-log');
});

test('an exception shows on the line that raised it, and goes with the next success', async (session) => {
  const { workbench, launches } = session;
  const good = 'self.score = best.score';
  const bad = 'raise ValueError("no score today")';
  await look(session, session.line(flow));
  await workbench.replace(good, bad);
  await workbench.goToLine(session.line(flow));
  const launch = await start(session, 'run', flow, /Run flow/);
  const line = session.line(bad); // a click on Run saves first, so what runs is what is seen
  assert.equal((await launches.ended(launch)).status, 'failed');
  await workbench.command('Problems: Focus on Problems View');
  const problem = (at) => workbench.problem(new RegExp(`no score today.*\\[Ln ${at},`));
  assert.match(await problem(line), /ValueError/);
  await workbench.goToLine(line);
  await workbench.lenses.see('def choose', /✗ failed · ValueError/);
  await workbench.page.locator('.squiggly-error').first().waitFor();
  await workbench.shot('07-exception');
  // It moves with what is typed above.
  await workbench.goToLine(1);
  await workbench.page.keyboard.insertText('# typed later\n');
  await problem(line + 1);
  await workbench.command('Undo');
  await problem(line);

  await workbench.replace(bad, good);
  await workbench.goToLine(session.line(flow));
  await launches.succeeded(await start(session, 'run', flow, /Run flow/));
  let problems = [];
  await workbench.drawn('the exception is gone', 60_000, async () => {
    problems = await workbench.texts('.markers-panel .monaco-list-row');
    return problems.every((text) => !/no score today/.test(text));
  }, () => problems);
});

test('a run that cannot start says why, at once', async (session) => {
  const { workbench, launches } = session;
  await look(session, session.line(flow));
  await workbench.replace('import math', 'import maths');
  await workbench.goToLine(session.line(flow));
  const told = workbench.page.locator('.notification-list-item').filter({ hasText: /TrainFlow did not start\. ModuleNotFoundError: No module named 'maths'/ });
  const launch = await start(session, 'run', flow, /Run flow/);
  assert.equal((await launches.ended(launch)).status, 'failed');
  await told.first().waitFor();
  await workbench.command('Problems: Focus on Problems View');
  await workbench.problem(/No module named 'maths'.*\[Ln 3,/);
  await workbench.lenses.see(flow, /✗ failed to start · ModuleNotFoundError/);
  await workbench.shot('14-not-started');
  await workbench.command('Notifications: Clear All Notifications');
  await workbench.replace('import maths', 'import math');
});

test('a running flow shows its progress and stops, leaving no process', async (session) => {
  const { workbench, launches } = session;
  await look(session, session.line('def start'));
  const launch = await launches.one('run', async () => {
    await workbench.command('Metaflow: Run Flow with Parameters');
    await workbench.choose('Run TrainFlow', /Enter values/);
    await workbench.answer('Run TrainFlow: epochs (1/1)', '1000000');
    await workbench.choose('Run TrainFlow: options', /Run/);
  });
  await workbench.lenses.see('def fit', /● running \d\/3/);
  await workbench.lenses.see(flow, /● running 1\/4 steps/);
  await workbench.treeRow(/^fit .*running \d\/3/);
  await workbench.shot('08-running');
  assert.notEqual(session.runs().length, 0);
  await workbench.lenses.click(flow, /Stop/);
  assert.equal((await launches.ended(launch)).status, 'stopped');
  assert.deepEqual(session.runs(), []);
  await workbench.treeRow(new RegExp(`^${clock(launch)} stopped`));
  await workbench.lenses.see(flow, /■ stopped/);
  await workbench.lenses.see(flow, /Run flow/);
  await workbench.shot('09-stopped');
});

test('nothing asked for the network', async ({ workbench }) => {
  assert.deepEqual(workbench.foreign, []);
});
