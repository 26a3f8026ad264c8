/** Why frames are left in the reader, as bits: it goes on when there is none left. */
export const Hold = {
  /** The handshake has to be answered first. */
  handshake: 1,
  /** The client does not take its replies. */
  output: 2,
  /** Too many of its requests wait. */
  outstanding: 4,
  /** Too much is proposed and not applied, by all clients together. */
  proposals: 8,
  /** Nothing will ever be read again. */
  ending: 16,
  /** Too many requests wait, those of all clients together, and some of its own are among them. */
  crowd: 32,
  /** It has asked for other members: what it asks next is decided by those. */
  reconfig: 64,
} as const;

/** Those of its reasons that the client can do nothing about. */
export const HELD_BY_SERVER =
  Hold.handshake | Hold.outstanding | Hold.proposals | Hold.crowd | Hold.reconfig;
