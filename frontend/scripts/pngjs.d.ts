declare module 'pngjs' {
  export class PNG {
    constructor(options: { width: number; height: number });
    data: Buffer;
    static sync: {
      write(png: PNG, how?: { filterType?: number; deflateLevel?: number; deflateStrategy?: number }): Buffer;
    };
  }
}
