import assert from 'node:assert/strict';
import { RestartQueue } from '../src/restart';

/** A restart that ends when the test says so. */
function manual() {
  const pending: { resolve: () => void; reject: (error: Error) => void }[] = [];
  let begun = 0;
  let atOnce = 0;
  let most = 0;
  const queue = new RestartQueue(async () => {
    begun++;
    most = Math.max(most, ++atOnce);
    try {
      await new Promise<void>((resolve, reject) => pending.push({ resolve, reject }));
    } finally {
      atOnce--;
    }
  });
  const next = () => {
    const first = pending.shift();
    assert.ok(first, 'no restart is running');
    return first;
  };
  return { queue, next, begun: () => begun, most: () => most };
}

/** Lets every promise that can settle do so. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('restart queue', () => {
  it('makes one restart of many requests while one runs', async () => {
    const { queue, next, begun, most } = manual();
    const first = queue.request();
    const rest = [queue.request(), queue.request(), queue.request()];
    next().resolve();
    await first;
    await settle();
    assert.equal(begun(), 2);
    next().resolve();
    await Promise.all(rest);
    assert.equal(begun(), 2);
    assert.equal(most(), 1);
  });

  it('starts at once when nothing runs', async () => {
    const { queue, next, begun } = manual();
    const first = queue.request();
    next().resolve();
    await first;
    const second = queue.request();
    assert.equal(begun(), 2);
    next().resolve();
    await second;
  });

  it('never runs two at once, even when asked as one ends', async () => {
    const { queue, next, most, begun } = manual();
    const asked: Promise<void>[] = [];
    const first = queue.request();
    const second = queue.request();
    asked.push(first.then(() => queue.request()));
    next().resolve();
    await first;
    await settle();
    assert.equal(begun(), 2);
    next().resolve();
    await second;
    await Promise.all(asked);
    assert.equal(most(), 1);
  });

  it('goes on after a failure', async () => {
    const { queue, next, begun } = manual();
    const first = queue.request();
    const second = queue.request();
    next().reject(new Error('broken binary'));
    await assert.rejects(first, /broken binary/);
    await settle();
    next().resolve();
    await second;
    assert.equal(begun(), 2);
  });
});
