import type { LogstoreName } from '../../../src-main/contract/logstore';

/**
 * The entries of an import or a load are to be shown.
 *
 * @param run null where it is not known
 * @param entries how many it has; null where that is not known
 */
export type OnLog = (place: LogstoreName, run: number | null, entries: number | null) => void;
