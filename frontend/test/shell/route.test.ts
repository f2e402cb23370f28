import { describe, expect, it } from 'vitest';
import { catchLinks, navigate, parsePath, route } from '../../src/shell/route';

describe('paths', () => {
  it.each([
    ['/', { page: 'home' }],
    ['/wall/440304', { page: 'wall', area: '440304' }],
    ['/wall/44030400301204/', { page: 'wall', area: '44030400301204' }],
    ['/insight/440304003', { page: 'insight', area: '440304003' }],
    ['/b/4403040030120400001', { page: 'house', code: '4403040030120400001' }],
    ['/b/4403040030120400001000101', { page: 'house', code: '4403040030120400001000101' }],
    ['/wall/44030', { page: 'missing' }],
    ['/wall/440304/x', { page: 'missing' }],
    ['/b/440304', { page: 'missing' }],
    ['/wall', { page: 'missing' }],
    ['/other', { page: 'missing' }],
  ])('%s', (path, wanted) => {
    expect(parsePath(path)).toEqual(wanted);
  });
});

describe('links', () => {
  it('to own screens change the screen, others are left to the browser', () => {
    const stop = catchLinks();
    document.body.innerHTML = '<a id="in" href="/wall/440304003">in</a><a id="out" href="/api/docs">out</a>';
    navigate('/wall/440304');
    const click = (id: string) => {
      const event = new MouseEvent('click', { bubbles: true, cancelable: true });
      document.getElementById(id)?.dispatchEvent(event);
      return event.defaultPrevented;
    };
    expect(click('in')).toBe(true);
    expect(route.value).toEqual({ page: 'wall', area: '440304003' });
    stop();
    expect(click('in')).toBe(false);
  });
});
