import type { CommittedBatch, StateMachine } from '@bellwether/cluster';
import { ClusterError } from '@bellwether/cluster';
import { EMBEDDING_LIMITS, StateMachineService } from '@bellwether/cluster/testing';
import type { ServicePlace, SimulatedService } from '../application.ts';
import { Violation } from '../invariants/violation.ts';
import type { MachineLog } from './machine-log.ts';
import { ObservedMachine } from './observed-machine.ts';

interface MachineServiceOptions<Query> {
  readonly place: ServicePlace;
  readonly create: () => StateMachine<unknown, unknown, Query>;
  readonly log: MachineLog;
  /** Looks at the state after every batch of commands; throws where it is wrong. */
  readonly checkState: (machine: StateMachine<unknown, unknown, Query>) => void;
}

/** The production service of an embedded state machine, on a simulated node. */
export class MachineService<Query>
  extends StateMachineService<Uint8Array, unknown, Query, unknown>
  implements SimulatedService
{
  readonly #observed: ObservedMachine<Query>;
  readonly #checkState: (machine: StateMachine<unknown, unknown, Query>) => void;

  constructor({ place, create, log, checkState }: MachineServiceOptions<Query>) {
    const random = place.random.fork('state machine');
    const globals = { wallMs: () => place.wallMs(), random };
    const observed = new ObservedMachine({ nodeId: place.nodeId, create, globals, log });
    super({
      stateMachine: observed,
      limits: EMBEDDING_LIMITS,
      leaseReads: true,
      onLeadership: () => undefined,
      onFatal: rethrow,
    });
    this.#observed = observed;
    this.#checkState = checkState;
  }

  digest(): string {
    return `${this.appliedIndex}:${this.#observed.digest()}`;
  }

  /** Whoever waited on this node hears no more. */
  onProcessEnded(): void {
    this.end(new ClusterError('STOPPED', 'the process has ended'));
  }

  override onCommitted(batch: CommittedBatch): void {
    super.onCommitted(batch);
    this.#observed.look(this.#checkState);
  }
}

/** What was found within the state machine comes out as what it was. */
function rethrow(error: ClusterError): never {
  if (error.cause instanceof Violation) throw error.cause;
  const violation = new Violation('stateMachine.threw', error.message);
  violation.cause = error.cause;
  throw violation;
}
