// Which run the code shows, and what differs between runs.

import * as ask from '../history';
import { ServerCommand } from '../protocol';
import type { Target } from '../target';
import { ref, type Scope } from './scope';

/** Makes lenses and values show this run rather than the latest. */
export async function selectRun(scope: Scope, { uri, flow, runId, step, taskId }: Target): Promise<void> {
  await scope.execute(ServerCommand.selectRun, { uri, flow, runId, step, taskId });
  scope.parts.tree.refresh();
}

/** Of a step: asks for one of its tasks. */
export async function chooseRun(scope: Scope, given: Target): Promise<void> {
  const flow = await scope.flow(given);
  if (flow !== undefined) {
    await (given.step === undefined ? ask.chooseRun(scope.server, ref(flow)) : ask.chooseTask(scope.server, ref(flow), given.step));
    scope.parts.tree.refresh();
  }
}

export async function diffRuns(scope: Scope, given: Target): Promise<void> {
  const flow = await scope.flow(given);
  if (flow !== undefined) {
    await ask.diffRuns(scope.server, ref(flow), given.runId);
  }
}

/** Takes the failures of the shown run out of the code. */
export async function clearFailures(scope: Scope, given: Target): Promise<void> {
  const flow = await scope.flow(given);
  if (flow !== undefined) {
    await scope.execute(ServerCommand.clearFailures, ref(flow));
    await scope.execute(ServerCommand.clearPreflight, ref(flow));
  }
}

/** How the newest runs in the metadata service stand, in a message of the server. */
export async function showRemoteRuns(scope: Scope, given: Target): Promise<void> {
  const flow = await scope.flow(given);
  if (flow !== undefined) {
    await scope.execute(ServerCommand.showRemoteRuns, ref(flow));
  }
}

/** Values that the runs of this folder keep in S3 are shown as those of local ones from now on. */
export async function showRemoteValues(scope: Scope, given: Target): Promise<void> {
  const flow = await scope.flow(given);
  if (flow !== undefined) {
    await scope.execute(ServerCommand.showRemoteValues, ref(flow));
  }
}
