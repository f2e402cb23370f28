import { fireEvent, screen, waitFor } from '@testing-library/preact';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as s from '../../src/pages/insight/state';
import { TimeBar } from '../../src/pages/insight/TimeBar';
import { lang } from '../../src/shell/prefs';

const hour = 3_600_000;
const end = Date.UTC(2026, 10, 24, 12);

beforeEach(() => {
  lang.value = 'en';
  s.time.value = { from: end - 720 * hour, to: end };
});
afterEach(() => render(null, document.body));

const field = (label: string) => screen.getByLabelText(label) as HTMLInputElement;
const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));

describe('the time of one’s own', () => {
  it('keeps what was typed before the page had drawn the field, and follows the address', async () => {
    render(<TimeBar />, document.body); // without what a test's own would have run by now
    fireEvent.input(field('From'), { target: { value: '2026-11-21T08:00' } });
    await drawn();
    await drawn();
    expect(field('From').value).toBe('2026-11-21T08:00');
    s.time.value = { from: end - 24 * hour, to: end };
    await waitFor(() => expect(field('From').value).toBe('2026-11-23T20:00'));
  });
});
