/** What the simulator puts in the place of threads and sockets, and what tests break on purpose. */
export { CommandAdmission } from './forwarding/command-admission.ts';
export { foundingMembership } from './membership/founding.ts';
export { handleMessage, servicePort } from './thread/consensus-end.ts';
export { TravellingBuffers } from './thread/travelling-buffers.ts';
export type { ToConsensus, ToService } from './thread/messages.ts';
export type { ChannelHandlers, ThreadChannel } from './thread/thread-channel.ts';
export { ByteWriter } from './wire/bytes.ts';
export { FrameSplitter, writeFrame } from './wire/frame.ts';
export {
  commonVersion,
  PEER_PROTOCOL,
  type PeerProtocol,
  readHello,
  writeHello,
} from './wire/handshake.ts';
export { readMessage, writeMessage } from './wire/message-codec.ts';
export { encodeMembers } from './membership/members-codec.ts';
export { EMBEDDING_LIMITS } from './embedding/limits.ts';
export { StateMachineService } from './state-machine-service.ts';
