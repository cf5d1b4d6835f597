/** Times as fast as a capture was recorded: at 600, a window of ten minutes passes in a second. */
export const SPEEDS: readonly number[] = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
