// One batch with sharp: as many pipelines in flight as there are CPUs, one
// libvips thread each (UV_THREADPOOL_SIZE is set by the caller).
//   node sharp.mjs TASK OUT JOBS < names, a line each
// SHARP_FROM: the folder in which sharp was installed.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';

const require = createRequire(join(process.env.SHARP_FROM, 'package.json'));
const sharp = require('sharp');
const [task, out, jobs] = process.argv.slice(2);
const files = readFileSync(0, 'utf8').split('\n').filter((name) => name);

sharp.concurrency(1);
sharp.cache(false);

const jpeg = { quality: 80, chromaSubsampling: '4:2:0' };
const fit = { fit: 'inside', withoutEnlargement: true };
const white = { background: '#ffffff' };

async function half(image) {
  const { width, height } = await image.metadata();
  return image.resize(Math.max(1, Math.round(width / 2)),
                      Math.max(1, Math.round(height / 2)), { fit: 'fill' });
}

const tasks = {
  thumb256: (i) => i.resize(256, 256, fit).jpeg(jpeg),
  web1600: (i) => i.resize(1600, 1600, fit).jpeg(jpeg),
  half: async (i) => (await half(i)).jpeg(jpeg),
  recompress: (i) => i.jpeg(jpeg),
  blur2: (i) => i.blur(2).jpeg(jpeg),
  tojpg: (i) => i.flatten(white).jpeg(jpeg),
  topng: (i) => i.png(),
  'topng-fast': (i) => i.png(),
  pnghalf: async (i) => (await half(i)).png(),
  pngthumb: (i) => i.resize(256, 256, fit).png(),
  tiny: (i) => i.resize(32, 32, fit).jpeg(jpeg),
  huge: (i) => i.resize(256, 256, fit).jpeg(jpeg),
};
const png = new Set(['topng', 'topng-fast', 'pnghalf', 'pngthumb']);

async function one(file) {
  const name = basename(file, extname(file)) + (png.has(task) ? '.png' : '.jpg');
  const image = sharp(file, { limitInputPixels: false }).rotate();
  await (await tasks[task](image)).toFile(join(out, name));
}

let next = 0, failed = 0;
async function lane() {
  while (next < files.length) {
    const file = files[next++];
    try {
      await one(file);
    } catch (error) {
      failed++;
      console.error(`${file}: ${error.message}`);
    }
  }
}
await Promise.all(Array.from({ length: Number(jobs) }, lane));
process.exit(failed ? 1 : 0);
