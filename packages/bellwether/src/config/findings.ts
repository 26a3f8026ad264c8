/** A position in a settings file; both count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * error: the settings cannot be used. warning: they can, but probably not as they were meant.
 * note: worth knowing once.
 */
export type Severity = 'error' | 'warning' | 'note';

export interface Finding {
  readonly severity: Severity;
  readonly place: Place;
  /** What is wrong, or what was found. */
  readonly what: string;
  /** What to do about it, or what follows from it. */
  readonly advice: string;
}

/** Collects everything there is to say about settings, so that all of it can be said at once. */
export class Findings {
  readonly all: Finding[] = [];

  error(place: Place, what: string, advice: string): void {
    this.all.push({ severity: 'error', place, what, advice });
  }

  warn(place: Place, what: string, advice: string): void {
    this.all.push({ severity: 'warning', place, what, advice });
  }

  note(place: Place, what: string, advice: string): void {
    this.all.push({ severity: 'note', place, what, advice });
  }

  get hasErrors(): boolean {
    return this.all.some((finding) => finding.severity === 'error');
  }

  /** Those of one severity in the order of their lines, file by file. */
  of(severity: Severity): readonly Finding[] {
    return this.all
      .filter((finding) => finding.severity === severity)
      .sort((a, b) => comparePlaces(a.place, b.place));
  }
}

/** The settings cannot be used; the message holds every mistake, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly findings: readonly Finding[];

  constructor(errors: readonly Finding[]) {
    const count = errors.length === 1 ? '1 mistake' : `${errors.length} mistakes`;
    super(`${count} in the configuration\n${errors.map(formatFinding).join('\n')}`);
    this.findings = errors;
  }
}

/** `file:line:column: what: advice` */
export function formatFinding(finding: Finding): string {
  const { file, line, column } = finding.place;
  return `${file}:${line}:${column}: ${finding.what}: ${finding.advice}`;
}

function comparePlaces(a: Place, b: Place): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
