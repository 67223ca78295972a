// The runs that the editor started, as their supervisors recorded them: what a click really did, whatever is drawn by now.

'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { until } = require('./until');

class Launches {
  /** @param {string} state the editor's XDG_STATE_HOME */
  constructor(state) {
    this.folder = path.join(state, 'flowls/runs');
  }

  /** All of them, oldest first, as {id, kind, step, runId, status, record}; status is `running` until the supervisor has recorded the end. */
  all() {
    const ids = fs.existsSync(this.folder) ? fs.readdirSync(this.folder) : [];
    const launches = ids.map((id) => {
      const record = this.json(id, 'run.json');
      const runId = this.text(id, 'run_id')?.trim();
      return record && { id, kind: record.kind, step: record.step, startedAt: record.startedAt, runId, status: this.json(id, 'exit.json')?.status ?? 'running', record };
    });
    return launches.filter((launch) => launch !== undefined).sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
  }

  /** What a launch has printed. */
  output(launch) {
    return this.text(launch.id, 'output.log') ?? '';
  }

  /** Does what starts one run, once, and returns that launch when it is there. */
  async one(kind, act) {
    const before = this.all().length;
    await act();
    const launch = await until(`a ${kind} is started`, 60_000, () => this.all()[before]);
    assert.equal(launch.kind, kind);
    return launch;
  }

  /** Waits for the end of the newest launch and returns it as it is then. */
  async ended(launch, deadline = 120_000) {
    const last = await until(`the ${launch.kind} has ended`, deadline, () => this.all().find(({ id, status }) => id === launch.id && status !== 'running'));
    assert.equal(this.all().at(-1).id, launch.id, 'one click started more than one run');
    return last;
  }

  async succeeded(launch, deadline) {
    const last = await this.ended(launch, deadline);
    assert.equal(last.status, 'succeeded', this.output(last));
    return last;
  }

  text(id, file) {
    try {
      return fs.readFileSync(path.join(this.folder, id, file), 'utf8');
    } catch (error) {
      if (error.code !== 'ENOENT') {
        throw error;
      }
      return undefined;
    }
  }

  json(id, file) {
    const text = this.text(id, file);
    return text ? JSON.parse(text) : undefined;
  }
}

module.exports = { Launches };
