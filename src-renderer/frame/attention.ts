import { isAct, type UserEvent } from './user-acts';

/** Whether the user turned to something else while work ran: then the page stays as it is when the work ends. */
export class Attention {
  /** How often the user turned to something. */
  #acts = 0;
  readonly #actsAtStart = new WeakMap<object, number>();

  note(event: UserEvent): void {
    if (isAct(event)) this.turn();
  }

  turn(): void {
    this.#acts++;
  }

  /** @param work that the user just asked for */
  begin(work: object): void {
    this.turn();
    this.#actsAtStart.set(work, this.#acts);
  }

  /** @returns whether the user did nothing since that work was asked for */
  isOn(work: object): boolean {
    return this.#actsAtStart.get(work) === this.#acts;
  }
}
