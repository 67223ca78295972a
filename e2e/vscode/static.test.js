// Editing in real VS Code, no Python involved: a mistake shows, a quick fix mends it.

'use strict';
const assert = require('node:assert/strict');
const { journey } = require('./lib/journey');
const { until } = require('./lib/until');

const test = journey('static', { trusted: true, file: 'train_flow.py' });

test('lenses stand above the flow and its steps', async ({ workbench }) => {
  await workbench.lenses.see('class TrainFlow', /Run flow/);
  await workbench.lenses.see('def start', /Run step/);
  await workbench.lenses.see('def start', /Resume from here/);
});

test('a correct flow has no problem', async ({ workbench }) => {
  await workbench.command('Problems: Focus on Problems View');
  await workbench.seeText('no problems', '.markers-panel', /No problems have been detected/);
});

test('a misspelt step gets a squiggle and a row in Problems', async ({ workbench }) => {
  await workbench.replace('self.next(self.fit,', 'self.next(self.fitt,');
  await workbench.page.locator('.squiggly-error').first().waitFor();
  const row = await workbench.problem(/fitt/);
  assert.match(row, /MF107/);
  await workbench.shot('02-broken');
});

test('the quick fix mends it', async ({ workbench }) => {
  await workbench.quickFix(/did you mean/i, 'self.fitt');
  await workbench.page.locator('.squiggly-error').first().waitFor({ state: 'hidden' });
  assert.match(await workbench.text(), /self\.next\(self\.fit, foreach/);
});

test('the side bar shows flows and steps', async ({ workbench }) => {
  await workbench.showMetaflow();
  await workbench.treeRow(/^TrainFlow/);
  for (const step of ['start', 'fit', 'choose', 'end']) {
    await workbench.treeRow(new RegExp(`^${step}`));
  }
  await workbench.shot('01-overview');
});

test('the graph stands beside the code and follows it', async ({ workbench }) => {
  await workbench.openFile('train_flow.py');
  await workbench.command('Metaflow: Show Flow Graph');
  const before = await workbench.picture();
  assert.match(before, />choose</);
  await workbench.shot('12-graph');
  await workbench.replace('self.next(self.end)', 'self.next(self.gone)');
  await until('the picture shows the unknown step', 15_000, async () => />gone</.test(await workbench.picture()));
  await workbench.page.keyboard.press('Control+z');
});

test('nothing asked for the network', async ({ workbench }) => {
  assert.deepEqual(workbench.foreign, []);
});
