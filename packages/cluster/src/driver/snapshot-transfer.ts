import type { InstallSnapshot, NodeId, RaftNode } from '@bellwether/raft';
import type { LogStore } from '@bellwether/storage';
import type { SnapshotSink, Transport } from '../transport/transport.ts';

interface Owner {
  readonly id: NodeId;
  readonly core: RaftNode;
  readonly log: LogStore;
  readonly transport: Transport;
}

/** Sends the newest snapshot to a follower whose next entry is no longer in the log. */
export function streamSnapshot(owner: Owner, offer: InstallSnapshot, onDone: () => void): void {
  const source = owner.log.openSnapshot();
  if (source === undefined) return owner.core.reportSnapshot(offer.to, 'failed');
  const message = { ...offer, snapshot: source.metadata };
  owner.transport.streamSnapshot(message, source, (outcome) => {
    owner.core.reportSnapshot(offer.to, outcome);
    onDone();
  });
}

/**
 * Takes a snapshot that a peer streams. The core hears of it only once it is durable here, and
 * decides then whether it is still news. One that is not beyond what is committed here, or that
 * comes from a leader of the past, is refused, and the core says at once how far this node is: a leader
 * that does not know, because the answers were lost, would offer the same for ever.
 *
 * A newer one may be here already, if its leader was replaced just before it was durable and the core
 * turned it down. It is as good as this one, since only what is committed gets into snapshots, and it
 * is the one that the log can be restarted behind.
 */
export function receiveSnapshot(
  owner: Owner,
  offer: InstallSnapshot,
  onDone: () => void,
): SnapshotSink | undefined {
  const isNews = (): boolean =>
    offer.snapshot.index > owner.core.commitIndex && offer.term >= owner.core.term;
  const onNoNews = (): undefined => {
    owner.core.step(offer);
    onDone();
  };
  if (!isNews()) return onNoNews();
  const writer = owner.log.beginSnapshot(offer.snapshot);
  return {
    write: (chunk) => writer.write(chunk),
    abort: () => writer.abort(),
    commit: (onCommitted) => {
      if (!isNews()) {
        writer.abort();
        onNoNews();
        return onCommitted(new Error('the snapshot is no longer needed'));
      }
      writer.commit((error) => {
        onCommitted(error);
        if (error !== undefined) return;
        owner.core.step({ ...offer, snapshot: owner.log.snapshot() });
        onDone();
      });
    },
  };
}
