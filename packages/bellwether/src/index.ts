/** Embedding: a Node.js program that is itself a cluster. */
export { Cluster, ClusterError } from '@bellwether/cluster';
export type {
  ClusterErrorCode,
  ClusterOptions,
  CommandContext,
  ConsensusMember,
  ConsensusTiming,
  Leadership,
  NodeStatus,
  PeerStatus,
  RestoreSink,
  StateMachine,
} from '@bellwether/cluster';
