/** The `flags` of a create request (CreateMode). */
export const CreateMode = {
  persistent: 0,
  ephemeral: 1,
  persistentSequential: 2,
  ephemeralSequential: 3,
  container: 4,
  persistentWithTtl: 5,
  persistentSequentialWithTtl: 6,
} as const;
export type CreateMode = (typeof CreateMode)[keyof typeof CreateMode];

export function isCreateMode(flags: number): flags is CreateMode {
  return flags >= CreateMode.persistent && flags <= CreateMode.persistentSequentialWithTtl;
}

export function isEphemeral(mode: CreateMode): boolean {
  return mode === CreateMode.ephemeral || mode === CreateMode.ephemeralSequential;
}

export function isSequential(mode: CreateMode): boolean {
  return (
    mode === CreateMode.persistentSequential ||
    mode === CreateMode.ephemeralSequential ||
    mode === CreateMode.persistentSequentialWithTtl
  );
}

/** Whether a TTL belongs to it. */
export function isWithTtl(mode: CreateMode): boolean {
  return mode === CreateMode.persistentWithTtl || mode === CreateMode.persistentSequentialWithTtl;
}
