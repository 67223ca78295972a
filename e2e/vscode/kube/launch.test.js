// A launch in real VS Code, on a real cluster: from the click on the lens to the pods, and to the values in the code.
// scripts/e2e-kube runs it, with what it takes in the environment.

'use strict';
const assert = require('node:assert/strict');
const path = require('node:path');
const { after } = require('node:test');
const { root } = require('../lib/editor');
const { journey } = require('../lib/journey');
const { Namespace } = require('./namespace');

const python = process.env.FLOWLS_E2E_PYTHON;
assert.ok(python && process.env.KUBECONFIG, 'no cluster: run `make e2e-kube`');

const namespace = new Namespace(python);
const test = journey('kube', {
  trusted: true,
  file: 'fan_out.py',
  from: path.join(root, 'e2e/kube/flows'),
  interpreter: python,
  env: { METAFLOW_KUBERNETES_NAMESPACE: namespace.name },
});
after(() => namespace.delete());

const flow = 'class FanOutFlow';

/** Clicks the lens, and answers what VS Code asks. */
async function launch({ workbench }) {
  await workbench.lenses.click(flow, /Launch on Kubernetes/);
  await workbench.choose('Launch FanOutFlow on Kubernetes', 'with defaults');
  const dialog = workbench.page.locator('.monaco-dialog-box', { hasText: 'Launch FanOutFlow on Kubernetes?' });
  await dialog.waitFor();
  const detail = (await dialog.innerText()).replace(/\s+/g, ' ');
  assert.match(detail, /fan_out\.py run --with=kubernetes/); // what is given is what was shown
  await dialog.locator('.monaco-button', { hasText: /^Launch$/ }).click();
  await dialog.waitFor({ state: 'hidden' });
}

async function look({ workbench, file }, line) {
  await workbench.openFile(file);
  await workbench.showMetaflow();
  await workbench.goToLine(line);
}

test('a click launches the flow, its pods stand in the lenses, and the values beside the code', async (session) => {
  const { workbench, launches } = session;
  await look(session, session.line('def start'));
  const run = await launches.one('run', () => launch(session));
  assert.ok(run.record.kubernetes, 'it was run on this machine');
  await workbench.lenses.see('def start', /^● (waiting for a node|pulling the image|starting|running .*pod)/, 120_000);
  await workbench.shot('40-kube-pods');
  await look(session, session.line('def train'));
  await workbench.lenses.see('def train', /^● .*\bpods?\b/, 180_000);
  await workbench.shot('41-kube-fan-out');
  await launches.succeeded(run, 300_000);
  await workbench.lenses.see('def train', /^✓ [\d.]+ m?s · 3 tasks/);
  await look(session, session.line('def join'));
  await workbench.seeText('the value of best_rate', '.editor-instance .view-line', /self\.best_rate.*= best\.rate.*0\.2/);
  await workbench.shot('42-kube-values');
});

test('what no node can take is asked about, and shown', async (session) => {
  const { workbench, launches } = session;
  await look(session, session.line('class FanOutFlow'));
  await workbench.replace('cpu=0.2', 'cpu=900');
  await workbench.command('File: Save');
  const before = launches.all().length;
  await launch(session);
  const question = workbench.page.locator('.notification-list-item').filter({ hasText: /FanOutFlow cannot run on the cluster as things are: step `?train`?: No node has 900 CPU/ });
  await question.first().waitFor();
  await workbench.shot('43-kube-question');
  await question.first().locator('.monaco-button', { hasText: 'Show problems' }).click();
  const at = session.line('cpu=900');
  const end = session.read().split('\n')[at - 1].indexOf('900') + 4;
  await workbench.page.locator('.statusbar-item', { hasText: `Ln ${at}, Col ${end} (3 selected)` }).waitFor();
  await workbench.page.locator('.squiggly-warning').first().waitFor();
  assert.equal(launches.all().length, before);
});
