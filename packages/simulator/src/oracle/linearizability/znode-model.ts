import type { Model } from './model.ts';

const NO_NODE = -101;
const BAD_VERSION = -103;
const NODE_EXISTS = -110;

export interface ZnodeState {
  readonly isThere: boolean;
  readonly value: string;
  readonly version: number;
}

export type ZnodeInput =
  | { readonly kind: 'create'; readonly value: string }
  | {
      readonly kind: 'set';
      readonly value: string;
      readonly expectedVersion: number;
      /** Versions that other writes are known to have made, so that this one did not. */
      readonly notVersions?: ReadonlySet<number>;
    }
  | { readonly kind: 'delete'; readonly expectedVersion: number }
  | { readonly kind: 'read' };

export interface ZnodeOutput {
  /** ZooKeeper's code; 0: done. */
  readonly error: number;
  /** Afterwards; undefined where the answer does not tell. */
  readonly version?: number | undefined;
  readonly value?: string | undefined;
}

const ABSENT: ZnodeState = { isThere: false, value: '', version: 0 };

/** One znode, as long as nobody but these operations changes it. */
export const znodeModel: Model<ZnodeState, ZnodeInput, ZnodeOutput> = {
  initial: ABSENT,
  keyOf: ({ isThere, value, version }) => (isThere ? `${version} ${value}` : ''),
  step: (state, input, output) => {
    const error = errorOf(state, input);
    if (output === undefined) return error === 0 ? effectOf(state, input) : undefined;
    if (error !== output.error) return undefined;
    if (error !== 0) return state;
    const after = effectOf(state, input);
    const { version, value } = output;
    if (version !== undefined && after.version !== version) return undefined;
    if (value !== undefined && after.value !== value) return undefined;
    return after;
  },
};

function errorOf(state: ZnodeState, input: ZnodeInput): number {
  if (input.kind === 'create') return state.isThere ? NODE_EXISTS : 0;
  if (!state.isThere) return NO_NODE;
  if (input.kind === 'read') return 0;
  if (input.kind === 'set' && input.notVersions?.has(state.version + 1) === true)
    return BAD_VERSION;
  if (input.expectedVersion === -1) return 0;
  return input.expectedVersion === state.version ? 0 : BAD_VERSION;
}

/** Of what is not refused. */
function effectOf(state: ZnodeState, input: ZnodeInput): ZnodeState {
  switch (input.kind) {
    case 'create':
      return { isThere: true, value: input.value, version: 0 };
    case 'set':
      return { isThere: true, value: input.value, version: state.version + 1 };
    case 'delete':
      return ABSENT;
    case 'read':
      return state;
    default:
      return input satisfies never;
  }
}
