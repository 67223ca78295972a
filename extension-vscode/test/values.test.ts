import assert from 'node:assert/strict';
import type { RunField } from '../src/protocol';
import { checkValue, lastText, optionsText, prompt, typedValue, valueText } from '../src/values';

const field = (more: Partial<RunField>): RunField => ({ name: 'x', kind: 'Parameter', ...more });

describe('values', () => {
  it('checks what is typed by type', () => {
    const good: [string, string[]][] = [
      ['int', ['3', '-3', '1_000']],
      ['float', ['0.5', '1e-3', 'inf', '-2']],
      ['json', ['{}', '[1]', '"x"']],
      ['config', ['{"a": 1}', 'conf.json']],
      ['str', ['anything']],
    ];
    for (const [type, texts] of good) {
      for (const text of texts) {
        assert.equal(checkValue(field({ type }), text), undefined, `${type} ${text}`);
      }
    }
    const bad: [string, string[]][] = [
      ['int', ['1.5', 'x', '']],
      ['float', ['one']],
      ['json', ['{', 'x']],
      ['config', ['{a: 1}']],
    ];
    for (const [type, texts] of bad) {
      for (const text of texts) {
        assert.ok(checkValue(field({ type, required: true }), text), `${type} ${text}`);
      }
    }
    assert.equal(checkValue(field({ type: 'int' }), ''), undefined);
  });

  it('reads a Config as value or path', () => {
    assert.deepEqual(typedValue(field({ type: 'config' }), ' {"a": 1}'), { a: 1 });
    assert.equal(typedValue(field({ type: 'config' }), 'a.json'), 'a.json');
    assert.equal(typedValue(field({ type: 'json' }), '{}'), '{}');
  });

  it('says what is wanted and what there was', () => {
    assert.equal(prompt(field({ type: 'int', default: 3, help: 'How many' })), 'x: int, default 3. How many Empty: the default.');
    assert.equal(prompt(field({ type: 'str', required: true })), 'x: str.');
    assert.equal(valueText({ a: 1 }), '{"a":1}');
    assert.equal(optionsText({ with: ['retry'], tags: [], maxWorkers: 0, environment: 'pypi' }), 'with=retry environment=pypi');
    assert.equal(lastText([field({ last: 0.1 }), field({ name: 'y' })], { tags: ['t'] }), 'x=0.1 tags=t');
  });
});
