// The script that leads old browsers away, in a window of a browser that lacks one thing or another.
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';

const script = readFileSync('public/fit.js', 'utf8');

/** Where the script leads from a path, or null; `change` takes from the window what an old browser lacks. */
function leads(path: string, change: (w: Record<string, unknown>) => void = () => {}): string | null {
  let to: string | null = null;
  const CSS = { supports: () => true };
  const HTMLScriptElement = { supports: () => true };
  const elements: Record<string, object> = { script: { noModule: false }, dialog: { showModal() {} } };
  const w: Record<string, unknown> = {
    CSS,
    HTMLScriptElement,
    structuredClone() {},
    document: { createElement: (name: string) => elements[name] },
    location: {
      pathname: path,
      replace(where: string) {
        to = where;
      },
    },
  };
  change(w);
  w.window = w;
  runInNewContext(script, w);
  return to;
}

describe('a browser that the pages run in', () => {
  test('stays', () => expect(leads('/wall/440304')).toBeNull());
});

describe('an old browser is led to the plain page of the same place', () => {
  const old = (w: Record<string, unknown>) => delete w.structuredClone;
  test.each([
    ['/', '/plain'],
    ['/wall/440304003', '/plain/area/440304003'],
    ['/insight/440304', '/plain/area/440304'],
    ['/b/4403040010010100001', '/plain/b/4403040010010100001'],
    ['/b/4403040010010100001000101', '/plain/b/4403040010010100001'],
    ['/wall/elsewhere', '/plain'],
    ['/wall', '/plain'],
  ])('%s leads to %s', (from, to) => expect(leads(from, old)).toBe(to));
});

describe('whatever is lacking', () => {
  test.each([
    ['modules', (w: Record<string, unknown>) => (w.document = { createElement: () => ({}) })],
    ['CSS.supports', (w: Record<string, unknown>) => delete w.CSS],
    ['a selector or colour', (w: Record<string, unknown>) => (w.CSS = { supports: () => false })],
    ['HTMLScriptElement.supports', (w: Record<string, unknown>) => (w.HTMLScriptElement = {})],
    ['import maps', (w: Record<string, unknown>) => (w.HTMLScriptElement = { supports: () => false })],
  ])('%s', (_, change) => expect(leads('/', change)).toBe('/plain'));
});
