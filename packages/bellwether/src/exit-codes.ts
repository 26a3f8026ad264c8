/** Of a node that ended because going on would not be safe. */
export const EXIT_FATAL = 70;
