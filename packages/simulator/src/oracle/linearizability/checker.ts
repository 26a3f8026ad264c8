/*
 * Is there an order of the operations, each between being asked for and being answered, in which every
 * answer is right? Wing and Gong, "Testing and Verifying Concurrent Objects" (1993), with the memory
 * of Lowe, "Testing for Linearizability" (2017): what was linearized, as a set, together with the state
 * that it led to, is tried only once.
 */
import type { Model, Operation, Verdict } from './model.ts';

/** Orders are given up after so many steps. */
const STEPS_MAX = 5_000_000;

interface Node<I, O> {
  /** undefined in the head. */
  readonly operation: Operation<I, O> | undefined;
  /** Number of the operation. */
  readonly number: number;
  readonly kind: 'head' | 'call' | 'return';
  previous: Node<I, O> | undefined;
  next: Node<I, O> | undefined;
  /** Of a call that was answered. */
  answer: Node<I, O> | undefined;
}

interface Choice<S, I, O> {
  readonly call: Node<I, O>;
  readonly stateBefore: S;
  /** It changed nothing, so no order is lost by having it here. */
  readonly isFree: boolean;
}

/** Decides whether `operations` on one object, which behaves as `model`, are linearizable. */
export function checkLinearizability<S, I, O>(
  model: Model<S, I, O>,
  operations: readonly Operation<I, O>[],
  stepsMax = STEPS_MAX,
): Verdict<I, O> {
  return new Search(model, operations, stepsMax).run();
}

class Search<S, I, O> {
  readonly #model: Model<S, I, O>;
  readonly #operations: readonly Operation<I, O>[];
  readonly #head: Node<I, O>;
  readonly #stepsMax: number;
  readonly #choices: Choice<S, I, O>[] = [];
  readonly #seen = new Set<string>();
  /** One bit for each operation that is linearized. */
  readonly #done: Uint8Array;
  /** How many of each label are linearized: always those that were asked for first. */
  readonly #doneOfLabel = new Map<string, number>();
  readonly #placeInLabel = new Map<number, number>();
  #answersLeft: number;
  #longest: readonly Operation<I, O>[] = [];
  #stuck: readonly Operation<I, O>[] = [];

  constructor(model: Model<S, I, O>, operations: readonly Operation<I, O>[], stepsMax: number) {
    this.#model = model;
    this.#operations = operations.toSorted((a, b) => a.invokedMs - b.invokedMs);
    this.#stepsMax = stepsMax;
    this.#done = new Uint8Array(Math.ceil(operations.length / 8));
    this.#answersLeft = operations.filter(({ output }) => output !== undefined).length;
    this.#countLabels();
    this.#head = listOf(this.#operations);
  }

  run(): Verdict<I, O> {
    let state = this.#model.initial;
    this.#takeWhatChangesNothing(state);
    let node = this.#head.next;
    for (let steps = 0; this.#answersLeft > 0; steps++) {
      if (steps > this.#stepsMax) return { verdict: 'undecided' };
      if (node?.kind === 'call') {
        const after = this.#try(node, state);
        if (after === undefined) {
          node = node.next;
          continue;
        }
        this.#linearize({ call: node, stateBefore: state, isFree: false });
        state = after.state;
        this.#takeWhatChangesNothing(state);
        node = this.#head.next;
        continue;
      }
      this.#noteStuck();
      const choice = this.#takeBack();
      if (choice === undefined) {
        return { verdict: 'notLinearizable', longest: this.#longest, stuck: this.#stuck };
      }
      state = choice.stateBefore;
      node = choice.call.next;
    }
    return { verdict: 'linearizable' };
  }

  /** Answers that are right here and now and leave the state as it is: reads, and what was refused. */
  #takeWhatChangesNothing(state: S): void {
    const key = this.#model.keyOf(state);
    for (let node = this.#head.next; node?.kind === 'call'; node = node.next) {
      const { input, output } = node.operation as Operation<I, O>;
      if (output === undefined) continue;
      const after = this.#model.step(state, input, output);
      if (after === undefined || this.#model.keyOf(after) !== key) continue;
      this.#turnBit(node.number);
      this.#linearize({ call: node, stateBefore: state, isFree: true });
    }
  }

  #linearize(choice: Choice<S, I, O>): void {
    const { call } = choice;
    this.#choices.push(choice);
    this.#take(call, 1);
    unlink(call);
    if (call.answer !== undefined) unlink(call.answer);
  }

  /** Undoes what was chosen last, and what it made free. */
  #takeBack(): Choice<S, I, O> | undefined {
    for (;;) {
      const choice = this.#choices.pop();
      if (choice === undefined) return undefined;
      const { call } = choice;
      if (call.answer !== undefined) relink(call.answer);
      relink(call);
      this.#turnBit(call.number);
      this.#take(call, -1);
      if (!choice.isFree) return choice;
    }
  }

