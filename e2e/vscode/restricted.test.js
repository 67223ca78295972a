// An untrusted workspace: flows are checked, nothing runs; with trust they run.

'use strict';
const assert = require('node:assert/strict');
const { journey } = require('./lib/journey');

const test = journey('restricted', { trusted: false, file: 'report_flow.py' });
const flow = 'class ReportFlow';

test('the workspace is restricted, and mistakes show all the same', async ({ workbench }) => {
  await workbench.seeText('the status item', '.statusbar-item', /Restricted Mode/);
  await workbench.lenses.see(flow, /Run flow/);
  await workbench.replace('self.next(self.average, self.spread)', 'self.next(self.averge, self.spread)');
  await workbench.command('Problems: Focus on Problems View');
  assert.match(await workbench.problem(/averge/), /MF107/);
  await workbench.quickFix(/did you mean/i, 'self.averge');
});

test('running is refused with a way out', async (session) => {
  const { workbench, launches } = session;
  await workbench.goToLine(session.line(flow));
  await workbench.lenses.click(flow, /Run flow/);
  await workbench.seeText('the refusal', '.notification-list-item', /trust this workspace first/);
  await workbench.shot('10-restricted');
  assert.deepEqual(launches.all(), []);
  assert.deepEqual(session.runs(), []);
});

test('with trust the flow runs', async (session) => {
  const { workbench, launches } = session;
  const { page } = workbench;
  await page.locator('.notification-list-item a', { hasText: 'Manage Workspace Trust' }).click();
  await page.locator('.workspace-trust-editor .monaco-button', { hasText: /^Trust/ }).first().click();
  await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor({ state: 'hidden' });
  // The trust page is a modal editor.
  const modal = page.locator('.monaco-modal-editor-block');
  await modal.locator('a.action-label[aria-label^="Close"]').first().click();
  await modal.waitFor({ state: 'hidden' });
  await workbench.goToLine(session.line(flow));
  const launch = await launches.one('run', () => workbench.lenses.click(flow, /Run flow/));
  await launches.succeeded(launch);
  await workbench.showMetaflow();
  await workbench.treeRow(/^\d\d:\d\d:\d\d [\d.]+ m?s$/);
  await workbench.lenses.see(flow, /^✓ [\d.]+ m?s/);
});

test('nothing asked for the network', async ({ workbench }) => {
  assert.deepEqual(workbench.foreign, []);
});
