// The manifest names commands, views and icons that the sources must know: a typing mistake there shows only at a click.

import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';

// mocha runs in the extension's folder.
const manifest = JSON.parse(fs.readFileSync('package.json', 'utf8'));
const sources = fs
  .readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => fs.readFileSync(path.join('src', file), 'utf8'))
  .join('\n');
const declared: string[] = manifest.contributes.commands.map(({ command }: { command: string }) => command);

describe('manifest', () => {
  it('declares exactly the commands that the sources register', () => {
    const handlers = /const handlers[^{]*\{([\s\S]*?)\n {4}\};/.exec(sources)?.[1] ?? '';
    const registered = [...handlers.matchAll(/^ {6}(\w+): /gm)].map(([, name]) => `flowls.client.${name}`);
    assert.ok(registered.length > 10);
    assert.deepEqual([...declared].sort(), registered.sort());
  });

  it('uses only declared commands in menus and welcome texts', () => {
    const used = [...JSON.stringify(manifest.contributes).matchAll(/flowls\.client\.\w+/g)].map(([name]) => name);
    const named = [...sources.matchAll(/'(flowls\.client\.\w+)'/g)].map(([, name]) => name as string);
    for (const name of [...used, ...named]) {
      assert.ok(declared.includes(name), name);
    }
  });

  it('keeps settings that name an executable out of workspaces', () => {
    const properties: Record<string, { scope: string }> = manifest.contributes.configuration.properties;
    const restricted: string[] = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
    for (const name of ['flowls.path', 'flowls.interpreter']) {
      assert.equal(properties[name]?.scope, 'machine', name);
      assert.ok(restricted.includes(name), name);
    }
  });

  it('reads only declared settings', () => {
    const read = [...sources.matchAll(/\.get<\w+>\('([\w.]+)'/g)].map(([, name]) => `flowls.${name}`);
    assert.ok(read.length > 3);
    for (const name of read) {
      assert.ok(name in manifest.contributes.configuration.properties, name);
    }
  });
});
