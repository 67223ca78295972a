// Values for a run as they are typed and shown. Pure; the server judges them again.

import type { RunField, RunOptions } from './protocol';

/** A value as one would type it. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) {
    return '';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What is wrong with a text that was typed for a field, undefined if nothing is. Empty means the default. */
export function checkValue(field: RunField, text: string): string | undefined {
  if (text === '') {
    return field.required ? 'There is no default: a value is needed.' : undefined;
  }
  switch (field.type) {
    case 'int':
      return /^\s*[+-]?\d+(_\d+)*\s*$/.test(text) ? undefined : 'A whole number is needed.';
    case 'float':
      return Number.isNaN(Number(text.replaceAll('_', ''))) && !/^\s*[+-]?(inf|infinity|nan)\s*$/i.test(text) ? 'A number is needed.' : undefined;
    case 'json':
      return isJSON(text) ? undefined : 'JSON is needed.';
    case 'config':
      return /^\s*[[{]/.test(text) && !isJSON(text) ? 'This is neither JSON nor the path of a file.' : undefined;
  }
  return undefined;
}

/** The value that goes to the server: of a Config an object is the value itself, a string the path of a file. */
export function typedValue(field: RunField, text: string): unknown {
  return field.type === 'config' && /^\s*[[{]/.test(text) ? JSON.parse(text) : text;
}

function isJSON(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** One line on what a field takes. */
export function prompt(field: RunField): string {
  const parts = [field.type === 'config' ? 'path of a file, or JSON' : field.type === 'file' ? 'path of a file' : field.type];
  if (field.default !== undefined && !field.secret) {
    parts.push(`default ${valueText(field.default)}`);
  }
  const facts = parts.filter((part) => part !== undefined && part !== '').join(', ');
  return [facts === '' ? '' : `${field.name}: ${facts}.`, field.help ?? '', field.required ? '' : 'Empty: the default.'].filter((part) => part !== '').join(' ');
}

/** The options that a run was given, for the user to see; '' if there are none. */
export function optionsText(options: RunOptions): string {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined && value !== '' && value !== 0 && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : String(value)}`)
    .join(' ');
}

/** The last values in one line. */
export function lastText(fields: RunField[], options: RunOptions): string {
  const values = fields.filter(({ last }) => last !== undefined && last !== null).map(({ name, last }) => `${name}=${valueText(last)}`);
  return [...values, optionsText(options)].filter((part) => part !== '').join(' ');
}
