import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Findings, Place } from './findings.ts';

export type SettingPath = readonly (string | number)[];

/** A YAML file whose values know where they were written. */
export class YamlDocument {
  readonly file: string;
  /** Plain data; undefined when the file could not be read as YAML. */
  readonly value: unknown;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  constructor(text: string, file: string, findings: Findings) {
    this.file = file;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    this.value = this.#read(findings);
  }

  /** Where the value at `path` is, or the nearest group around it that is there. */
  placeOf(path: SettingPath): Place {
    for (let length = path.length; length > 0; length--) {
      const node: unknown = this.#document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return this.#placeAt(node.range[0]);
    }
    return this.#placeAt(this.#document.contents?.range[0] ?? 0);
  }

  /** Where the key itself is, the last part of `path`. */
  placeOfKey(path: SettingPath): Place {
    const parent: unknown = path.length > 1 ? this.#document.getIn(path.slice(0, -1), true) : null;
    const map = path.length > 1 ? parent : this.#document.contents;
    if (isMap(map)) {
      const pair = map.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1));
      if (pair && isScalar(pair.key) && pair.key.range) return this.#placeAt(pair.key.range[0]);
    }
    return this.placeOf(path);
  }

  #read(findings: Findings): unknown {
    let isReadable = true;
    for (const error of this.#document.errors) {
      const isDuplicate = error.code === 'DUPLICATE_KEY';
      isReadable &&= isDuplicate;
      const what = isDuplicate ? 'a key is written twice' : `this is not YAML: ${error.message}`;
      const advice = isDuplicate ? 'keep one of them' : 'correct it; see docs/configuration.md';
      findings.error(this.#placeAt(error.pos[0]), what, advice);
    }
    if (!isReadable) return undefined;
    try {
      return this.#document.toJS() as unknown;
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      findings.error(this.#placeAt(0), what, 'write the values out');
      return undefined;
    }
  }

  #placeAt(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.file, line: Math.max(1, line), column: Math.max(1, col) };
  }
}
