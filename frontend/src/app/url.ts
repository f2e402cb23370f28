// The URL is the state: whoever gets the link sees the same view.
import { type Grade, grades } from '../map/colours';

export interface View {
  lon: number;
  lat: number;
  zoom: number;
}

export type Selection = { kind: 'building'; ref: string } | { kind: 'area'; code: string };

export interface UrlState {
  view: View | null;
  selected: Selection | null;
  hidden: Grade[];
  lang: 'zh' | 'en' | null;
  theme: 'dark' | 'light' | null;
  palette: 1 | 2;
}

export function parseUrl(search: string): UrlState {
  const p = new URLSearchParams(search);
  const lang = p.get('lang');
  const theme = p.get('theme');
  return {
    view: parseView(p.get('at')),
    selected: parseSelection(p.get('sel')),
    hidden: (p.get('hide') ?? '').split(',').filter((g): g is Grade => grades.includes(g as Grade)),
    lang: lang === 'zh' || lang === 'en' ? lang : null,
    theme: theme === 'dark' || theme === 'light' ? theme : null,
    palette: p.get('palette') === '2' ? 2 : 1,
  };
}

function parseView(text: string | null): View | null {
  const parts = (text ?? '').split(',').map(Number);
  const [lon, lat, zoom] = parts;
  if (parts.length !== 3 || lon === undefined || lat === undefined || zoom === undefined) return null;
  const sane = Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 0 && zoom <= 22;
  return sane ? { lon, lat, zoom } : null;
}

function parseSelection(text: string | null): Selection | null {
  const match = /^([ba])(\d{1,25})$/.exec(text ?? '');
  if (!match?.[2]) return null;
  return match[1] === 'b' ? { kind: 'building', ref: match[2] } : { kind: 'area', code: match[2] };
}

export function formatUrl(s: UrlState): string {
  const p = new URLSearchParams();
  if (s.view) p.set('at', `${s.view.lon.toFixed(5)},${s.view.lat.toFixed(5)},${s.view.zoom.toFixed(2)}`);
  if (s.selected) p.set('sel', s.selected.kind === 'building' ? `b${s.selected.ref}` : `a${s.selected.code}`);
  if (s.hidden.length) p.set('hide', s.hidden.join(','));
  if (s.lang) p.set('lang', s.lang);
  if (s.theme) p.set('theme', s.theme);
  if (s.palette === 2) p.set('palette', '2');
  const text = p.toString().replaceAll('%2C', ',');
  return text ? `?${text}` : '/';
}
