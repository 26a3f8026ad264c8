import type { Client } from '../../client.ts';
import { isClientError } from '../../errors.ts';
import { joinPath, nameOf } from '../../paths.ts';
import type { WatchOptions } from '../../watching-client.ts';
import { Alarm } from './alarm.ts';
import {
  contenderName,
  sortAll,
  sortContenders,
  uniquePrefix,
  type Contender,
  type Layout,
  type Role,
} from './contender-names.ts';
import { Hold, type Token, type WhenSuspended } from './hold.ts';
import { throwIfAborted, waitFor, type WaitOptions } from './patience.ts';
import { deleteSurely, isTransient, pause, persist } from './persist.ts';

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

/** What a look at the line has shown. */
interface Seen {
  readonly isThere: boolean;
  readonly blocker: Contender | undefined;
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
  /** Rung when it is worth while to look again. */
  readonly #turn = new Alarm();
  /** Rung when our own znode may be gone; goes on to watch over what is held. */
  #guard = new Alarm(this.#turn.ring);
  /** An answer was lost: there may be a znode of ours that we do not know. */
  #isDoubtful = false;
  #token: Token | undefined;

  constructor(client: Client, options: LineOptions) {
    const id = client.runtime.uuid();
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
        this.#guard.close();
        this.#guard = new Alarm(this.#turn.ring);
      }
    } catch (error) {
      await this.leave();
      throw error;
    } finally {
      this.#turn.close();
    }
  }

  /** The turn if it has come already; undefined, and nothing is left behind, if not. */
  async look(signal: AbortSignal): Promise<Hold | undefined> {
    try {
      const token = await this.#create(signal);
      this.#token = token;
      const seen = await this.#see(token, {}, signal);
      if (seen.isThere && seen.blocker === undefined) return this.#take(token);
      await this.leave();
      return undefined;
    } catch (error) {
      await this.leave();
      throw error;
    } finally {
      this.#turn.close();
    }
  }

  /** Takes the place away, and what may have been made in doubt. */
  async leave(): Promise<void> {
    this.#guard.close();
    if (this.#token !== undefined) await deleteSurely(this.#client, this.#token);
    if (this.#isDoubtful) await this.#deleteOthers(undefined);
  }

  async #create(signal: AbortSignal): Promise<Token> {
    const { path, data } = this.#options;
    for (;;) {
      throwIfAborted(signal);
      const { sessionNumber } = this.#client;
      try {
        const kind = { kind: 'ephemeral', sequential: true, signal } as const;
        const created = await this.#client.create(joinPath(path, this.#name), data, kind);
        return { path: created.path, czxid: created.stat.czxid, sessionNumber };
      } catch (error) {
        if (isClientError(error) && error.indeterminate) this.#isDoubtful = true;
        if (isClientError(error, 'noNode')) {
          await persist(this.#client, () => this.#client.ensurePath(path), signal);
        } else if (!isTransient(error)) throw error;
        else await pause(this.#client, signal);
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
    for (;;) {
      const seen = await this.#see(token, {}, signal);
      if (!seen.isThere) return undefined;
      if (seen.blocker === undefined) return this.#take(token);
      if (await this.#isToWait(token, seen.blocker, signal)) await this.#turn.wait(signal);
      throwIfAborted(signal);
    }
  }

  /** Leaves a watch on who is waited for. False when that has gone already. */
  async #isToWait(token: Token, blocker: Contender, signal: AbortSignal): Promise<boolean> {
    if (this.#options.wokenBy !== 'anyone') return this.#watch(blocker, signal);
    const seen = await this.#see(token, this.#turn.watch, signal);
    return seen.isThere && seen.blocker !== undefined;
  }

  /** getData leaves no watch where there is nothing, as exists would for ever. */
  #watch(blocker: Contender, signal: AbortSignal): Promise<boolean> {
    const path = joinPath(this.#options.path, blocker.name);
    return persist(
      this.#client,
      async () => {
        try {
          await this.#client.getData(path, this.#turn.watch);
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
  #see(token: Token, watch: WatchOptions, signal: AbortSignal): Promise<Seen> {
    const { path, role, blocker } = this.#options;
    return persist(
      this.#client,
      async () => {
        const [own, { children }] = await Promise.all([
          this.#client.exists(token.path, this.#guard.watch),
          this.#client.getChildren(path, watch).catch(emptyWhenGone),
          this.#confirmSession(),
        ]);
        const contenders = role === 'lease' ? sortAll(children) : sortContenders(children);
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

  /** Whoever has waited for long does not know any more that its session lives. */
  async #confirmSession(): Promise<void> {
    const { runtime, sessionSafeUntilMs, sessionTimeoutMs } = this.#client;
    const safeMs = sessionSafeUntilMs - runtime.nowMs();
    if (safeMs < sessionTimeoutMs / 3) await this.#client.confirmSession();
  }

  #take(token: Token): Hold | undefined {
    const cleanUp = this.#isDoubtful ? () => this.#deleteOthers(undefined) : undefined;
    const whole: Token = cleanUp === undefined ? token : { ...token, cleanUp };
    const hold = new Hold(this.#client, whole, this.#guard, this.#options.whenSuspended);
    return hold.signal.aborted ? undefined : hold;
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
    await Promise.all(paths.map((path) => deleteSurely(this.#client, { path, sessionNumber })));
  }
}

function emptyWhenGone(error: unknown): { readonly children: readonly string[] } {
  if (isClientError(error, 'noNode')) return { children: [] };
  throw error;
}

/** Stands in line until it is our turn, as long as the caller's patience lasts. */
export function acquire(client: Client, line: LineOptions, options: WaitOptions): Promise<Hold> {
  return waitFor(
    client,
    options,
    (signal) => new Place(client, line).wait(signal),
    (hold) => hold.lose('it came too late'),
  );
}

/** Takes the turn if nobody has to be waited for; undefined otherwise. */
export function tryAcquire(
  client: Client,
  line: LineOptions,
  options: WaitOptions,
): Promise<Hold | undefined> {
  return waitFor(
    client,
    options,
    (signal) => new Place(client, line).look(signal),
    (hold) => hold?.lose('it came too late'),
  );
}

/** What those in line say about themselves, first come first. */
export async function readLine(
  client: Client,
  path: string,
  options: WaitOptions,
): Promise<readonly string[]> {
  return waitFor(client, options, async () => {
    const { children } = await client.getChildren(path).catch(emptyWhenGone);
    const contenders = sortContenders(children);
    const answers = await Promise.all(
      contenders.map(({ name }) => readIfThere(client, joinPath(path, name))),
    );
    return answers.filter((answer) => answer !== undefined);
  });
}

async function readIfThere(client: Client, path: string): Promise<string | undefined> {
  try {
    return (await client.getData(path)).data.toString();
  } catch (error) {
    if (isClientError(error, 'noNode')) return undefined;
    throw error;
  }
}
