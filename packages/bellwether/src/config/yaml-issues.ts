import { z } from 'zod';
import type { Findings } from './findings.ts';
import { settingsSchema } from './settings-schema.ts';
import { suggestion } from './suggest.ts';
import type { SettingPath, YamlDocument } from './yaml-document.ts';

type Issue = z.core.$ZodIssue;

/** Turns what the schema found into sentences with a place in the file. */
export function reportIssue(issue: Issue, document: YamlDocument, findings: Findings): void {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) reportUnknownKey([...path, key], document, findings);
    return;
  }
  const value = valueAt(document.value, path);
  const name = pathName(path);
  const what =
    value === undefined && path.length > 0 ? `${name} is missing` : `${name} is ${show(value)}`;
  findings.error(document.placeOf(path), what, `it must be ${issue.message}`);
}

function reportUnknownKey(path: SettingPath, document: YamlDocument, findings: Findings): void {
  const key = String(path.at(-1));
  const advice = suggestion(key, keysAt(path.slice(0, -1)));
  findings.error(document.placeOfKey(path), `there is no setting "${pathName(path)}"`, advice);
}

/** The keys that a group of settings may have. */
function keysAt(path: SettingPath): readonly string[] {
  let schema: unknown = settingsSchema;
  for (const part of path) {
    schema = unwrapped(schema);
    if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodObject) schema = (schema.shape as Fields)[String(part)];
  }
  schema = unwrapped(schema);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

type Fields = Readonly<Record<string, unknown>>;

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ? schema.unwrap() : schema;
}

/** `peers[2].port`; the settings themselves have no name. */
function pathName(path: SettingPath): string {
  if (path.length === 0) return 'the file';
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

function valueAt(root: unknown, path: SettingPath): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Fields)[String(part)];
  }
  return value;
}

function show(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a group of keys';
  return JSON.stringify(value);
}
