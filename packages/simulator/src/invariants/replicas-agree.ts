import type { LogIndex, NodeId } from '@bellwether/raft';
import { Violation } from './violation.ts';

/** States are compared where a batch ends at a multiple of this: a digest looks at everything. */
const EVERY = 4;

/** Nodes that have applied the same entries are in the same state. */
export class ReplicasAgree {
  readonly #digests = new Map<LogIndex, { readonly nodeId: NodeId; readonly digest: string }>();

  onState(nodeId: NodeId, index: LogIndex, digestOf: () => string): void {
    if (index % EVERY !== 0) return;
    const digest = digestOf();
    const known = this.#digests.get(index);
    if (known === undefined) {
      this.#digests.set(index, { nodeId, digest });
    } else if (known.digest !== digest) {
      const what = `nodes ${known.nodeId} and ${nodeId} differ at index ${index}`;
      throw new Violation('replicasAgree', what);
    }
  }
}
