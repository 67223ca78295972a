// What running asks for in real VS Code: values with their types, options, a task; and what can be copied.

'use strict';
const assert = require('node:assert/strict');
const { journey } = require('./lib/journey');

const test = journey('prompts', { trusted: true, file: 'train_flow.py' });

const flow = 'class TrainFlow';

async function look({ workbench, file }, line) {
  await workbench.openFile(file);
  await workbench.goToLine(line);
}

test('a lens asks for values by type and for options, and runs with them', async (session) => {
  const { workbench, launches } = session;
  await look(session, session.line(flow));
  const launch = await launches.one('run', async () => {
    await workbench.lenses.click(flow, /with parameters/);
    await workbench.choose('Run TrainFlow', /Enter values/);
    const box = workbench.page.locator('.quick-input-widget');
    await box.locator('.quick-input-title', { hasText: 'Run TrainFlow: epochs (1/1)' }).waitFor();
    assert.equal(await box.locator('.quick-input-box input').inputValue(), '40'); // the default of the source
    await box.locator('.quick-input-box input').fill('many');
    await workbench.page.keyboard.press('Enter');
    await box.locator('.quick-input-message', { hasText: 'A whole number is needed.' }).waitFor();
    await workbench.shot('15-values');
    await workbench.answer('Run TrainFlow: epochs (1/1)', '7');
    await workbench.choose('Run TrainFlow: options', /--tag/);
    await workbench.answer('--tag', 'e2e, two');
    await workbench.choose('Run TrainFlow: options', /tags=e2e,two/);
  });
  assert.deepEqual(launch.record.args, ['--epochs=7']);
  assert.deepEqual(launch.record.tags, ['e2e', 'two']);
  await launches.succeeded(launch);
});

test('the last values are offered', async (session) => {
  const { workbench, launches } = session;
  await look(session, session.line(flow));
  const before = launches.all().length;
  const launch = await launches.one('run', async () => {
    await workbench.command('Metaflow: Run Flow with Parameters');
    await workbench.choose('Run TrainFlow', /last values.*epochs=7 tags=e2e,two/);
  });
  assert.equal(launches.all().length, before + 1);
  assert.deepEqual(launch.record.args, ['--epochs=7']);
  await launches.succeeded(launch);
});

test('a step runs with the inputs of the task that is picked', async (session) => {
  const { workbench, launches } = session;
  await look(session, session.line('def fit'));
  const origin = launches.all().at(-1).runId;
  const launch = await launches.one('spin', async () => {
    await workbench.lenses.click('def fit', /one task/);
    await workbench.choose(`Run fit with the inputs of a task of run ${origin}`, / 1 · task /);
  });
  assert.equal(launch.record.step, 'fit');
  assert.equal(launch.record.origin, origin);
  await launches.succeeded(launch);
  assert.match(launches.output(launch), new RegExp(`spin --persist ${origin}/fit/${launch.record.task}`));
});

test('a step is resumed from a run that is picked, with options that it takes', async (session) => {
  const { workbench, launches } = session;
  await look(session, session.line('def choose'));
  const origin = launches.all().find(({ kind }) => kind === 'run').runId;
  const launch = await launches.one('resume', async () => {
    await workbench.command('Metaflow: Resume from Step with Options');
    await workbench.choose('TrainFlow', /^choose$/);
    await workbench.choose('Resume TrainFlow from choose', new RegExp(`run ${origin} · succeeded · .*(ago|just now)`));
    const box = workbench.page.locator('.quick-input-widget');
    await box.locator('.quick-input-title', { hasText: 'Resume TrainFlow from choose: options' }).waitFor();
    assert.equal(await box.locator('.monaco-list-row', { hasText: '--namespace' }).count(), 0);
    await workbench.choose('Resume TrainFlow from choose: options', /--with/);
    await workbench.answer('--with', 'retry:times=1');
    await workbench.choose('Resume TrainFlow from choose: options', /with=retry:times=1/);
  });
  assert.equal(launch.record.origin, origin);
  assert.equal(launch.record.step, 'choose');
  assert.deepEqual(launch.record.with, ['retry:times=1']);
  await launches.succeeded(launch);
});

test('an artifact is picked from the palette', async (session) => {
  const { workbench } = session;
  await look(session, session.line('def choose'));
  await workbench.command('Metaflow: Show Artifact');
  await workbench.choose('TrainFlow', /^choose$/);
  await workbench.choose('Artifact of choose', /score/);
  await workbench.page.locator('.tab', { hasText: 'score' }).first().waitFor();
});

test('the command line is copied', async (session) => {
  const { workbench } = session;
  await look(session, session.line(flow));
  await workbench.command('Metaflow: Copy as Command Line');
  const told = workbench.page.locator('.notification-list-item', { hasText: /Copied: cd .*train_flow\.py run/ });
  await told.first().waitFor();
  await workbench.command('Notifications: Clear All Notifications');
});

test('what failed runs again, with the rest taken over', async (session) => {
  const { workbench, launches } = session;
  const good = 'self.score = best.score';
  const bad = 'raise ValueError("no score today")';
  await look(session, session.line(flow));
  await workbench.replace(good, bad);
  await workbench.goToLine(session.line(flow));
  const failed = await launches.one('run', () => workbench.lenses.click(flow, /Run flow/));
  assert.equal((await launches.ended(failed)).status, 'failed');
  const runId = launches.all().at(-1).runId;
  await workbench.replace(bad, good);
  await workbench.goToLine(session.line(flow));
  const again = await launches.one('resume', () => workbench.lenses.click(flow, /Re-run failed/));
  assert.equal(again.record.origin, runId);
  await launches.succeeded(again);
  await workbench.lenses.gone(flow, /Re-run failed/);
});

test('all runs are stopped at once', async (session) => {
  const { workbench, launches } = session;
  await look(session, session.line(flow));
  const launch = await launches.one('run', async () => {
    await workbench.command('Metaflow: Run Flow with Parameters');
    await workbench.choose('Run TrainFlow', /Enter values/);
    await workbench.answer('Run TrainFlow: epochs (1/1)', '1000000');
    await workbench.choose('Run TrainFlow: options', /Run/);
  });
  await workbench.lenses.see(flow, /● running/);
  await workbench.command('Metaflow: Stop All Runs');
  assert.equal((await launches.ended(launch)).status, 'stopped');
  assert.deepEqual(session.runs(), []);
});
