import { randomUUID } from 'node:crypto';
import type { Client } from '../../client.ts';
import { isClientError } from '../../errors.ts';
import { joinPath, nameOf } from '../../paths.ts';
import {
  contenderName,
  sortContenders,
  uniquePrefix,
  type Contender,
  type Layout,
  type Role,
} from './contender-names.ts';
import { Hold, type Token, type WhenSuspended } from './hold.ts';
import { Alarm, deleteSurely, isTransient, pause, persist, throwIfAborted } from './persist.ts';

/** Where, as what and how to stand in line. */
export interface LineOptions {
  readonly path: string;
  readonly layout: Layout;
  readonly role: Role;
  /** What others can read about this contender. */
  readonly data: string | Uint8Array;
  readonly whenSuspended: WhenSuspended;
  /**
   * The one to wait for, of those before; undefined: it is our turn.
   *
   * @param before first come first
   */
  readonly blocker: (before: readonly Contender[]) => Contender | undefined;
  /** Whose leaving is a reason to look again. Default: the blocker's. */
  readonly wokenBy?: 'blocker' | 'anyone';
}

/** Everybody waits for the one just before. */
export function nearest(before: readonly Contender[]): Contender | undefined {
  return before.at(-1);
}

/** Readers only wait for the writer before them. */
export function nearestWriter(before: readonly Contender[]): Contender | undefined {
  return before.findLast(({ isReader }) => !isReader);
}

/**
 * A place in a line of ephemeral sequential znodes, the basis of locks and elections. Each waits for
 * one other, so that nobody's leaving wakes more than who is concerned. The znode's name has a part
 * by which it is recognised when the answer to its creation was lost: then there is neither a second
 * one nor a forgotten one.
 */
class Place {
  readonly #client: Client;
  readonly #options: LineOptions;
  readonly #prefix: string;
  readonly #name: string;
  /** An answer was lost: there may be a znode of ours that we do not know. */
  #isDoubtful = false;
  #token: Token | undefined;

  constructor(client: Client, options: LineOptions) {
    const id = randomUUID();
    this.#client = client;
    this.#options = options;
    this.#prefix = uniquePrefix(options.layout, id);
    this.#name = contenderName(options.layout, options.role, id);
  }

  /** Waits for the turn. Rejects with the signal's reason, and then nothing is left behind. */
  async wait(signal: AbortSignal): Promise<Hold> {
    try {
      for (;;) {
        this.#token ??= await this.#create(signal);
        const hold = await this.#waitAt(this.#token, signal);
        if (hold !== undefined) return hold;
        this.#token = undefined;
      }
    } catch (error) {
      await this.leave();
      throw error;
    }
  }

  /** The turn if it has come already; undefined, and nothing is left behind, if not. */
  async look(signal: AbortSignal): Promise<Hold | undefined> {
    try {
      const token = await this.#create(signal);
      this.#token = token;
      const alarm = new Alarm();
      const seen = await this.#see(token, alarm, signal);
      if (seen.isThere && seen.blocker === undefined) return this.#take(token, alarm);
      await this.leave();
      return undefined;
    } catch (error) {
      await this.leave();
      throw error;
    }
  }

