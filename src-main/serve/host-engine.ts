import type { EngineProcess } from '../engine/engine-process';

/** What this host needs of the engine process. */
export type HostEngine = Pick<EngineProcess, 'state' | 'onState' | 'connect' | 'restart'>;
