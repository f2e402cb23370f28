import { beforeEach, describe, expect, it } from 'vitest';
import {
  flag,
  integer,
  oneOf,
  optional,
  param,
  setOf,
  showState,
  stateOf,
  syncUrl,
  view,
} from '../../src/shell/params';
import { lang, palette, theme } from '../../src/shell/prefs';
import { navigate } from '../../src/shell/route';

const at = param('wall', 'at', optional(view), null);
const colours = param('wall', 'hide', setOf(['green', 'grey'] as const), new Set());
const speed = param('insight', 'speed', oneOf([1, 4, 16] as const), 1);
const search = () => new URLSearchParams(location.search);

syncUrl();
beforeEach(() => {
  navigate('/wall/440304');
  lang.value = 'zh';
  theme.value = 'dark';
  palette.value = 1;
});

describe('the URL is the state', () => {
  it('is written as the state changes, and read back by navigation', () => {
    at.value = { lon: 114.05812, lat: 22.53218, zoom: 15.25 };
    colours.value = new Set(['grey', 'green']);
    theme.value = 'light';
    expect(location.search).toBe(
      '?lang=zh&theme=light&palette=1&at=114.05812,22.53218,15.25&hide=green,grey',
    );
    navigate('/wall/440304?at=1,2,3&hide=grey');
    expect(at.value).toEqual({ lon: 1, lat: 2, zoom: 3 });
    expect(colours.value).toEqual(new Set(['grey']));
  });

  it('says nothing of what was not chosen, but always what people are used to differently', () => {
    expect(location.search).toBe('?lang=zh&theme=dark&palette=1');
    lang.value = 'en';
    expect(location.search).toBe('?lang=en&theme=dark&palette=1');
  });

  it('is kept of one screen, and shown again', () => {
    at.value = { lon: 114.05812, lat: 22.53218, zoom: 15.25 };
    colours.value = new Set(['grey']);
    const kept = stateOf('wall');
    expect(kept).toBe('at=114.05812,22.53218,15.25&hide=grey');
    expect(stateOf('wall', ['at'])).toBe('hide=grey');
    colours.value = new Set(['green']);
    theme.value = 'light';
    at.value = null;
    showState('wall', kept, ['at']);
    expect(colours.value).toEqual(new Set(['grey']));
    expect(at.value).toBeNull();
    expect(theme.value).toBe('light');
    showState('wall', '');
    expect(colours.value).toEqual(new Set());
  });

  it('keeps what belongs to every screen, and drops what belongs to the one that was left', () => {
    colours.value = new Set(['green']);
    palette.value = 2;
    navigate('/insight/440304');
    expect(search().get('palette')).toBe('2');
    expect(search().has('hide')).toBe(false);
    speed.value = 16;
    expect(search().get('speed')).toBe('16');
    navigate('/wall/440304');
    expect(search().has('speed')).toBe(false);
    expect(speed.value).toBe(1);
  });

  it('leaves alone what nobody declared yet: its screen may still be loading', () => {
    navigate('/wall/440304?later=1');
    theme.value = 'light';
    expect(search().get('later')).toBe('1');
  });

  it.each([
    'at=abc',
    'at=1,2',
    'at=999,22,14',
    'at=114,22,99',
    'hide=purple,,',
    'lang=fr',
    'theme=neon',
    'palette=7',
  ])('passes over what makes no sense: %s', (junk) => {
    navigate(`/wall/440304?${junk}`);
    const search = new URLSearchParams(location.search);
    search.sort();
    expect(search.toString()).toBe('lang=zh&palette=1&theme=dark');
  });
});

describe('codecs', () => {
  it('refuse what they did not write', () => {
    expect(flag.parse('yes')).toBeNull();
    expect(integer(0, 10).parse('11')).toBeNull();
    expect(integer(0, 10).parse('1e1')).toBeNull();
    expect(integer(-5, 10).parse('-5')).toBe(-5);
    expect(optional(integer(0, 9)).format(null)).toBe('');
    expect(optional(integer(0, 9)).parse('')).toBeNull();
  });
});
