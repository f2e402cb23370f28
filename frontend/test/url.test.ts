import { describe, expect, it } from 'vitest';
import { formatUrl, parseUrl, type UrlState } from '../src/app/url';

const full: UrlState = {
  view: { lon: 114.05812, lat: 22.53218, zoom: 15.25 },
  selected: { kind: 'building', ref: '3026' },
  hidden: ['green', 'grey'],
  lang: 'en',
  theme: 'light',
  palette: 2,
};

describe('the URL is the state', () => {
  it('comes back as it was written', () => {
    expect(parseUrl(formatUrl(full))).toEqual(full);
    const area: UrlState = { ...full, selected: { kind: 'area', code: '440304003' }, palette: 1 };
    expect(parseUrl(formatUrl(area))).toEqual(area);
  });

  it('is nothing where nothing was chosen', () => {
    const none: UrlState = { view: null, selected: null, hidden: [], lang: null, theme: null, palette: 1 };
    expect(formatUrl(none)).toBe('/');
    expect(parseUrl('')).toEqual(none);
  });

  it.each([
    '?at=abc',
    '?at=1,2',
    '?at=999,22,14',
    '?at=114,22,99',
    '?sel=x12',
    '?sel=b',
    '?sel=b<script>',
    '?hide=purple,,',
    '?lang=fr',
    '?theme=neon',
    '?palette=7',
  ])('passes over what makes no sense: %s', (search) => {
    expect(formatUrl(parseUrl(search))).toBe('/');
  });
});
