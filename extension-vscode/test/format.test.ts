import assert from 'node:assert/strict';
import { formatAge, formatClock, formatDuration, formatSize } from '../src/format';

describe('format', () => {
  it('sizes, in decimal units with two figures', () => {
    const sizes = [0, 999, 1000, 1234, 9949, 9950, 10_400, 999_499, 310_000_000, 2.5e12, 3e15].map(formatSize);
    assert.deepEqual(sizes, ['0 B', '999 B', '1.0 kB', '1.2 kB', '9.9 kB', '10 kB', '10 kB', '999 kB', '310 MB', '2.5 TB', '3000 TB']);
  });

  it('durations, never with 60 seconds or minutes', () => {
    const durations = [0, 230, 999.6, 1234, 59_940, 59_960, 192_000, 3_599_700, 7_260_000].map(formatDuration);
    assert.deepEqual(durations, ['0 ms', '230 ms', '1.0 s', '1.2 s', '59.9 s', '1 min 0 s', '3 min 12 s', '1 h 0 min', '2 h 1 min']);
  });

  it('ages', () => {
    const now = Date.parse('2026-03-01T12:00:00Z');
    const ages = ['2026-03-01T11:59:50Z', '2026-03-01T11:52:00Z', '2026-03-01T09:00:00Z', '2026-02-26T12:00:00Z', 'never'];
    assert.deepEqual(
      ages.map((time) => formatAge(time, now)),
      ['just now', '8 min ago', '3 h ago', '3 days ago', ''],
    );
  });

  it('clock times, with the date on other days', () => {
    // Without a zone a time is local: the test holds in every zone.
    const now = Date.parse('2026-03-01T12:00:00');
    assert.equal(formatClock('2026-03-01T09:05:07', now), '09:05:07');
    assert.equal(formatClock('2026-02-28T23:59:59', now), '2026-02-28 23:59:59');
    assert.equal(formatClock('soon', now), '');
  });
});
