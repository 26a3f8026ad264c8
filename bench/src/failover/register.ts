/** What was read back: how often the register was written, and its content. */
export interface Content {
  readonly version: number;
  readonly value: string;
}

/**
 * One key of a cluster, written through one server. A write answers with how often the key has been
 * written, so that a write that was lost or applied twice shows in the answer to the next one.
 */
export interface Register {
  /** Connects; rejects when the server doesn't answer. */
  open(): Promise<void>;
  /** Resolves with the version after this write; rejects when it failed or nobody knows. */
  write(value: string): Promise<number>;
  /** The newest content. */
  read(): Promise<Content>;
  close(): void;
}

/** Makes a register on the server at host:port. */
export type OpenRegister = (host: string, name: string) => Register;
