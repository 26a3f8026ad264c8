import type { NodeId } from '@bellwether/raft';
import type { MemberConfig, SessionConfig, TimingConfig } from '../node-config.ts';
import type { Findings, Place } from './findings.ts';

/** A value together with where it was written. */
export interface Placed<T> {
  readonly value: T;
  readonly place: Place;
}

/** What is known of the members; those with a mistake of their own are in `ids` only. */
export interface MembersToCheck {
  readonly ids: readonly Placed<NodeId>[];
  readonly members: readonly Placed<MemberConfig>[];
  readonly nodeId: Placed<NodeId> | undefined;
}

/** Rules that hold between members, whichever file they were read from. */
export function checkMembers(checked: MembersToCheck, findings: Findings): void {
  const { ids, members, nodeId } = checked;
  const addresses = members.map(({ value, place }) => {
    return { value: `${value.host} port ${value.port}`, place };
  });
  checkUnique('id', ids, findings);
  checkUnique('address', addresses, findings);
  if (nodeId !== undefined && ids.length > 0) checkIsMember(ids, nodeId, findings);
  checkVoters(members, findings);
}

function checkUnique(
  what: string,
  values: readonly Placed<string | number>[],
  findings: Findings,
): void {
  const seen = new Map<string | number, Place>();
  for (const { value, place } of values) {
    const first = seen.get(value);
    if (first === undefined) seen.set(value, place);
    else {
      const advice = `line ${first.line} has it already; every member needs its own`;
      findings.error(place, `two members have ${what} ${value}`, advice);
    }
  }
}

function checkIsMember(
  ids: readonly Placed<NodeId>[],
  nodeId: Placed<NodeId>,
  findings: Findings,
): void {
  if (ids.some((id) => id.value === nodeId.value)) return;
  const known = ids.map((id) => id.value).join(', ');
  const advice = `the list of members must hold this node too; it has ${known}`;
  findings.error(nodeId.place, `node ${nodeId.value} is not a member`, advice);
}

function checkVoters(members: readonly Placed<MemberConfig>[], findings: Findings): void {
  const first = members[0];
  if (first === undefined) return;
  const voters = members.filter((member) => member.value.kind === 'voter').length;
  if (voters === 0) {
    findings.error(first.place, 'no member votes', 'at least one must be a voter');
  } else if (voters === 2) {
    const advice = 'it stops when either fails; three go on after one failed';
    findings.warn(first.place, 'the cluster has 2 voters', advice);
  } else if (voters % 2 === 0) {
    const advice = `it goes on after ${voters / 2 - 1} failed, as it would with ${voters - 1} voters`;
    findings.warn(first.place, `the cluster has ${voters} voters`, advice);
  }
}

export function checkSession(session: SessionConfig, place: Place, findings: Findings): void {
  if (session.timeoutMsMin <= session.timeoutMsMax) return;
  const what = `the shortest session timeout (${session.timeoutMsMin} ms) is longer than the longest`;
  findings.error(place, `${what} (${session.timeoutMsMax} ms)`, 'exchange them');
}

export function checkTiming(timing: TimingConfig, place: Place, findings: Findings): void {
  const { tickMs, heartbeatTicks, electionTicksMin, silenceMsMin, silenceMsMax } = timing;
  const advice = 'followers must hear several heartbeats before they give a leader up';
  if (heartbeatTicks >= electionTicksMin) {
    const what = `heartbeatTicks (${heartbeatTicks}) is not below electionTicksMin`;
    findings.error(place, `${what} (${electionTicksMin})`, advice);
  }
  const beatMs = heartbeatTicks * tickMs;
  if (silenceMsMin <= beatMs) {
    const what = `silenceMsMin (${silenceMsMin}) is not above the time between two heartbeats`;
    findings.error(place, `${what} (${beatMs})`, advice);
  }
  if (silenceMsMin > silenceMsMax) {
    const what = `silenceMsMin (${silenceMsMin}) is above silenceMsMax (${silenceMsMax})`;
    findings.error(place, what, 'exchange them');
  }
}

/** A node listens on both, and may be told to do so on every address. */
export function checkPortsDiffer(
  clientPort: Placed<number>,
  peerPort: number,
  findings: Findings,
): void {
  if (clientPort.value === 0 || clientPort.value !== peerPort) return;
  const what = `port ${peerPort} is both for clients and for the other nodes`;
  findings.error(clientPort.place, what, 'give each its own port');
}
