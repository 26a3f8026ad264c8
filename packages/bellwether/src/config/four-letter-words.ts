import { FOUR_LETTER_WORDS } from '../server/four-letter-words.ts';

/** Spells "*" out, and leaves out what is no word. */
export function resolveWords(words: readonly string[]): readonly string[] {
  if (words.includes('*')) return FOUR_LETTER_WORDS;
  const known = words.filter((word) => FOUR_LETTER_WORDS.includes(word));
  return [...new Set(known)].sort();
}

/** As ZooKeeper does: clients ask a server whether it is read-only before they connect to it. */
export function withReadOnlyWord(
  words: readonly string[],
  readOnly: 'refused' | 'served',
): readonly string[] {
  return readOnly === 'served' ? resolveWords([...words, 'isro']) : words;
}
