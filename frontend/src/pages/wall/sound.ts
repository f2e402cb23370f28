// Sounds by kind of event, made and not loaded. A browser lets a page sound only after somebody pressed something, so
// sound is switched on at the start of a shift. An alarm repeats until somebody acknowledges it; that can be taken back
// for ten seconds. Silence is for a while, which is shown.
import { computed, signal } from '@preact/signals';
import { stored } from '../../shell/stored';
import { now } from '../../ui/now';
import type { Happening } from './happening';

export interface Alarm {
  key: string;
  h: Happening;
  since: number;
}

/** How often what nobody has acknowledged sounds again, and how long acknowledging can be taken back. */
const repeat = 15_000;
const grace = 10_000;
/** Alarms that are kept; the oldest give way, and the ticker has them all. */
const most = 20;

/** The user wants sound; the browser may want a press first. */
export const wanted = stored('wall.sound', false);
export const ready = signal(false);
export const alarms = signal<readonly Alarm[]>([]);
/** What was acknowledged a moment ago, and until when that can be taken back. */
export const acknowledged = signal<{ alarms: readonly Alarm[]; until: number } | null>(null);
const silentUntil = signal(0);

/** Milliseconds of silence that are left; 0 for none. */
export const silence = computed(() => Math.max(0, silentUntil.value - now.value.getTime()));

let audio: AudioContext | null = null;

/** Notes as frequency in hertz, beginning and length in seconds. What is worse is higher and longer. */
const tunes = {
  alarm: [
    [880, 0, 0.18],
    [660, 0.22, 0.18],
    [880, 0.44, 0.3],
  ],
  incident: [
    [660, 0, 0.14],
    [660, 0.2, 0.14],
  ],
  declaration: [[520, 0, 0.12]],
  grade: [
    [440, 0, 0.14],
    [550, 0.16, 0.2],
  ],
} as const;

export type Tune = keyof typeof tunes;

/** Which sound something makes; null for what makes none. */
export function tuneOf(h: Happening): Tune | null {
  if (h.topic === 'incident') return h.now === 'reported' ? (h.severity === 1 ? 'alarm' : 'incident') : null;
  if (h.topic === 'grade') return h.now === 'red' ? 'grade' : null;
  return h.now === 'doubtful' ? 'declaration' : null;
}

/** Must be called by a press. */
export async function enable() {
  audio ??= new AudioContext();
  await audio.resume();
  ready.value = audio.state === 'running';
  wanted.value = true;
  play('declaration');
}

export function disable() {
  wanted.value = false;
  ready.value = false;
  void audio?.suspend();
}

export function mute(minutes: number) {
  silentUntil.value = minutes === 0 ? 0 : Date.now() + minutes * 60_000;
}

function play(tune: Tune) {
  if (audio?.state !== 'running' || !wanted.value || silentUntil.value > Date.now()) return;
  const start = audio.currentTime + 0.02;
  for (const [hertz, at, length] of tunes[tune]) {
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.frequency.value = hertz;
    tone.type = 'triangle';
    // Without a slope a tone begins and ends with a click.
    gain.gain.setValueAtTime(0, start + at);
    gain.gain.linearRampToValueAtTime(0.25, start + at + 0.015);
    gain.gain.linearRampToValueAtTime(0, start + at + length);
    tone.connect(gain).connect(audio.destination);
    tone.start(start + at);
    tone.stop(start + at + length);
  }
}

/** Hears of something; what is dangerous becomes an alarm. */
export function hear(h: Happening) {
  const tune = tuneOf(h);
  if (!tune) return;
  if (tune === 'alarm') alarms.value = [{ key: h.key, h, since: Date.now() }, ...alarms.value].slice(0, most);
  play(tune);
}

export function acknowledge() {
  if (alarms.value.length === 0) return;
  acknowledged.value = { alarms: alarms.value, until: Date.now() + grace };
  alarms.value = [];
}

export function takeBack() {
  const a = acknowledged.value;
  if (!a || a.until < Date.now()) return;
  alarms.value = [...alarms.value, ...a.alarms].slice(0, most);
  acknowledged.value = null;
}

/** Repeats what nobody has acknowledged; returns what ends it. */
export function keepSounding(): () => void {
  // A browser that remembers the user's trust may let the page sound without another press.
  if (wanted.value && typeof AudioContext !== 'undefined') {
    audio ??= new AudioContext();
    ready.value = audio.state === 'running';
    audio.onstatechange = () => {
      ready.value = audio?.state === 'running';
    };
  }
  const timer = setInterval(() => {
    if (alarms.value.length > 0) play('alarm');
  }, repeat);
  return () => clearInterval(timer);
}
