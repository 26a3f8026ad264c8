import { DecayingPeak } from './decaying-peak.ts';
import { DETECTOR_LIMITS } from './limits.ts';

/** Within which silences a leader is given up; all in ms. */
export interface SilenceBounds {
  /** Between two beats of the leader, as it is configured. */
  readonly beatMs: number;
  /** However regular the beats are, a shorter silence means nothing. */
  readonly silenceMsMin: number;
  /** However irregular they are, a longer one is too long. */
  readonly silenceMsMax: number;
}

/**
 * - heard: the leader is there, as far as can be told from here.
 * - doubtful: silent for so long that this node won't contradict a peer who misses it too.
 * - silent: for so long that this node asks the others.
 */
export type Verdict = 'heard' | 'doubtful' | 'silent';

/**
 * Judges the silence of the leader by how regularly it was heard before. Time comes in, in running time
 * (see RunningClock), and a verdict goes out.
 *
 * The beats are what it learns from: they come at a known pace whatever the load, so how much later they
 * come than they should is the jitter of the leader's thread, of the network and of this node together.
 * Its peak is kept and decays slowly, because jitter comes in rare bursts: a mean and deviation have
 * forgotten the last burst when the next one comes. What is judged is the time since anything was heard.
 */
export class SilenceDetector {
  readonly #bounds: SilenceBounds;
  readonly #jitter = new DecayingPeak(DETECTOR_LIMITS.jitterHalfLifeMs);
  #heardMs: number;
  #beatMs: number | undefined;

  constructor(bounds: SilenceBounds, nowMs: number) {
    this.#bounds = bounds;
    this.#heardMs = nowMs;
    this.#jitter.add(DETECTOR_LIMITS.jitterMsFirst, nowMs);
  }

  /** Another leader is followed: its silence begins now. What is known of the jitter stays. */
  onLeader(nowMs: number): void {
    this.#heardMs = nowMs;
    this.#beatMs = undefined;
  }

  /** Anything came from the leader. */
  onHeard(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  /** A beat came from the leader. */
  onBeat(nowMs: number): void {
    this.onHeard(nowMs);
    if (this.#beatMs !== undefined) {
      const lateMs = nowMs - this.#beatMs - this.#bounds.beatMs;
      this.#jitter.add(Math.min(Math.max(0, lateMs), this.#bounds.silenceMsMax), nowMs);
    }
    this.#beatMs = nowMs;
  }

  silenceMs(nowMs: number): number {
    return Math.max(0, nowMs - this.#heardMs);
  }

  /** The silence after which the leader is suspected; `lateMs`: see RunningClock.lateMsMax. */
  boundMs(nowMs: number, lateMs: number): number {
    const { beatMs, silenceMsMin, silenceMsMax } = this.#bounds;
    const { beatsMissed, jitterFactor } = DETECTOR_LIMITS;
    const wantedMs = beatsMissed * beatMs + jitterFactor * this.#jitter.at(nowMs) + lateMs;
    return Math.min(silenceMsMax, Math.max(silenceMsMin, wantedMs));
  }

  judge(nowMs: number, lateMs: number): Verdict {
    const share = this.silenceMs(nowMs) / this.boundMs(nowMs, lateMs);
    if (share >= 1) return 'silent';
    return share >= DETECTOR_LIMITS.doubtShare ? 'doubtful' : 'heard';
  }
}
