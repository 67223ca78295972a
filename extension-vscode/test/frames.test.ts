import assert from 'node:assert/strict';
import { frameLinks } from '../src/views/frames';

describe('frames of a traceback', () => {
  it('are found where Python prints them', () => {
    const line = '2026-11-25 [1/fit/2 (pid 3)] File "/w/my flow.py", line 23, in fit';
    const [found, ...more] = frameLinks(line);
    assert.deepEqual(more, []);
    assert.deepEqual([found?.file, found?.line], ['/w/my flow.py', 23]);
    assert.equal(line.slice(found?.startIndex, (found?.startIndex ?? 0) + (found?.length ?? 0)), 'File "/w/my flow.py", line 23');
  });

  it('are links only where they name a file', () => {
    assert.deepEqual(frameLinks('File "<frozen importlib._bootstrap>", line 2, in x File "rel.py", line 1 File "/a", line 99999999999'), []);
  });
});
