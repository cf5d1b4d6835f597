import type { WorkspaceReport } from '../../../src-main/contract/workspace-report';
import type { Announcer } from '../../services/announcer';
import { t } from '../../services/messages/catalogue';
import { ImportNote, lostImports } from './import-note';

interface Job {
  readonly isUnderWay: boolean;
  readonly names: readonly string[];
}

/** The imports and loads that a reload of the page ends: nobody else says so afterwards. */
export class LeftWork {
  readonly #imports: ImportNote;
  readonly #loads: ImportNote;
  #hasTold = false;

  /** @param session of this tab alone, over its reloads; null where nothing can be kept */
  constructor(session: Storage | null) {
    this.#imports = new ImportNote(session);
    this.#loads = new ImportNote(session, Date.now, 'load');
  }

  /** Writes down what is under way, since the page may be left. */
  write(imports: readonly Job[], loads: readonly Job[]): void {
    this.#imports.write(namesUnderWay(imports));
    this.#loads.write(namesUnderWay(loads));
  }

  /** Says once what ended with the page before. */
  tell(report: WorkspaceReport | null, announcer: Announcer): void {
    if (this.#hasTold || report === null) return;
    this.#hasTold = true;
    const notes = [
      { left: this.#imports.left, words: t.importing },
      { left: this.#loads.left, words: t.loads },
    ];
    for (const { left, words } of notes) {
      const [first, ...more] = left === null ? [] : lostImports(left, report.imports);
      if (first !== undefined) announcer.tell('warn', words.ended(first, more.length), words.endedWhy);
    }
  }
}

function namesUnderWay(jobs: readonly Job[]): readonly string[] {
  const underWay = jobs.filter(({ isUnderWay }) => isUnderWay);
  return underWay.toReversed().flatMap(({ names }) => names);
}