  /** Linearizes the call next, if that is possible and leads to something new. */
  #try(call: Node<I, O>, state: S): { readonly state: S } | undefined {
    const operation = call.operation as Operation<I, O>;
    if (!this.#isFirstOfLabel(call)) return undefined;
    const after = this.#model.step(state, operation.input, operation.output);
    if (after === undefined || this.#isOutdoneBefore(operation, state, after)) return undefined;
    this.#turnBit(call.number);
    const key = `${Buffer.from(this.#done).toString('latin1')}|${this.#model.keyOf(after)}`;
    if (this.#seen.has(key)) {
      this.#turnBit(call.number);
      return undefined;
    }
    this.#seen.add(key);
    return { state: after };
  }

  #take({ operation, answer }: Node<I, O>, count: 1 | -1): void {
    if (answer !== undefined) this.#answersLeft -= count;
    const label = operation?.label;
    if (label === undefined) return;
    this.#doneOfLabel.set(label, (this.#doneOfLabel.get(label) ?? 0) + count);
  }

  /** Another indeterminate operation does the same now, and could do it at fewer other times. */
  #isOutdoneBefore({ label, isNarrow }: Operation<I, O>, state: S, after: S): boolean {
    if (label === undefined || isNarrow === true) return false;
    const key = this.#model.keyOf(after);
    for (let node = this.#head.next; node?.kind === 'call'; node = node.next) {
      const other = node.operation as Operation<I, O>;
      if (other.isNarrow !== true || !this.#isFirstOfLabel(node)) continue;
      const afterOther = this.#model.step(state, other.input, other.output);
      if (afterOther !== undefined && this.#model.keyOf(afterOther) === key) return true;
    }
    return false;
  }

  #isFirstOfLabel({ operation, number }: Node<I, O>): boolean {
    const label = operation?.label;
    if (label === undefined) return true;
    return this.#placeInLabel.get(number) === (this.#doneOfLabel.get(label) ?? 0);
  }

  #countLabels(): void {
    const counts = new Map<string, number>();
    this.#operations.forEach(({ label }, number) => {
      if (label === undefined) return;
      const place = counts.get(label) ?? 0;
      this.#placeInLabel.set(number, place);
      counts.set(label, place + 1);
    });
  }

  /** Turns the bit over. */
  #turnBit(number: number): void {
    this.#done[number >>> 3] = (this.#done[number >>> 3] as number) ^ (1 << (number & 7));
  }

  #noteStuck(): void {
    if (this.#choices.length < this.#longest.length) return;
    this.#longest = this.#choices.map(({ call }) => call.operation as Operation<I, O>);
    const stuck: Operation<I, O>[] = [];
    for (let node = this.#head.next; node?.kind === 'call'; node = node.next) {
      stuck.push(node.operation as Operation<I, O>);
    }
    this.#stuck = stuck;
  }
}

/** Calls and answers in the order of time; at the same time calls come first, so that both overlap. */
function listOf<I, O>(operations: readonly Operation<I, O>[]): Node<I, O> {
  const links = { previous: undefined, next: undefined, answer: undefined };
  const nodes = operations.flatMap((operation, number) => {
    const call: Node<I, O> = { operation, number, kind: 'call', ...links };
    if (operation.output === undefined) return [call];
    const answer: Node<I, O> = { operation, number, kind: 'return', ...links };
    call.answer = answer;
    return [call, answer];
  });
  const timeOf = ({ kind, operation }: Node<I, O>): number =>
    (kind === 'call' ? operation?.invokedMs : operation?.endedMs) ?? 0;
  const rank = ({ kind }: Node<I, O>): number => (kind === 'call' ? 0 : 1);
  nodes.sort((a, b) => timeOf(a) - timeOf(b) || rank(a) - rank(b));
  const head: Node<I, O> = { operation: undefined, number: -1, kind: 'head', ...links };
  let last = head;
  for (const node of nodes) {
    last.next = node;
    node.previous = last;
    last = node;
  }
  return head;
}

function unlink<I, O>(node: Node<I, O>): void {
  if (node.previous !== undefined) node.previous.next = node.next;
  if (node.next !== undefined) node.next.previous = node.previous;
}

function relink<I, O>(node: Node<I, O>): void {
  if (node.previous !== undefined) node.previous.next = node;
  if (node.next !== undefined) node.next.previous = node;
}
