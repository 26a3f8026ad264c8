import { FOUR_LETTER_WORDS } from '../server/four-letter-words.ts';

/** ZooKeeper's other words: settings may name them, but nothing answers to them yet. */
const UNANSWERED = [
  ...['conf', 'cons', 'crst', 'dirs', 'dump', 'envi', 'gtmk', 'hash', 'isro', 'srst', 'stmk'],
  ...['wchc', 'wchp', 'wchs'],
];

export const FOUR_LETTER_WORDS_KNOWN: readonly string[] = [...FOUR_LETTER_WORDS, ...UNANSWERED];

export function isAnswered(word: string): boolean {
  return (FOUR_LETTER_WORDS as readonly string[]).includes(word);
}

/** Spells "*" out. */
export function resolveWords(words: readonly string[]): readonly string[] {
  if (words.includes('*')) return [...FOUR_LETTER_WORDS_KNOWN].sort();
  const known = words.filter((word) => FOUR_LETTER_WORDS_KNOWN.includes(word));
  return [...new Set(known)].sort();
}
