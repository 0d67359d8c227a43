// node scripts/layer.mjs: the ONNX Runtime layer of each platform, from what npm installed. Prints their sizes.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const layers = join(root, 'layers/onnxruntime');
const contents = JSON.parse(readFileSync(join(layers, 'contents.json'), 'utf8'));

/** Copies what `layers/onnxruntime/contents.json` names, and answers with each platform's folder and unpacked bytes. */
export function buildLayers({ into = layers, limitMiB = contents.limitMiB } = {}) {
  return Object.entries(contents.platforms).map(([architecture, platform]) => {
    const folder = join(into, `linux-${architecture}`);
    rmSync(folder, { recursive: true, force: true });
    for (const [name, files] of Object.entries(contents.packages)) {
      for (const file of files) {
        const path = join(name, file.replaceAll('{platform}', platform));
        const source = join(root, 'node_modules', path);
        if (!existsSync(source))
          throw new Error(`${architecture}: there is no ${source}; is npm install complete?`);
        const target = join(folder, 'nodejs/node_modules', path);
        mkdirSync(join(target, '..'), { recursive: true });
        cpSync(source, target, {
          recursive: true,
          filter: (each) => statSync(each).isDirectory() || /\.(c?js|json|node|so(\.\d+)?)$/.test(each),
        });
      }
    }
    const bytes = bytesBelow(folder);
    if (bytes > limitMiB * 2 ** 20) {
      throw new Error(
        `the layer for ${architecture} is ${mebibytes(bytes)} unpacked; at most ${limitMiB} MiB are allowed`,
      );
    }
    return { architecture, folder, bytes };
  });
}

const bytesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);

const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { architecture, bytes } of buildLayers()) {
    process.stdout.write(`ONNX Runtime layer, linux ${architecture}: ${mebibytes(bytes)} unpacked\n`);
  }
}
