/** One place in the sources that a bug changes. */
export interface Patch {
  /** Below `packages/`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A bug that can be put in on purpose. */
export interface Mutant {
  /** For the command line: lower case, with hyphens. */
  readonly name: string;
  /** What the bug does, as somebody would write it into a report. */
  readonly what: string;
  readonly patches: readonly Patch[];
  /** The simulator finds it within so many seeds; several times what it took when it was put in. */
  readonly seedsMax: number;
  /** What is simulated: clients of a register unless said otherwise. */
  readonly application?: 'register' | 'zookeeper';
  /** Only faults of these kinds strike, so that what takes many of them together comes about; else all may. */
  readonly faults?: readonly string[];
}

/** A short way to say which text becomes which. */
export function patch(file: string, find: string, replace: string): Patch {
  return { file, find, replace };
}

/**
 * Nothing is wrong with it: a leader that goes back further than it has to when a log differs, as one
 * of another build may. It shows bugs of followers that the leaders of this build happen not to provoke.
 */
export const CAUTIOUS_LEADER: Patch = patch(
  'raft/src/handlers/append-entries-response.ts',
  'return state.log.lastIndexWithTermAtMost(message.hintIndex, message.hintTerm);',
  'return state.log.lastIndexWithTermAtMost(message.hintIndex, message.hintTerm) - (state.ticks % 4);',
);

/** The source with the bug in it. Throws when the text is not there, or not once: then the bug has rotted. */
export function applyPatch(source: string, { file, find, replace }: Patch): string {
  const at = source.indexOf(find);
  if (at < 0) throw new Error(`${file} does not contain: ${find}`);
  if (source.indexOf(find, at + 1) >= 0) throw new Error(`${file} contains it twice: ${find}`);
  return source.slice(0, at) + replace + source.slice(at + find.length);
}
