import type { Placed } from './checks.ts';
import type { Findings, Place } from './findings.ts';
import type { Property } from './properties.ts';
import { isServerKey } from './zoo-keys.ts';

/** The keys of a `zoo.cfg`, read by their type; mistakes go to the findings. */
export class ZooSettings {
  /** For what is missing. */
  readonly filePlace: Place;
  readonly #findings: Findings;
  readonly #byKey = new Map<string, Property>();

  constructor(properties: readonly Property[], file: string, findings: Findings) {
    this.filePlace = { file, line: 1, column: 1 };
    this.#findings = findings;
    this.add(properties);
  }

  /** Those of a second file; they hold over the first's. */
  add(properties: readonly Property[]): void {
    for (const property of properties) this.#byKey.set(property.key, property);
  }

  properties(): readonly Property[] {
    return [...this.#byKey.values()];
  }

  property(key: string): Property | undefined {
    return this.#byKey.get(key);
  }

  /** Whether the file describes an ensemble, rightly or wrongly. */
  get hasServerLines(): boolean {
    return this.properties().some(({ key }) => isServerKey(key));
  }

  text(key: string): Placed<string> | undefined {
    const property = this.#byKey.get(key);
    return property && { value: property.value, place: property.valuePlace };
  }

  /** A whole number from `min` to `max`; undefined when it is missing or wrong. */
  whole(key: string, min: number, max: number): number | undefined {
    const property = this.#byKey.get(key);
    if (property === undefined) return undefined;
    const value = Number(property.value);
    if (/^-?\d+$/.test(property.value) && value >= min && value <= max) return value;
    const advice = `it must be a whole number from ${min} to ${max}`;
    this.#findings.error(property.valuePlace, `${key} is "${property.value}"`, advice);
    return undefined;
  }
}
