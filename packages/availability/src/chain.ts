import { assert } from './assert.ts';

/** Dense elimination over more states would take minutes and gigabytes. */
export const CHAIN_STATES_MAX = 2_500;

/** One way out of a state. */
export interface Transition<State> {
  readonly to: State;
  /** Per ms; above 0. */
  readonly ratePerMs: number;
}

interface Arc {
  readonly to: number;
  readonly ratePerMs: number;
}

/** A continuous-time Markov chain with finitely many states, numbered in the order of their discovery. */
export interface Chain<State> {
  /** The first one is where the chain was explored from. */
  readonly states: readonly State[];
  /** The ways out of each state, without loops, in the order of `states`. */
  readonly arcs: readonly (readonly Arc[])[];
}

/**
 * Finds every state that can be reached from `start`.
 *
 * @param keyOf equal for states that are the same
 * @throws AssertionFailure when there are more than CHAIN_STATES_MAX
 */
export function exploreChain<State>(
  start: State,
  transitionsOf: (state: State) => Iterable<Transition<State>>,
  keyOf: (state: State) => string,
): Chain<State> {
  const states = [start];
  const numberOf = new Map([[keyOf(start), 0]]);
  const arcs: Arc[][] = [];
  for (let at = 0; at < states.length; at++) {
    const out: Arc[] = [];
    for (const { to, ratePerMs } of transitionsOf(states[at]!)) {
      assert(ratePerMs > 0, 'a transition has a rate');
      const key = keyOf(to);
      let number = numberOf.get(key);
      if (number === undefined) {
        number = states.push(to) - 1;
        assert(number < CHAIN_STATES_MAX, `a chain has at most ${CHAIN_STATES_MAX} states`);
        numberOf.set(key, number);
      }
      if (number !== at) out.push({ to: number, ratePerMs });
    }
    arcs.push(out);
  }
  return { states, arcs };
}

/** A square of rates per ms, row by row. */
interface Rates {
  readonly size: number;
  readonly values: Float64Array;
}

function ratesOf(chain: Chain<unknown>): Rates {
  const size = chain.states.length;
  const values = new Float64Array(size * size);
  for (const [from, arcs] of chain.arcs.entries()) {
    for (const { to, ratePerMs } of arcs) values[from * size + to]! += ratePerMs;
  }
  return { size, values };
}

/**
 * The part of all time that an irreducible chain spends in each state.
 *
 * By the algorithm of Grassmann, Taksar and Heyman: one state after the other is taken out, and its
 * transitions are handed to those that remain (the chain is watched only while it is elsewhere). It only
 * adds, multiplies and divides positive numbers, so each probability, however tiny, has nearly all digits
 * of a double; Gaussian elimination on Q subtracts numbers that are almost equal and loses them.
 *
 * Source: Grassmann, Taksar, Heyman, Regenerative Analysis and Steady State Distributions for Markov Chains,
 * Operations Research 33(5), 1985, 1107-1116.
 *
 * @returns probabilities in the order of `chain.states`; their sum is 1
 */
export function stationaryDistribution(chain: Chain<unknown>): Float64Array {
  const { size, values } = ratesOf(chain);
  for (let out = size - 1; out > 0; out--) {
    let leaving = 0;
    for (let to = 0; to < out; to++) leaving += values[out * size + to]!;
    assert(leaving > 0, 'every state of an irreducible chain can be left towards the first');
    for (let from = 0; from < out; from++) {
      const share = values[from * size + out]! / leaving;
      values[from * size + out] = share;
      if (share > 0) addRow(values, size, { from: out, into: from, share, columns: out });
    }
  }
  const weights = new Float64Array(size);
  weights[0] = 1;
  let total = 1;
  for (let state = 1; state < size; state++) {
    let weight = 0;
    for (let from = 0; from < state; from++)
      weight += weights[from]! * values[from * size + state]!;
    weights[state] = weight;
    total += weight;
  }
  return weights.map((weight) => weight / total);
}

/**
 * Mean time from each state until the chain is first in one of `targets`, in ms; 0 for the targets
 * themselves. Solves sum_j q_ij (h_j - h_i) = -1 by the same elimination without subtraction: besides rates
 * between states it carries each state's rate into the targets and the time that passes in what was taken out.
 *
 * Source: first passage times as in Trivedi, 8.6; the elimination as for diagonally dominant M-matrices in
 * Alfa, Xue, Ye, Mathematics of Computation 71, 2002, 217-236.
 */
export function meanTimesTo<State>(
  chain: Chain<State>,
  isTarget: (state: State) => boolean,
): Float64Array {
  const { size, values } = ratesOf(chain);
  const target = chain.states.map((state) => isTarget(state));
  assert(target.includes(true), 'there is a state to get to');
  const transient = target.flatMap((is, state) => (is ? [] : [state]));
  const absorbed = new Float64Array(size);
  for (const from of transient) {
    for (let to = 0; to < size; to++) if (target[to]) absorbed[from]! += values[from * size + to]!;
  }
  return eliminate({ size, values }, transient, absorbed);
}

function eliminate(
  rates: Rates,
  transient: readonly number[],
  absorbed: Float64Array,
): Float64Array {
  const { size, values } = rates;
  /** Mean time per visit times the rate of leaving: 1 until states are taken out. */
  const reward = new Float64Array(size).fill(1);
  const leavingOf = new Float64Array(size);
  for (let position = transient.length - 1; position >= 0; position--) {
    const out = transient[position]!;
    const rest = transient.slice(0, position);
    let leaving = absorbed[out]!;
    for (const to of rest) leaving += values[out * size + to]!;
    assert(leaving > 0, 'the targets can be reached');
    leavingOf[out] = leaving;
    for (const from of rest) {
      const share = values[from * size + out]! / leaving;
      if (share === 0) continue;
      for (const to of rest)
        if (to !== from) values[from * size + to]! += share * values[out * size + to]!;
      absorbed[from]! += share * absorbed[out]!;
      reward[from]! += share * reward[out]!;
    }
  }
  const times = new Float64Array(size);
  for (const [position, state] of transient.entries()) {
    let weighted = reward[state]!;
    for (let k = 0; k < position; k++) {
      const earlier = transient[k]!;
      weighted += values[state * size + earlier]! * times[earlier]!;
    }
    times[state] = weighted / leavingOf[state]!;
  }
  return times;
}

interface RowAddition {
  readonly from: number;
  readonly into: number;
  readonly share: number;
  readonly columns: number;
}

/** Adds a part of one row's first columns to another's. What would be a loop is left out by the reader. */
function addRow(values: Float64Array, size: number, addition: RowAddition): void {
  const { from, into, share, columns } = addition;
  const source = from * size;
  const destination = into * size;
  for (let column = 0; column < columns; column++) {
    values[destination + column]! += share * values[source + column]!;
  }
}
