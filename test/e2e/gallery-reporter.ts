import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FullResult, Reporter, Suite } from '@playwright/test/reporter';
import { galleryFaults, galleryPage } from './gallery-index';
import { GALLERY_NOTES } from './gallery-notes';
import { galleryFolder } from './hosts';

/** Of all tests in all files of the gallery, chosen for this run or not. */
function testCount(): number {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.gallery.ts'))
    .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8').match(/^test\(/gmu)?.length ?? 0)
    .reduce((sum, count) => sum + count, 0);
}

/**
 * Writes the index of the gallery when a run ends. A whole run begins with an empty folder, and fails when its pictures and
 * the sentences about them do not agree; a run of some tests replaces their pictures.
 */
export default class GalleryReporter implements Reporter {
  #isWhole = false;

  onBegin(_config: unknown, suite: Suite): void {
    this.#isWhole = suite.allTests().length === testCount();
    if (this.#isWhole) rmSync(galleryFolder, { recursive: true, force: true });
    mkdirSync(galleryFolder, { recursive: true });
  }

  onEnd(result: FullResult): Promise<{ status?: FullResult['status'] }> {
    const files = readdirSync(galleryFolder);
    const style = readFileSync(join(import.meta.dirname, 'gallery.css'), 'utf8');
    const index = join(galleryFolder, 'index.html');
    writeFileSync(index, galleryPage(GALLERY_NOTES, files, style));
    console.log(`\nAll pictures, with what was changed after looking at them: ${index}`);
    const faults = this.#isWhole ? galleryFaults(GALLERY_NOTES, files) : [];
    for (const fault of faults) console.error(fault);
    return Promise.resolve(faults.length > 0 && result.status === 'passed' ? { status: 'failed' } : {});
  }

  printsToStdio(): boolean {
    return false;
  }
}
