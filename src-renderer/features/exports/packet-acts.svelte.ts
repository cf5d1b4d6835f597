import type { ErrorShape } from '../../../src-main/contract/errors';
import type { PacketsReport } from '../../../src-main/contract/packets';
import { entryIdText, type EntryId } from '../../../src-main/contract/log-entry';
import type { HostBridge } from '../../services/host-bridge';
import { t } from '../../services/messages/catalogue';
import type { ExportState, Take } from './export-state.svelte';

export interface PacketListeners {
  /** A program has the packets, or the browser fetches them for one: `facts` says which. */
  readonly onOpened: (report: PacketsReport, facts: string) => void;
  /** @param goOn tries once more */
  readonly onFailed: (error: ErrorShape, goOn: () => void) => void;
}

/** What can be done with the packets of a log entry. */
export class PacketActs {
  /** Whether there is a program to be chosen: a browser starts none. */
  readonly canChoose: boolean;
  /** The name of the program; null for what the system opens packets with. */
  program = $state<string | null>(t.packets.wireshark);
  readonly openLabel = $derived.by(() => (this.program === null ? t.packets.openAny : t.packets.openIn(this.program)));
  readonly #bridge: HostBridge;
  readonly #exporting: ExportState;
  readonly #listeners: PacketListeners;

  constructor(bridge: HostBridge, exporting: ExportState, listeners: PacketListeners) {
    this.#bridge = bridge;
    this.canChoose = bridge.kind === 'desktop';
    this.#exporting = exporting;
    this.#listeners = listeners;
  }

  /** Asks which program there is. */
  async load(): Promise<void> {
    if (!this.canChoose) return;
    const read = await this.#bridge.call('packet-program:read', {});
    if (read.ok) this.program = read.value.name;
  }

  save(entry: EntryId): void {
    void this.#exporting.savePackets(entry);
  }

  async open(entry: EntryId): Promise<void> {
    const name = `entry-${entryIdText(entry)}.pcapng`;
    let facts = t.packets.openDownload(name);
    const take: Take = async (file) => {
      if (!this.canChoose) return this.#exporting.download(file, name);
      const opened = await this.#bridge.call('packets:open', { file, name });
      if (!opened.ok) return opened;
      facts = t.packets.openedIn(opened.value.program);
      return { ok: true, value: { path: null } };
    };
    const written = await this.#exporting.writePackets(entry, take);
    if (written.kind === 'saved') this.#listeners.onOpened(written.report, facts);
    if (written.kind === 'failed') this.#listeners.onFailed(written.error, () => void this.open(entry));
  }

  /** Lets the user choose the program, and opens them in it. */
  async openElsewhere(entry: EntryId): Promise<void> {
    const picked = await this.#bridge.call('packet-program:pick', {});
    if (!picked.ok) this.#listeners.onFailed(picked.error, () => void this.openElsewhere(entry));
    else if (picked.value !== null) {
      this.program = picked.value.name;
      await this.open(entry);
    }
  }
}
