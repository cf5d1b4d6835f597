/** The one polite live region of the window: progress and results are said here, and nowhere else. */
export class LiveRegion {
  text = $state('');

  say(text: string): void {
    // A reader hears only what changes.
    this.text = this.text === text ? `${text}\u00a0` : text;
  }
}
