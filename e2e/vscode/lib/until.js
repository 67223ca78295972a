'use strict';

/**
 * Asks `probe` until it answers something true, and returns that. `undefined`, false, 0 and '' mean: not yet.
 * Throws with `what` when the deadline, in milliseconds, has passed.
 */
async function until(what, deadline, probe) {
  const end = Date.now() + deadline;
  for (;;) {
    const answer = await probe();
    if (answer) {
      return answer;
    }
    if (Date.now() > end) {
      throw new Error(`not within ${deadline / 1000} s: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

module.exports = { until };
