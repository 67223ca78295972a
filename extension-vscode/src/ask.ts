// Asks for what the server's commands need: values and options of a run, a task. What is typed is judged by the server.

import * as vscode from 'vscode';
import type { Origin, RunField, RunForm, RunOptions, TaskChoice, TasksAnswer } from './protocol';
import { checkValue, lastText, optionsText, prompt, typedValue, valueText } from './values';

/** The part of the argument of flowls.run that the user decides. */
export interface Given {
  parameters?: Record<string, unknown>;
  configs?: Record<string, unknown>;
  options?: RunOptions;
}

const runItem = '$(play) Run';

/** Undefined when the user lets it be. */
export async function askRun(form: RunForm, title = `Run ${form.flow}`): Promise<Given | undefined> {
  const enter = '$(edit) Enter values…';
  const again = '$(history) Run with the last values';
  const plain = `${runItem} with defaults`;
  const items: vscode.QuickPickItem[] = [];
  if (form.remembered && form.problem === undefined) {
    items.push({ label: again, description: lastText(form.fields, form.options) });
  }
  items.push({ label: enter });
  if (!form.fields.some(({ required }) => required)) {
    items.push({ label: plain });
  }
  const choice = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title, placeHolder: form.problem ?? 'Values' });
  switch (choice?.label) {
    case again:
      return fromLast(form);
    case plain:
      return {};
    case enter: {
      const given = await askFields(form, title);
      const options = given && (await askOptions(form, title));
      return options && { ...given, options };
    }
  }
  return undefined;
}

function fromLast(form: RunForm): Given {
  const given: Required<Given> = { parameters: {}, configs: {}, options: form.options };
  for (const field of form.fields) {
    if (field.last !== undefined && field.last !== null) {
      (field.kind === 'Config' ? given.configs : given.parameters)[field.name] = field.last;
    }
  }
  return given;
}

async function askFields(form: RunForm, title: string): Promise<Given | undefined> {
  const given: Required<Pick<Given, 'parameters' | 'configs'>> = { parameters: {}, configs: {} };
  for (const [i, field] of form.fields.entries()) {
    const value = await askField(field, `${title}: ${field.name} (${i + 1}/${form.fields.length})`);
    if (value === undefined) {
      return undefined;
    }
    if (value !== '') {
      (field.kind === 'Config' ? given.configs : given.parameters)[field.name] = typedValue(field, value);
    }
  }
  return given;
}

async function askField(field: RunField, title: string): Promise<string | undefined> {
  const choices = field.choices ?? (field.type === 'bool' ? ['true', 'false'] : undefined);
  const before = valueText(field.last ?? (field.kind === 'Config' ? undefined : field.default));
  if (choices === undefined) {
    return vscode.window.showInputBox({
      title,
      prompt: prompt(field),
      value: field.secret ? '' : before,
      password: field.secret === true,
      ignoreFocusOut: true,
      validateInput: (text) => checkValue(field, text),
    });
  }
  const sorted = [...choices].sort((a, b) => Number(b === before) - Number(a === before));
  return vscode.window.showQuickPick(sorted, { title, placeHolder: prompt(field), ignoreFocusOut: true });
}

interface Option {
  name: keyof RunOptions;
  label: string;
  ask(options: RunOptions): Promise<RunOptions | undefined>;
}

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');

function options(form: RunForm): Option[] {
  const input = (name: keyof RunOptions, label: string, hint: string, before: (o: RunOptions) => string, set: (text: string) => RunOptions, wrong?: (text: string) => string | undefined): Option => ({
    name,
    label,
    ask: async (now) => {
      const text = await vscode.window.showInputBox({
        title: label,
        prompt: hint,
        value: before(now),
        ignoreFocusOut: true,
        validateInput: (typed) => (typed === '' ? undefined : wrong?.(typed)),
      });
      return text === undefined ? undefined : { ...now, ...set(text) };
    },
  });
  const pick = (name: keyof RunOptions, label: string, values: string[], set: (value: string) => RunOptions): Option => ({
    name,
    label,
    ask: async (now) => {
      const standard = 'default';
      const value = await vscode.window.showQuickPick([standard, ...values], { title: label, ignoreFocusOut: true });
      return value === undefined ? undefined : { ...now, ...set(value === standard ? '' : value) };
    },
  });
  const count = (text: string) => (/^[1-9]\d*$/.test(text) ? undefined : 'A number from 1 on is needed.');
  const all = [
    input('with', '--with', 'Decorators for every step, separated by spaces: retry:times=3', (o) => (o.with ?? []).join(' '), (text) => ({ with: words(text) })),
    input('tags', '--tag', 'Tags, separated by commas', (o) => (o.tags ?? []).join(', '), (text) => ({ tags: text.split(',').map((tag) => tag.trim()).filter((tag) => tag !== '') })),
    input('maxWorkers', '--max-workers', 'Most tasks at a time', (o) => valueText(o.maxWorkers || undefined), (text) => ({ maxWorkers: Number(text) }), count),
    input('maxNumSplits', '--max-num-splits', 'Most tasks of a foreach', (o) => valueText(o.maxNumSplits || undefined), (text) => ({ maxNumSplits: Number(text) }), count),
    pick('environment', '--environment', form.environments, (environment) => ({ environment })),
    (form.profiles ?? []).length > 0
      ? pick('profile', 'METAFLOW_PROFILE', form.profiles ?? [], (profile) => ({ profile }))
      : input('profile', 'METAFLOW_PROFILE', 'Name of a configuration of Metaflow', (o) => o.profile ?? '', (profile) => ({ profile })),
    input('namespace', '--namespace', 'Namespace of the code: * for everything, empty for that of the user', (o) => (o.namespace === '' ? '*' : (o.namespace ?? '')), (text) => ({
      namespace: text === '' ? undefined : text === '*' ? '' : text,
    })),
  ];
  return all.filter(({ name }) => form.takes.includes(name));
}

/** Enter runs at once; each option can be chosen before. */
export async function askOptions(form: RunForm, title: string): Promise<RunOptions | undefined> {
  let now: RunOptions = form.options;
  for (;;) {
    const all = options(form);
    const choice = await vscode.window.showQuickPick([{ label: runItem, description: optionsText(now) }, ...all.map(({ label }) => ({ label }))], {
      title: `${title}: options`,
      ignoreFocusOut: true,
    });
    if (choice === undefined) {
      return undefined;
    }
    if (choice.label === runItem) {
      return now;
    }
    now = (await all.find(({ label }) => label === choice.label)?.ask(now)) ?? now;
  }
}

/** The run that gives what comes before a step; the list is shown even if there is only one. */
export async function askOrigin(title: string, { runs }: { runs: Origin[] }): Promise<Origin | undefined> {
  const items = runs.map((origin) => ({ label: origin.label, origin }));
  return (await vscode.window.showQuickPick(items, { title, placeHolder: 'Run that gives what comes before the step' }))?.origin;
}

/** The task whose inputs a step shall have. */
export async function askTask(step: string, answer: TasksAnswer): Promise<TaskChoice | undefined> {
  const items = answer.tasks.map((task) => ({ label: task.label, description: task.status, task }));
  const more = answer.total > items.length ? ` (${items.length} of ${answer.total})` : '';
  const title = `Run ${step} with the inputs of a task of run ${answer.runId}${more}`;
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.task;
}
