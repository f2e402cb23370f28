import { afterEach, describe, expect, it, vi } from 'vitest';
import { bind, bindings, keysOn, listenForKeys } from '../../src/shell/keys';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  keysOn.value = true;
  document.body.innerHTML = '';
});

function press(key: string, on: EventTarget = document.body, more: KeyboardEventInit = {}) {
  on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
}

function setUp() {
  const runs = { l: vi.fn(), help: vi.fn() };
  stops.push(
    listenForKeys(),
    bind([
      { keys: ['l'], does: () => 'list', run: runs.l },
      { keys: ['?'], does: () => 'help', run: runs.help },
    ]),
  );
  return runs;
}

describe('shortcuts', () => {
  it('run in either case, not with modifiers, and not while somebody types', () => {
    const runs = setUp();
    press('l');
    press('L');
    expect(runs.l).toHaveBeenCalledTimes(2);
    press('l', document.body, { ctrlKey: true });
    document.body.innerHTML = '<input id="i" />';
    press('l', document.getElementById('i') as HTMLElement);
    expect(runs.l).toHaveBeenCalledTimes(2);
  });

  it('run where somebody moves a slider or ticks a box, which Space is left to', () => {
    const runs = setUp();
    const space = vi.fn();
    stops.push(bind([{ keys: [' '], does: () => 'play', run: space }]));
    document.body.innerHTML = '<input type="range" id="r" /><input type="checkbox" id="c" />';
    for (const id of ['r', 'c']) {
      press('l', document.getElementById(id) as HTMLElement);
      press(' ', document.getElementById(id) as HTMLElement);
    }
    expect(runs.l).toHaveBeenCalledTimes(2);
    expect(space).toHaveBeenCalledOnce();
  });

  it('rest while a dialog lies over the page, which Escape closes', () => {
    const runs = setUp();
    document.body.innerHTML = '<dialog open><button id="b"></button></dialog>';
    const left = vi.fn();
    stops.push(bind([{ keys: ['Escape'], does: () => 'close', run: left }]));
    for (const key of ['l', 'Escape', '?']) press(key, document.getElementById('b') as HTMLElement);
    expect(runs.l).not.toHaveBeenCalled();
    expect(left).not.toHaveBeenCalled();
    expect(runs.help).toHaveBeenCalledOnce();
  });

  it('can be switched off, all but help', () => {
    const runs = setUp();
    keysOn.value = false;
    press('l');
    press('?');
    expect(runs.l).not.toHaveBeenCalled();
    expect(runs.help).toHaveBeenCalledOnce();
  });

  it('of what came last come first, and leave with it', () => {
    const runs = setUp();
    const above = vi.fn();
    const stop = bind([{ keys: ['l'], does: () => 'layers', run: above }]);
    press('l');
    expect(above).toHaveBeenCalledOnce();
    expect(runs.l).not.toHaveBeenCalled();
    stop();
    press('l');
    expect(runs.l).toHaveBeenCalledOnce();
    expect(bindings().map((b) => b.does())).toEqual(['list', 'help']);
  });
});
