// What this computer can draw. Without a GPU every frame costs the processor that everything else runs on.
import { computed } from '@preact/signals';
import { lowGraphics } from '../state';

interface Ability {
  webgl: boolean;
  software: boolean;
}

let known: Ability | undefined;

export function ability(): Ability {
  known ??= find();
  return known;
}

function find(): Ability {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return { webgl: false, software: true };
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : '';
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return { webgl: true, software: /swiftshader|llvmpipe|software|basic render/i.test(name) };
}

/** Fewer pixels, nothing that fades or moves. The URL says so, or the computer does. */
export const low = computed(() => lowGraphics.value ?? ability().software);
