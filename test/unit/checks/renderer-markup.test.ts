import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse, type AST } from 'svelte/compiler';
import { describe, expect, test } from 'vitest';

const renderer = join(import.meta.dirname, '../../../src-renderer');

/** Attributes that people read or hear. */
const SPOKEN = new Set(['aria-label', 'title', 'placeholder', 'alt', 'label', 'facts', 'note', 'aria-description']);

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function faultOf(node: Node): string | null {
  if (node.type === 'Text' && /\p{L}/u.test(String(node['data'])))
    return `words in the markup: ${String(node['data']).trim()}`;
  if (node.type === 'HtmlTag') return 'markup from a string';
  if (node.type !== 'Attribute') return null;
  const { name, value } = node as unknown as AST.Attribute;
  // The security policy has no 'unsafe-inline': only `style:` directives, which the CSSOM sets, pass it.
  if (name === 'style') return 'a style attribute';
  const isText = Array.isArray(value) && value.some((part) => part.type === 'Text' && /\p{L}/u.test(part.data));
  return isText && SPOKEN.has(name) ? `words in ${name}` : null;
}

/** What in a component breaks the rules about words and styles. */
function faultsIn(source: string): string[] {
  const { fragment } = parse(source, { modern: true });
  const faults: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    else if (isNode(value)) {
      const fault = faultOf(value);
      if (fault !== null) faults.push(fault);
      // Units of a style are no words.
      if (value.type === 'StyleDirective') return;
      for (const [key, child] of Object.entries(value)) {
        // Texts of an attribute are judged by its name.
        if (
          key !== 'parent' &&
          key !== 'metadata' &&
          !(value.type === 'Attribute' && key === 'value' && Array.isArray(child))
        ) {
          visit(child);
        }
      }
    }
  };
  visit(fragment);
  return faults;
}

const components = readdirSync(renderer, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.svelte'),
);

describe('components', () => {
  test.each(components.map((file) => ({ file })))(
    '$file has its words in the catalogue, and no inline style',
    ({ file }) => {
      expect(faultsIn(readFileSync(join(renderer, file), 'utf8'))).toEqual([]);
    },
  );

  test('there are some', () => {
    expect(components.length).toBeGreaterThan(25);
  });
});

describe('the check', () => {
  test.each([
    { name: 'words', source: '<p>Hello</p>', fault: 'words in the markup: Hello' },
    { name: 'words in a branch', source: '{#if true}<b>{x} entries</b>{/if}', fault: 'words in the markup: entries' },
    { name: 'words in a name', source: '<button aria-label="Close"></button>', fault: 'words in aria-label' },
    { name: 'words in a property', source: '<Button label="Run" />', fault: 'words in label' },
    { name: 'an inline style', source: '<p style="color: red"></p>', fault: 'a style attribute' },
    { name: 'a computed inline style', source: '<p style={css}></p>', fault: 'a style attribute' },
    { name: 'markup from a string', source: '{@html text}', fault: 'markup from a string' },
  ])('finds $name', ({ source, fault }) => {
    expect(faultsIn(source)).toEqual([fault]);
  });

  test('lets values, classes and directives pass', () => {
    expect(faultsIn(`<p class="note" style:color={c} title={t.a}>{t.b} – {n}</p>`)).toEqual([]);
  });
});

test('the page has no inline script, style or handler', () => {
  const html = readFileSync(join(renderer, 'index.html'), 'utf8');
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/u);
});

test('colours, sizes of type and times come from the tokens', () => {
  const literal = /#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(/iu;
  const offenders = components.filter((file) => {
    const { css } = parse(readFileSync(join(renderer, file), 'utf8'), { modern: true });
    return css !== null && literal.test(css.content.styles);
  });
  expect(offenders.map((file) => relative('.', file))).toEqual([]);
});