  /** Takes the place away, and what may have been made in doubt. */
  async leave(): Promise<void> {
    if (this.#token !== undefined) {
      await deleteSurely(this.#client, this.#token.path, this.#token.sessionNumber);
    }
    if (this.#isDoubtful) await this.#deleteOthers(undefined);
  }

  async #create(signal: AbortSignal): Promise<Token> {
    const { path, data } = this.#options;
    for (;;) {
      throwIfAborted(signal);
      const { sessionNumber } = this.#client;
      try {
        const kind = { kind: 'ephemeral', sequential: true } as const;
        const created = await this.#client.create(joinPath(path, this.#name), data, kind);
        return { path: created.path, czxid: created.stat.czxid, sessionNumber };
      } catch (error) {
        if (isClientError(error, 'noNode')) {
          await persist(this.#client, () => this.#client.ensurePath(path), signal);
        } else if (!isTransient(error)) throw error;
        else await pause(this.#client, signal);
        if (isClientError(error) && error.indeterminate) this.#isDoubtful = true;
      }
      const found = this.#isDoubtful ? await this.#find(signal) : undefined;
      if (found !== undefined) return found;
    }
  }

  /** The znode that was made although the answer was lost. */
  #find(signal: AbortSignal): Promise<Token | undefined> {
    return persist(
      this.#client,
      async () => {
        const { sessionNumber } = this.#client;
        const [first] = await this.#ownNames();
        if (first === undefined) return undefined;
        const path = joinPath(this.#options.path, first);
        const stat = await this.#client.exists(path);
        if (stat === null || !this.#client.owns(stat)) return undefined;
        return { path, czxid: stat.czxid, sessionNumber };
      },
      signal,
    );
  }

  /** Ours, oldest first. The sync makes sure that a create which was decided is seen. */
  async #ownNames(): Promise<readonly string[]> {
    const { path } = this.#options;
    const [, { children }] = await Promise.all([
      this.#client.sync(path),
      this.#client.getChildren(path).catch(emptyWhenGone),
    ]);
    const ours = children.filter((name) => this.#isOurs(name));
    return sortContenders(ours).map(({ name }) => name);
  }

  #isOurs(name: string): boolean {
    return name.startsWith(this.#prefix);
  }

  /** undefined: the place is gone, with the session or by somebody's hand. */
  async #waitAt(token: Token, signal: AbortSignal): Promise<Hold | undefined> {
    const alarm = new Alarm();
    for (;;) {
      throwIfAborted(signal);
      const seen = await this.#see(token, alarm, signal);
      if (!seen.isThere) return undefined;
      if (seen.blocker === undefined) return this.#take(token, alarm);
      if (await this.#watch(seen.blocker, alarm, signal)) await alarm.wait(signal);
    }
  }

  /** False when it is gone already. getData leaves no watch then, as exists would for ever. */
  #watch(blocker: Contender, alarm: Alarm, signal: AbortSignal): Promise<boolean> {
    if (this.#options.wokenBy === 'anyone') return Promise.resolve(true);
    const path = joinPath(this.#options.path, blocker.name);
    return persist(
      this.#client,
      async () => {
        try {
          await this.#client.getData(path, { onWatch: alarm.ring });
          return true;
        } catch (error) {
          if (isClientError(error, 'noNode')) return false;
          throw error;
        }
      },
      signal,
    );
  }

  /** Who is before us; and a watch on our own znode, which somebody may delete. */
  #see(token: Token, alarm: Alarm, signal: AbortSignal): Promise<Seen> {
    const { path, wokenBy, blocker } = this.#options;
    const watch = { onWatch: alarm.ring };
    return persist(
      this.#client,
      async () => {
        const [own, { children }] = await Promise.all([
          this.#client.exists(token.path, watch),
          this.#client.getChildren(path, wokenBy === 'anyone' ? watch : {}).catch(emptyWhenGone),
        ]);
        const contenders = sortContenders(children);
        const ours = nameOf(token.path);
        const isTwin = ({ name }: Contender): boolean => name !== ours && this.#isOurs(name);
        // Others may wait for it, and we for them.
        if (contenders.some(isTwin)) await this.#deleteOthers(ours);
        const position = contenders.findIndex(({ name }) => name === ours);
        const isThere =
          own !== null && position !== -1 && this.#client.sessionNumber === token.sessionNumber;
        const before = contenders.slice(0, Math.max(0, position));
        return { isThere, blocker: blocker(before.filter(({ name }) => !this.#isOurs(name))) };
      },
      signal,
    );
  }

  async #take(token: Token, alarm: Alarm): Promise<Hold | undefined> {
    const cleanUp = this.#isDoubtful ? () => this.#deleteOthers(undefined) : undefined;
    const whole: Token = cleanUp === undefined ? token : { ...token, cleanUp };
    const hold = new Hold(this.#client, whole, this.#options.whenSuspended);
    void this.#guard(hold, alarm);
    return hold.signal.aborted ? undefined : hold;
  }

  /** Somebody deletes our znode: then it is lost. */
  async #guard(hold: Hold, alarm: Alarm): Promise<void> {
    const { signal } = hold;
    while (!signal.aborted) {
      await alarm.wait(signal);
      if (signal.aborted) return;
      try {
        const stat = await this.#client.exists(hold.path, { onWatch: alarm.ring });
        if (stat === null) hold.lose('its znode was deleted');
      } catch {
        // The connection's own events decide.
        await pause(this.#client, signal);
        alarm.ring();
      }
    }
  }

  async #deleteOthers(kept: string | undefined): Promise<void> {
    const { sessionNumber } = this.#client;
    const names = await persist(this.#client, () => this.#ownNames()).catch(
      (error: unknown): readonly string[] => {
        if (isClientError(error, 'closed')) return [];
        throw error;
      },
    );
    const paths = names
      .filter((name) => name !== kept)
      .map((name) => joinPath(this.#options.path, name));
    await Promise.all(paths.map((path) => deleteSurely(this.#client, path, sessionNumber)));
  }
}

interface Seen {
  readonly isThere: boolean;
  readonly blocker: Contender | undefined;
}

function emptyWhenGone(error: unknown): { readonly children: readonly string[] } {
  if (isClientError(error, 'noNode')) return { children: [] };
  throw error;
}

/** Stands in line until it is our turn. */
export function standInLine(
  client: Client,
  options: LineOptions,
  signal: AbortSignal,
): Promise<Hold> {
  return new Place(client, options).wait(signal);
}

/** Takes the turn if nobody has to be waited for. */
export function tryLine(
  client: Client,
  options: LineOptions,
  signal: AbortSignal,
): Promise<Hold | undefined> {
  return new Place(client, options).look(signal);
}

/** What those in line say about themselves, first come first. */
export async function readLine(client: Client, path: string): Promise<readonly string[]> {
  const { children } = await client.getChildren(path).catch(emptyWhenGone);
  const contenders = sortContenders(children);
  const answers = await Promise.all(
    contenders.map(({ name }) =>
      client.getData(joinPath(path, name)).then(
        ({ data }) => data.toString(),
        (error: unknown) => {
          if (isClientError(error, 'noNode')) return undefined;
          throw error;
        },
      ),
    ),
  );
  return answers.filter((answer) => answer !== undefined);
}
