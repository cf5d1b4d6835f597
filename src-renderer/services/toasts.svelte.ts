export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

export interface ToastContent {
  readonly kind: 'ok' | 'warn' | 'danger' | 'info';
  readonly title: string;
  readonly facts?: string;
  readonly action?: ToastAction;
}

export interface Toast extends ToastContent {
  readonly id: number;
}

/** At once, of those that leave by themselves. */
const SHOWN = 3;
const STAYS_MS = 6000;

/** The same message is shown once. Failures stay until they are dismissed, however many there are; of others three are shown at most, and they leave unless they are pointed at. */
export class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #lastId = 0;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show(content: ToastContent): void {
    const same = this.list.find(({ title, facts }) => title === content.title && facts === content.facts);
    if (same !== undefined) this.dismiss(same.id);
    const toast = { ...content, id: ++this.#lastId };
    this.list = [...this.list, toast];
    const [oldest, ...newer] = this.list.filter(({ kind }) => kind !== 'danger');
    if (oldest !== undefined && newer.length >= SHOWN) this.dismiss(oldest.id);
    this.release(toast);
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** While it is pointed at or has the focus. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
  }

  release({ id, kind }: Toast): void {
    if (kind === 'danger') return;
    clearTimeout(this.#timers.get(id));
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), STAYS_MS),
    );
  }
}
