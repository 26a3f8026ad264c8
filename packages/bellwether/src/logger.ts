import { inspect } from 'node:util';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ['text', 'json'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export interface LogSettings {
  /** Messages below it are dropped. */
  readonly level: LogLevel;
  /** One line of text, or one JSON object a line. */
  readonly format: LogFormat;
}

export type LogFields = Readonly<Record<string, unknown>>;

/**
 * One line per message. Not for the hot path: what happens for every operation is counted, not logged.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log under the name of another part of the program. */
  area(name: string): Logger;
}

/** Where lines go, and what time it is; replaced in tests. */
export interface LogSink {
  write(line: string): void;
  nowMs(): number;
}

const standardError: LogSink = {
  write: (line) => process.stderr.write(line),
  nowMs: () => Date.now(),
};

/** A logger for `area` that writes to standard error unless another `sink` is given. */
export function createLogger(
  settings: LogSettings,
  area: string,
  sink: LogSink = standardError,
): Logger {
  const levelMin = LOG_LEVELS.indexOf(settings.level);
  const format = settings.format === 'json' ? jsonLine : textLine;
  const write = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    if (LOG_LEVELS.indexOf(level) < levelMin) return;
    sink.write(`${format(new Date(sink.nowMs()).toISOString(), level, area, message, fields)}\n`);
  };
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
    area: (name) => createLogger(settings, name, sink),
  };
}

function textLine(
  time: string,
  level: LogLevel,
  area: string,
  message: string,
  fields: LogFields,
): string {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${textValue(value)}`);
  return `${time} ${level.toUpperCase().padEnd(5)} ${area}: ${oneLine(message)}${pairs.join('')}`;
}

function jsonLine(
  time: string,
  level: LogLevel,
  area: string,
  message: string,
  fields: LogFields,
): string {
  // The line's own keys come last, so that a field of the same name cannot hide them.
  return JSON.stringify({ ...fields, time, level, area, message }, (_key, value: unknown) =>
    jsonValue(value),
  );
}

function textValue(value: unknown): string {
  const text = typeof value === 'string' ? value : plain(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

function plain(value: unknown): string {
  if (value instanceof Error) return value.message;
  return inspect(value, { breakLength: Infinity, depth: 4 });
}

function jsonValue(value: unknown): unknown {
  if (value instanceof Error) return { name: value.name, message: value.message };
  return typeof value === 'bigint' ? String(value) : value;
}

/** Whoever sends us a text with line ends in it must not be able to write lines of our log. */
function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? JSON.stringify(text).slice(1, -1) : text;
}
