// An untrusted workspace: flows are checked, nothing runs; with trust they run.

'use strict';
const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { processes } = require('./lib/processes');
const { Session } = require('./lib/session');

/** @type {Session} */
let session;
before(async () => {
  session = await Session.start('restricted', { trusted: false, file: 'report_flow.py' });
});
after(async () => session?.stop());

test('the workspace is restricted, and mistakes show all the same', async () => {
  const { workbench } = session;
  await workbench.seeText('the status item', '.statusbar-item', /Restricted Mode/);
  await workbench.lens(/Run flow/, 60_000);
  await workbench.replace('self.next(self.average, self.spread)', 'self.next(self.averge, self.spread)');
  await workbench.command('Problems: Focus on Problems View');
  assert.match(await workbench.problem(/averge/), /MF107/);
  await workbench.quickFix(/did you mean/i, 'self.averge');
});

test('running is refused with a way out', async () => {
  const { workbench } = session;
  const refusal = async () => (await workbench.texts('.notification-list-item')).some((text) => /trust this workspace first/.test(text));
  await workbench.clickLens(/Run flow/, refusal);
  await workbench.shot('10-restricted');
  assert.deepEqual(processes(session.workspace).filter(({ command }) => /python/.test(command[0])), []);
});

test('with trust the flow runs', async () => {
  const { page } = session.workbench;
  await page.locator('.notification-list-item a', { hasText: 'Manage Workspace Trust' }).click();
  await page.locator('.workspace-trust-editor .monaco-button', { hasText: /^Trust/ }).first().click();
  await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor({ state: 'hidden' });
  // The trust page is a modal editor.
  const modal = page.locator('.monaco-modal-editor-block');
  await modal.locator('a.action-label[aria-label^="Close"]').first().click();
  await modal.waitFor({ state: 'hidden' });
  await session.workbench.showMetaflow();
  await session.workbench.clickLens(/Run flow/, async () =>
    (await session.workbench.rows('.part.sidebar')).some((row) => /^\d\d:\d\d:\d\d/.test(row)),
  );
  await session.workbench.lens(/✓ [\d.]+ m?s/, 60_000);
});

test('nothing asked for the network', () => {
  assert.deepEqual(session.workbench.foreign, []);
});
