// The QR reader: the browser's own where it has one, else the same in WebAssembly, served by this server.
import { BarcodeDetector as Ponyfill, prepareZXingModule } from 'barcode-detector/ponyfill';
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';

interface Detector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>;
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats?(): Promise<string[]>;
}

/** A function that reads the texts of the QR codes in a picture. */
export async function reader(): Promise<(picture: CanvasImageSource) => Promise<string[]>> {
  const native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  const formats = (await native?.getSupportedFormats?.().catch(() => [])) ?? [];
  let detector: Detector;
  if (native && formats.includes('qr_code')) {
    detector = new native({ formats: ['qr_code'] });
  } else {
    prepareZXingModule({ overrides: { locateFile: () => wasmUrl } });
    detector = new Ponyfill({ formats: ['qr_code'] }) as unknown as Detector;
  }
  return async (picture) => (await detector.detect(picture)).map((c) => c.rawValue);
}
