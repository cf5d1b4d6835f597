import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { galleryFaults, galleryPage, pictureName } from '../../e2e/gallery-index';
import { GALLERY_NOTES } from '../../e2e/gallery-notes';
import { LOOKS } from '../../e2e/looks';

const e2e = join(import.meta.dirname, '../../e2e');
const NOTES = { '101-first-start': 'Left as it is.', '201-asked': 'The “facts” of <a> & b were cut.' };
const picturesOf = (...states: readonly string[]): string[] =>
  states.flatMap((state) => LOOKS.map((look) => pictureName(state, look)));
const ALL = picturesOf(...Object.keys(NOTES));

test('the index of the gallery has a sentence for each state that its tests draw, and for no other', () => {
  const drawn = readdirSync(e2e)
    .filter((file) => file.endsWith('.gallery.ts'))
    .flatMap((file) => [...readFileSync(join(e2e, file), 'utf8').matchAll(/picture\(\s*'([^']+)'/gu)])
    .map(([, state]) => state ?? '');
  expect(drawn.toSorted()).toEqual(Object.keys(GALLERY_NOTES).toSorted());
  expect(galleryFaults(GALLERY_NOTES, picturesOf(...drawn))).toEqual([]);
});

describe('faults of a whole run', () => {
  test.each([
    { name: 'none', notes: NOTES, files: [...ALL, 'index.html'], faults: [] },
    {
      name: 'a state without a sentence',
      notes: NOTES,
      files: [...ALL, ...picturesOf('102-new')],
      faults: ['102-new has no sentence.'],
    },
    {
      name: 'a sentence without a state',
      notes: { ...NOTES, '102-gone': 'Left as it is.' },
      files: ALL,
      faults: ['102-gone has a sentence, but no picture.'],
    },
    {
      name: 'a look that is missing',
      notes: NOTES,
      files: ALL.slice(1),
      faults: ['101-first-start--light-1440x900.png is missing.'],
    },
    {
      name: 'a number twice',
      notes: { ...NOTES, '101-again': 'Left as it is.' },
      files: [...ALL, ...picturesOf('101-again')],
      faults: ['101-again has the number of 101-first-start.'],
    },
    {
      name: 'a note that is no sentence, of a state in no section',
      notes: { '001-nowhere': 'todo' },
      files: picturesOf('001-nowhere'),
      faults: ['001-nowhere has no section.', 'What is said of 001-nowhere is no sentence.'],
    },
  ])('$name', ({ notes, files, faults }) => {
    expect(galleryFaults(notes, files)).toEqual(faults);
  });
});

describe('the page', () => {
  test('shows each state in all looks, by section, with its sentence', () => {
    const page = galleryPage(NOTES, ALL, '');
    expect(page.match(/<h[23].*/gu)?.map((heading) => heading.replace(/<[^>]*>/gu, ''))).toEqual([
      'Captures',
      'First start 101',
      'Imports',
      'Asked 201',
    ]);
    expect(page).toContain('<p>The “facts” of &lt;a&gt; &amp; b were cut.</p>');
    for (const file of ALL) expect(page).toContain(`<a href="${file}"><img src="${file}"`);
    expect(page).toContain('alt="Asked, dark, 1024 × 700"');
  });

  test('says where a picture is missing', () => {
    expect(galleryPage(NOTES, ALL.slice(1), '').match(/No picture/gu)).toHaveLength(1);
  });
});
