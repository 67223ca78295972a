/**
 * Coalesces restarts: however many requests arrive while one runs, exactly one more follows it.
 * Every caller's promise settles when a restart that began after its request has ended.
 */
export class RestartQueue {
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  constructor(private readonly restart: () => Promise<void>) {}

  request(): Promise<void> {
    // Asked first: between the end of one restart and the start of the next only `next` is set.
    if (this.next !== undefined) {
      return this.next;
    }
    if (this.running === undefined) {
      return this.begin();
    }
    // A failed restart must not swallow the one that waits for it.
    this.next = this.running
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.begin();
      });
    return this.next;
  }

  private begin(): Promise<void> {
    const run = this.restart().finally(() => {
      if (this.running === run) {
        this.running = undefined;
      }
    });
    this.running = run;
    return run;
  }
}
