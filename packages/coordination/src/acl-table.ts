import { OPEN_ACL, READ_ACL, type Acl } from '@bellwether/protocol';
import { assert } from './assert.ts';
import { hashOfAcl } from './digest.ts';

/** A list of ACLs that any number of znodes share. */
export interface AclList {
  /** Names the list within one node's memory and its snapshots; never used again. */
  readonly id: number;
  readonly acls: readonly Acl[];
  /** What everybody may do: the permission bits of world:anyone. */
  readonly worldPerms: number;
  /** Of the contents: for the digest. */
  readonly hash: number;
}

interface Shared {
  readonly key: string;
  readonly list: AclList;
  /** Znodes that have it; the list goes when it reaches 0. */
  uses: number;
}

/** Interns lists of ACLs: a million znodes have a handful of them. */
export class AclTable {
  private readonly byKey = new Map<string, Shared>();
  private readonly byId = new Map<number, Shared>();
  private idNext = 0;
  /** Everybody may do everything; always there. */
  readonly open: AclList = this.acquire(OPEN_ACL);
  /** Everybody may read; always there. */
  readonly readOnly: AclList = this.acquire(READ_ACL);

  /** The one list with these contents, used once more than before. */
  acquire(acls: readonly Acl[]): AclList {
    if (acls === OPEN_ACL && this.open !== undefined) return this.reuse(this.open);
    const key = JSON.stringify(acls.map(({ perms, scheme, id }) => [perms, scheme, id]));
    const shared = this.byKey.get(key) ?? this.add(key, acls);
    shared.uses++;
    return shared.list;
  }

  /** The same list, used once more. */
  reuse(list: AclList): AclList {
    this.shared(list).uses++;
    return list;
  }

  /** Used once less. */
  release(list: AclList): void {
    const shared = this.shared(list);
    assert(shared.uses > 0, 'a released ACL is in use');
    shared.uses--;
    if (shared.uses > 0) return;
    this.byId.delete(list.id);
    this.byKey.delete(shared.key);
  }

  lists(): AclList[] {
    return [...this.byId.values()].map((shared) => shared.list);
  }

  private shared(list: AclList): Shared {
    const shared = this.byId.get(list.id);
    assert(shared !== undefined && shared.list === list, 'an ACL of this table');
    return shared;
  }

  private add(key: string, acls: readonly Acl[]): Shared {
    const hash = hashOfAcl(key);
    const list = { id: this.idNext++, acls, worldPerms: worldPerms(acls), hash };
    const shared = { key, list, uses: 0 };
    this.byKey.set(key, shared);
    this.byId.set(list.id, shared);
    return shared;
  }
}

function worldPerms(acls: readonly Acl[]): number {
  let perms = 0;
  for (const acl of acls) {
    if (acl.scheme === 'world' && acl.id === 'anyone') perms |= acl.perms;
  }
  return perms;
}
